import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSharpPictureDecoder } from '../../../platform/pictures/sharp-picture-decoder.ts';
import type { Encoder } from '../../../platform/ports/encoder.ts';
import type { VectorStore } from '../../../platform/ports/vector-store.ts';
import { createColourEncoder } from '../../../platform/testing/colour-encoder.ts';
import { eventually } from '../../../platform/testing/eventually.ts';
import { createHashEncoder } from '../../../platform/testing/hash-encoder.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import { createIngestBench, createTestClock, type IngestBench } from '../testing/ingest-bench.ts';
import { findViolations } from '../testing/invariants.ts';
import { finish, ingest, upload } from '../testing/operations.ts';
import { sweepTiers } from './sweep-tiers.ts';

const dayMs = 24 * 60 * 60 * 1000;
const coldAfterDays = 30;
const signal = new AbortController().signal;

let clock: ReturnType<typeof createTestClock>;
let bench: IngestBench;
beforeEach(async () => {
  clock = createTestClock();
  bench = await createIngestBench({ clock });
});
afterEach(() => bench[Symbol.asyncDispose]());

const sweep = (vectors: VectorStore = bench.vectors, days = coldAfterDays) =>
  sweepTiers({ ...bench, vectors }, { coldAfterDays: days }, signal);

/** Lets so much time pass that documents of before are due, with a sweep on the way that begins to count. */
async function letDaysPass(): Promise<void> {
  await sweep();
  clock.advance((coldAfterDays - 1) * dayMs);
  await sweep();
  clock.advance(2 * dayMs);
}

/** Says that a search has shown documents today, as retrieval does. */
const show = (...documentIds: string[]) =>
  bench.database.forTenant('acme', (client) =>
    client.query(
      `insert into document_use (tenant, document_id, shown_on) select 'acme', unnest($1::text[]), $2::date
       on conflict (tenant, document_id) do update set shown_on = excluded.shown_on`,
      [documentIds, new Date(clock.now()).toISOString().slice(0, 10)],
    ),
  );

/** The documents that have vectors in a tier. */
async function inTier(tier: 'hot' | 'cold', encoder: Encoder = bench.encoder): Promise<string[]> {
  const collection = { family: 'text', fingerprint: encoder.description.fingerprint, tier } as const;
  const ids = new Set<string>();
  for await (const { documentId } of bench.vectors.listChunks(collection, null)) ids.add(documentId);
  return [...ids].sort();
}

async function rowOf(id: string) {
  const { rows } = await bench.database.forWorker((client) =>
    client.query<{ tier: string; moving: boolean; cold: number; epoch: string }>(
      `select tier, two_tiers_since is not null as moving, cold_documents as cold, epoch::text
       from documents join corpus_epochs using (tenant) where id = $1`,
      [id],
    ),
  );
  return rows[0];
}

/** Waits until every job has ended. */
const finishJobs = () =>
  eventually(async () => {
    const { rowCount } = await bench.database.forWorker((client) =>
      client.query(`select from jobs where state in ('QUEUED', 'RUNNING') union all select from outbox`),
    );
    return rowCount === 0;
  });

const idOf = async (text: string) => (await ingest(bench, { text })).document.id;

/** A cold document, in one tier alone. */
async function coldDocument(text: string): Promise<string> {
  const id = await idOf(text);
  await letDaysPass();
  await sweep();
  clock.advance(100_000);
  await sweep();
  expect(await inTier('hot')).not.toContain(id);
  return id;
}

/** A vector store that fails at the call of a method after so many of it. */
function failing(method: 'upsert' | 'deleteChunks' | 'vectors', after: number): VectorStore {
  let calls = 0;
  return new Proxy(bench.vectors, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        if (key === method && calls++ >= after) throw new Error(`${method} does not come to its end`);
        return Reflect.apply(value, target, given);
      };
    },
  });
}

