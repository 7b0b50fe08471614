import sharp from 'sharp';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { createSharpPictureDecoder } from '../../../platform/pictures/sharp-picture-decoder.ts';
import type { TextReader } from '../../../platform/ports/text-reader.ts';
import type { VectorStore } from '../../../platform/ports/vector-store.ts';
import type { VisualEncoder } from '../../../platform/ports/visual-encoder.ts';
import { createColourEncoder } from '../../../platform/testing/colour-encoder.ts';
import { eventually } from '../../../platform/testing/eventually.ts';
import { createHashEncoder } from '../../../platform/testing/hash-encoder.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import { startWorking } from '../start-working.ts';
import { createIngestBench, createTestClock, type IngestBench } from '../testing/ingest-bench.ts';
import { findViolations } from '../testing/invariants.ts';
import { finish, ingest, search, upload } from '../testing/operations.ts';
import { makeUpFor } from './make-up-for.ts';

const { signal } = new AbortController();
const pictures = createSharpPictureDecoder();
afterAll(() => pictures[Symbol.asyncDispose]());

const readerOf = (texts: readonly string[]): TextReader => ({
  description: { model: texts.join(), fingerprint: `reader-${texts.length}`, executionProvider: 'cpu' },
  async read() {
    const box = { left: 0.1, top: 0.1, width: 0.5, height: 0.1 };
    return texts.map((text, index) => ({ text, box: { ...box, top: index / 10 }, confidence: 0.9 }));
  },
  async [Symbol.asyncDispose]() {},
});
const readsNothing = readerOf([]);

let texts = 0;
let bench: IngestBench;
let clock: ReturnType<typeof createTestClock>;
beforeEach(async () => {
  const encoder = createHashEncoder();
  clock = createTestClock();
  texts = 0;
  bench = await createIngestBench({
    clock,
    workers: 0,
    pictures,
    textReader: readsNothing,
    encoder: {
      ...encoder,
      encode(passages, purpose, aborted) {
        if (purpose === 'passage') texts += passages.length;
        return encoder.encode(passages, purpose, aborted);
      },
    },
  });
});
afterEach(() => bench[Symbol.asyncDispose]());

const work = (visualEncoder: VisualEncoder | null) =>
  startWorking({ ...bench, visualEncoder, workers: 2, timing: { pollMs: 50 } });