describe('the sweep of tiers', () => {
  it('moves what no search has shown to the cold tier, and leaves the rest', async () => {
    const [old, shown] = [await idOf('An old manual of pumps.'), await idOf('A manual that is in use.')];
    await letDaysPass();
    const fresh = await idOf('A manual of today.');
    await show(shown);
    // The clock of the database stands still; what was changed just now is made to have been.
    await bench.database.forWorker((client) =>
      client.query('update documents set updated_at = $2 where id = $1', [fresh, new Date(clock.now())]),
    );
    const before = await rowOf(old);
    expect(await sweep()).toEqual({ cooled: 1, warmed: 0, left: 0 });
    expect(await rowOf(old)).toMatchObject({ tier: 'COLD', moving: true, cold: 1 });
    expect(Number((await rowOf(old))?.epoch)).toBeGreaterThan(Number(before?.epoch));
    expect(await inTier('cold')).toEqual([old]);
    // Searches that began before find it where it was.
    expect(await inTier('hot')).toEqual([old, shown, fresh].sort());
    expect(await findViolations(bench)).toEqual([]);
    clock.advance(100_000);
    expect(await sweep()).toEqual({ cooled: 0, warmed: 0, left: 1 });
    expect(await inTier('hot')).toEqual([shown, fresh].sort());
    expect(await rowOf(old)).toMatchObject({ tier: 'COLD', moving: false });
    expect(await findViolations(bench)).toEqual([]);
  });

  it('moves back what a search has shown, and all where there is to be no cold tier any more', async () => {
    const [one, two] = [await idOf('One manual.'), await idOf('Another manual.')];
    await letDaysPass();
    await sweep();
    clock.advance(100_000);
    expect(await sweep()).toEqual({ cooled: 0, warmed: 0, left: 2 });
    await show(one);
    expect(await sweep()).toEqual({ cooled: 0, warmed: 1, left: 0 });
    expect(await rowOf(one)).toMatchObject({ tier: 'HOT', cold: 1 });
    clock.advance(100_000);
    expect(await sweep(bench.vectors, 0)).toEqual({ cooled: 0, warmed: 1, left: 1 });
    expect(await rowOf(two)).toMatchObject({ tier: 'HOT', cold: 0 });
    clock.advance(100_000);
    await sweep(bench.vectors, 0);
    expect(await inTier('cold')).toEqual([]);
    expect(await inTier('hot')).toEqual([one, two].sort());
    expect(await findViolations(bench)).toEqual([]);
  });

  it('counts from when it is turned on: what was shown before is not known', async () => {
    await idOf('A manual.');
    clock.advance(400 * dayMs);
    expect(await sweep()).toMatchObject({ cooled: 0 });
    clock.advance(29 * dayMs);
    expect(await sweep()).toMatchObject({ cooled: 0 });
    // It was turned off for long.
    clock.advance(100 * dayMs);
    expect(await sweep()).toMatchObject({ cooled: 0 });
    clock.advance(29 * dayMs);
    expect(await sweep()).toMatchObject({ cooled: 0 });
    clock.advance(2 * dayMs);
    expect(await sweep()).toMatchObject({ cooled: 1 });
  });

  it.each([
    ['vectors', 0],
    ['upsert', 0],
    ['deleteChunks', 0],
  ] as const)('goes on where a sweep ended in %s', async (method, after) => {
    const ids = [await idOf('One manual.'), await idOf('Another manual.')].sort();
    await letDaysPass();
    const vectors = failing(method, after);
    const outcomes: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      outcomes.push(await sweep(vectors).catch((error: unknown) => error));
      // Each document is in the tier that its row says, whatever happened.
      expect(await findViolations(bench)).toEqual([]);
      clock.advance(100_000);
    }
    expect(outcomes.some((outcome) => outcome instanceof Error)).toBe(true);
    for (let round = 0; round < 3; round++) {
      await sweep();
      clock.advance(100_000);
    }
    expect([await inTier('hot'), await inTier('cold')]).toEqual([[], ids]);
    expect(await findViolations(bench)).toEqual([]);
  });

  it('leaves a document where it is that changes while it is copied, and nothing of one that is deleted', async () => {
    const [changed, deleted] = [await idOf('One manual.'), await idOf('Another manual.')];
    await letDaysPass();
    const vectors = new Proxy(bench.vectors, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]) => {
          if (key === 'upsert') {
            await bench.database.forWorker((client) =>
              client.query('update documents set updated_at = now() where id = $1', [changed]),
            );
            await bench.run('mutation ($id: ID!) { deleteDocument(id: $id) { __typename } }', {
              id: deleted,
            });
            await eventually(async () => !(await inTier('hot')).includes(deleted));
          }
          return Reflect.apply(value, target, given);
        };
      },
    });
    expect(await sweep(vectors)).toMatchObject({ cooled: 0 });
    expect(await rowOf(changed)).toMatchObject({ tier: 'HOT', moving: true, cold: 0 });
    expect(await inTier('cold')).toEqual([changed]);
    clock.advance(100_000);
    await sweep();
    expect(await rowOf(changed)).toMatchObject({ tier: 'COLD' });
  });
});

describe('a cold document', () => {
  const receipt = `mutation ($id: ID!) { deleteDocument(id: $id) {
    ... on DeletionReceipt { stores { store removed } } } }`;

  it('is deleted like any other, and is not counted as cold any more', async () => {
    const id = await coldDocument('A manual.');
    expect(await rowOf(id)).toMatchObject({ cold: 1 });
    await bench.run(receipt, { id });
    await eventually(async () => (await inTier('cold')).length === 0);
    expect(await rowOf(id)).toMatchObject({ cold: 0 });
  });

  it('is updated where it is, and comes back with a new version', async () => {
    const id = await coldDocument('A manual of pumps.');
    const { updateDocument } = await bench.run<{ updateDocument: { id: string } }>(
      `mutation ($id: ID!) { updateDocument(input: { id: $id, attributes: { title: "Another title" } }) { ... on IngestJob { id } } }`,
      { id },
    );
    await finish(bench, updateDocument.id);
    expect([await inTier('hot'), await inTier('cold')]).toEqual([[], [id]]);
    const { updateDocument: second } = await bench.run<{ updateDocument: { id: string } }>(
      `mutation ($id: ID!) { updateDocument(input: { id: $id, text: "Another text." }) { ... on IngestJob { id } ... on Problem { message } } }`,
      { id },
    );
    await finish(bench, second.id);
    expect(await rowOf(id)).toMatchObject({ tier: 'HOT', cold: 0 });
    expect(await inTier('hot')).toEqual([id]);
    await eventually(async () => (await inTier('cold')).length === 0);
    clock.advance(100_000);
    await sweep();
    expect(await findViolations(bench)).toEqual([]);
  });

  it('is mended in its tier, and what is in another is removed', async () => {
    const id = await coldDocument('A manual of pumps.');
    const collection = { family: 'text', fingerprint: bench.encoder.description.fingerprint } as const;
    const cold = { ...collection, tier: 'cold' } as const;
    const chunks: string[] = [];
    for await (const { chunkId } of bench.vectors.listChunks(cold, null)) chunks.push(chunkId);
    await bench.vectors.deleteChunks(cold, 'acme', chunks);
    await bench.vectors.upsert(collection, [
      {
        ...{
          chunkId: chunks[0] ?? '',
          tenant: 'acme',
          documentId: id,
          modality: 'TEXT',
          searchText: 'astray',
        },
        ...{
          vector: new Float32Array(768).fill(768 ** -0.5),
          year: null,
          author: null,
          tags: [],
          source: null,
        },
        ...{ publishedAtMs: null, containsPii: false, metadata: {} },
      },
    ]);
    const compare = () => reconcile({ ...bench, blobGraceMs: 0 }, signal);
    expect(await compare()).toMatchObject({ vectorsRemoved: 1 });
    clock.advance(2 * dayMs);
    await compare();
    await eventually(async () => (await inTier('cold')).length === 1);
    expect(await inTier('hot')).toEqual([]);
    await finishJobs();
    // What jobs told on their way is forgotten after a month.
    const violations = await findViolations(bench);
    expect(violations.filter((violation) => !violation.startsWith('the events of'))).toEqual([]);
  });
});

describe('with two encoders', () => {
  it('moves the vectors of both', async () => {
    const next = createHashEncoder({ model: 'next' });
    const id = await idOf('A manual of pumps.');
    const collection = { family: 'text', fingerprint: next.description.fingerprint } as const;
    const [vector] = await next.encode(['A manual of pumps.'], 'passage');
    for await (const { chunkId } of bench.vectors.listChunks(
      { family: 'text', fingerprint: bench.encoder.description.fingerprint },
      null,
    )) {
      await bench.vectors.upsert(collection, [
        {
          ...{ chunkId, tenant: 'acme', documentId: id, modality: 'TEXT', searchText: 'A manual of pumps.' },
          ...{ vector: vector ?? new Float32Array(768), year: null, author: null, tags: [], source: null },
          ...{ publishedAtMs: null, containsPii: false, metadata: {} },
        },
      ]);
    }
    await bench.database.forWorker((client) =>
      client.query('update chunks set encoded_by = array[fingerprint, $1]', [collection.fingerprint]),
    );
    await letDaysPass();
    await sweep();
    clock.advance(100_000);
    await sweep();
    for (const encoder of [bench.encoder, next]) {
      expect([await inTier('hot', encoder), await inTier('cold', encoder)]).toEqual([[], [id]]);
    }
    expect(await findViolations(bench)).toEqual([]);
  });
});

describe('a document with pictures', () => {
  it('becomes cold with them, and comes back, without a picture being encoded again', async () => {
    let encoded = 0;
    const visualEncoder = createColourEncoder({ onPictures: (count) => (encoded += count) });
    await using pictures = createSharpPictureDecoder();
    await bench[Symbol.asyncDispose]();
    bench = await createIngestBench({ clock, pictures, visualEncoder });
    const png = await sharp({ create: { width: 60, height: 40, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const uploadId = await upload(bench, 'red.png', new Uint8Array(png));
    const { document } = await ingest(bench, { uploadId });
    const made = encoded;
    await letDaysPass();
    expect(await sweep()).toMatchObject({ cooled: 1 });
    clock.advance(100_000);
    await sweep();
    const space = { family: 'image', fingerprint: visualEncoder.description.fingerprint } as const;
    const [vector] = await visualEncoder.encodeTexts(['red']);
    const found = async (tier: 'hot' | 'cold') =>
      await bench.vectors.searchDense({
        ...{ collection: { ...space, tier }, tenant: 'acme', filter: null, limit: 5 },
        vector: vector ?? new Float32Array(768),
      });
    expect([(await found('hot')).length, (await found('cold')).length]).toEqual([0, 1]);
    expect(await findViolations(bench)).toEqual([]);
    await show(document.id);
    expect(await sweep()).toMatchObject({ warmed: 1 });
    clock.advance(100_000);
    await sweep();
    expect([(await found('hot')).length, (await found('cold')).length]).toEqual([1, 0]);
    expect(await findViolations(bench)).toEqual([]);
    expect(encoded).toBe(made);
  });
});