/** A technical drawing: its picture, its edges and its words are stored. */
const drawing = Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><rect width="400" height="300" fill="white"/><g fill="none" stroke="red" stroke-width="4"><rect x="40" y="40" width="120" height="200"/><path d="M160 140 H360 V260"/></g></svg>`,
);

async function put(attributes: Record<string, unknown> = {}) {
  const bytes = await sharp(drawing).png().toBuffer();
  const uploadId = await upload(bench, 'cooling-loop.png', new Uint8Array(bytes));
  const job = await ingest(bench, { uploadId, attributes: { title: 'Cooling loop', ...attributes } });
  expect(job).toMatchObject({ state: 'SUCCEEDED' });
  return job.document.id;
}

const seen = async (id: string) => {
  const { document } = await bench.run<{
    document: {
      state: string;
      gaps: { code: string }[];
      chunks: { totalCount: number; nodes: { id: string; modality: string }[] };
    };
  }>(
    'query ($id: ID!) { document(id: $id) { state gaps { code } chunks(first: 50) { totalCount nodes { id modality } } } }',
    { id },
  );
  return document;
};

interface Row {
  readonly id: string;
  readonly family: string;
  readonly view_of: string | null;
  readonly preview_key: string | null;
  readonly encoders: string[];
}
const rows = () =>
  bench.database.forWorker(async (client) => {
    const result = await client.query<Row>(
      'select id, family, view_of, preview_key, coalesce(encoded_by, array[fingerprint]) as encoders from chunks order by id',
    );
    return result.rows;
  });

/** Waits until every job and all of the outbox is done. */
const settled = () =>
  eventually(async () => {
    const { rowCount } = await bench.database.forWorker((client) =>
      client.query(`select from jobs where state in ('QUEUED', 'RUNNING') union all select from outbox`),
    );
    return rowCount === 0;
  });
const jobs = async () => {
  const result = await bench.database.forWorker((client) =>
    client.query<{ state: string; needs: string[] }>('select state, needs from jobs order by created_at'),
  );
  return result.rows;
};

const sweep = () => reconcile({ ...bench, blobGraceMs: 0 }, signal);
const nothing = { vectorsRemoved: 0, blobsRemoved: 0, documentsMended: 0 };

/** The pictures' vectors, with what is said of their documents. */
async function findPictures({ description }: VisualEncoder, year: number | null) {
  const found = await bench.vectors.searchDense({
    collection: { family: 'image', fingerprint: description.fingerprint },
    tenant: 'acme',
    filter: year === null ? null : { kind: 'yearRange', from: year, to: year },
    limit: 10,
    vector: (await createColourEncoder().encodeTexts(['red'], signal))[0] ?? new Float32Array(768),
  });
  return found.map(({ chunkId }) => chunkId);
}

it('encodes pictures by itself once there is an encoder, and anew once there is another, and nothing else', async () => {
  let encoded = 0;
  const onPictures = (count: number) => (encoded += count);
  const first = createColourEncoder({ onPictures });
  const second = createColourEncoder({ onPictures, model: 'other colours' });

  const without = await work(null);
  const id = await put();
  const before = await rows();
  expect(before.filter(({ family }) => family === 'image').length).toBeGreaterThan(1);
  expect(await seen(id)).toMatchObject({ state: 'PARTIAL', gaps: [{ code: 'ENCODER_MISSING' }] });
  expect(await search(bench, 'cooling')).not.toEqual([]);
  expect(await findViolations(bench)).toEqual([]);
  const textsBefore = texts;
  // A worker that has no encoder adds no job, and takes none that needs one.
  expect(await makeUpFor({ ...bench, visualEncoder: null }, signal)).toBe(0);
  expect(await makeUpFor({ ...bench, visualEncoder: first }, signal)).toBe(1);
  expect(await makeUpFor({ ...bench, visualEncoder: first }, signal)).toBe(0);
  await finish(bench, (await ingest(bench, { text: 'Another one.' })).id);
  expect((await jobs()).filter(({ state }) => state === 'QUEUED')).toEqual([
    { state: 'QUEUED', needs: ['visual-encoder'] },
  ]);
  await without[Symbol.asyncDispose]();

  const shown = before.filter(({ family }) => family === 'image').length;
  const withFirst = await work(first);
  await settled();
  expect((await seen(id)).gaps).toEqual([]);
  expect((await seen(id)).state).toBe('SEARCHABLE');
  expect([encoded, texts - textsBefore]).toEqual([shown, 1]);
  const after = (await rows()).filter((row) => before.some((old) => old.id === row.id));
  expect(after.map(({ id, preview_key }) => [id, preview_key])).toEqual(
    before.map(({ id, preview_key }) => [id, preview_key]),
  );
  expect(await findPictures(first, null)).not.toEqual([]);
  expect(await findViolations(bench)).toEqual([]);
  await withFirst[Symbol.asyncDispose]();

  const withSecond = await work(second);
  await eventually(async () => (await findPictures(second, null)).length > 0);
  await settled();
  expect([encoded, texts - textsBefore]).toEqual([2 * shown, 1]);
  // Nothing is left in the space that it was in, and nothing goes back and forth.
  expect(await findPictures(first, null)).toEqual([]);
  expect(await findViolations(bench)).toEqual([]);
  expect(await makeUpFor({ ...bench, visualEncoder: second }, signal)).toBe(0);
  expect(await sweep()).toMatchObject(nothing);
  await withSecond[Symbol.asyncDispose]();
}, 60_000);

it('lists passages without their other views, changes what is said of pictures, mends them, and removes all of them', async () => {
  let encoded = 0;
  const encoder = createColourEncoder({ onPictures: (count) => (encoded += count) });
  await using _work = await work(encoder);
  const id = await put({ year: 1999 });
  const all = await rows();
  const { chunks } = await seen(id);
  const passages = all.filter(({ view_of }) => view_of === null);
  expect(passages.length).toBeLessThan(all.length);
  expect(chunks.totalCount).toBe(passages.length);
  expect(chunks.nodes.map((node) => node.id).sort()).toEqual(passages.map((row) => row.id).sort());

  const made = encoded;
  await bench.run(
    'mutation ($id: ID!) { updateDocument(input: { id: $id, attributes: { year: 2024, title: "Loop" } }) { __typename } }',
    { id },
  );
  await settled();
  expect(await findPictures(encoder, 1999)).toEqual([]);
  const whole = await findPictures(encoder, 2024);
  expect(whole).toHaveLength(1);
  expect(encoded).toBe(made);

  const collection = { family: 'image', fingerprint: encoder.description.fingerprint } as const;
  const vector = (await bench.vectors.vectors(collection, 'acme', whole)).get(whole[0] ?? '');
  await bench.vectors.deleteChunks(collection, 'acme', whole);
  expect(await sweep()).toMatchObject({ documentsMended: 1 });
  await settled();
  expect(await findPictures(encoder, 2024)).toEqual(whole);
  expect((await bench.vectors.vectors(collection, 'acme', whole)).get(whole[0] ?? '')).toEqual(vector);
  expect(await findViolations(bench)).toEqual([]);
  // What is shown of passages is referred to, and so it stays.
  clock.advance(60_000);
  expect(await sweep()).toMatchObject(nothing);

  const { deleteDocument } = await bench.run<{ deleteDocument: { id: string } }>(
    'mutation ($id: ID!) { deleteDocument(id: $id) { ... on DeletionReceipt { id } } }',
    { id },
  );
  await settled();
  const { deletionReceipt } = await bench.run<{
    deletionReceipt: { purgedAt: string | null; stores: { store: string; removed: number }[] };
  }>('query ($id: ID!) { deletionReceipt(id: $id) { purgedAt stores { store removed } } }', {
    id: deleteDocument.id,
  });
  expect(deletionReceipt.purgedAt).not.toBeNull();
  const removed = new Map(deletionReceipt.stores.map((each) => [each.store, each.removed]));
  expect(removed.get('vectors')).toBe(all.length);
  expect(removed.get('blobs')).toBe(1 + all.filter(({ preview_key }) => preview_key !== null).length);
  expect(await rows()).toEqual([]);
  expect(await findViolations(bench)).toEqual([]);
}, 60_000);

it('shows what was found anew in a version at once and not before, while it is gone through again', async () => {
  await bench[Symbol.asyncDispose]();
  bench = await createIngestBench({ workers: 0, pictures });
  const visible = () =>
    bench.database.forWorker(async (client) => {
      const result = await client.query<{ text: string | null }>(
        'select text from visible_chunks order by ordinal',
      );
      return result.rows.map(({ text }) => text);
    });
  const visualEncoder = createColourEncoder();
  const first = await startWorking({ ...bench, visualEncoder, workers: 1, timing: { pollMs: 50 } });
  await put();
  await first[Symbol.asyncDispose]();
  const before = await visible();

  const during: (string | null)[][] = [];
  const vectors = new Proxy(bench.vectors, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'upsert') return value.bind(target);
      return async (...given: Parameters<VectorStore['upsert']>) => {
        await target.upsert(...given);
        during.push(await visible());
      };
    },
  });
  const textReader = readerOf(['COOLANT RETURN', 'VALVE XV-4711']);
  await using _again = await startWorking({
    ...{ ...bench, visualEncoder, textReader, vectors, workers: 1, timing: { pollMs: 50 } },
  });
  await eventually(async () => (await visible()).includes('VALVE XV-4711'));
  await settled();
  expect(during.length).toBeGreaterThan(0);
  for (const each of during) expect(each).toEqual(before);
  expect((await visible()).length).toBeGreaterThan(before.length);
  expect(await findViolations(bench)).toEqual([]);
}, 60_000);
