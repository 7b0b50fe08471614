import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../platform/testing/eventually.ts';
import { createIngestSubgraph } from '../subgraph.ts';
import { createIngestBench, createTestClock, type IngestBench } from '../testing/ingest-bench.ts';
import { findViolations } from '../testing/invariants.ts';
import { finish, ingest, search } from '../testing/operations.ts';
import { reconcile } from './reconcile.ts';

const clock = createTestClock();
let bench: IngestBench;
beforeAll(async () => {
  bench = await createIngestBench({ clock });
});
afterAll(() => bench[Symbol.asyncDispose]());

describe('the reconciler', () => {
  const sweep = () => reconcile({ ...bench, blobGraceMs: 0 }, new AbortController().signal);

  it('removes what no row knows, and makes again what is missing', async () => {
    const kept = await ingest(bench, { text: 'A capybara whose vector is lost.' });
    const [hit] = await search(bench, 'capybara');
    const collection = { family: 'text', fingerprint: bench.encoder.description.fingerprint } as const;
    await bench.vectors.deleteChunks(collection, 'acme', [hit!.chunkId]);
    const record = {
      ...{
        chunkId: 'chk_00000000000000000000000000',
        tenant: 'acme',
        documentId: 'doc_00000000000000000000000000',
      },
      ...{
        modality: 'TEXT' as const,
        vector: new Float32Array(768).fill(768 ** -0.5),
        searchText: 'orphaned',
      },
      ...{
        year: null,
        author: null,
        tags: [],
        source: null,
        publishedAtMs: null,
        containsPii: false,
        metadata: {},
      },
    };
    await bench.vectors.upsert(collection, [record]);
    await bench.blobs.put(
      `documents/acme/${(0).toString(36).padStart(9, '0')}-${'ab'.repeat(12)}`,
      (async function* () {
        yield Buffer.from('orphaned');
      })(),
      { maxBytes: 100 },
    );
    expect(await sweep()).toMatchObject({ vectorsRemoved: 1, blobsRemoved: 1, documentsMended: 1 });
    await eventually(async () => (await search(bench, 'capybara')).length === 1);
    expect((await search(bench, 'capybara'))[0]?.documentId).toBe(kept.document.id);
    expect(await findViolations(bench)).toEqual([]);
  });

  it('finds nothing to do where all is well', async () => {
    await eventually(async () => {
      const { rows } = await bench.database.forWorker((client) =>
        client.query(`select from jobs where state in ('QUEUED', 'RUNNING')`),
      );
      return rows.length === 0;
    });
    expect(await sweep()).toEqual({
      vectorsRemoved: 0,
      blobsRemoved: 0,
      uploadsRemoved: 0,
      eventsRemoved: 0,
      documentsMended: 0,
    });
  });

  it('forgets the events of a job a month after it has ended, but for the last', async () => {
    const { id } = await ingest(bench, { text: 'Told step by step.' });
    const events = async () => {
      const { rows } = await bench.database.forWorker((client) =>
        client.query<{ sequence: number }>('select sequence from job_events where job_id = $1 order by 1', [
          id,
        ]),
      );
      return rows.map(({ sequence }) => sequence);
    };
    const before = await events();
    expect(before.length).toBeGreaterThan(4);
    expect((await sweep()).eventsRemoved).toBe(0);
    clock.advance(31 * 24 * 60 * 60 * 1000);
    expect((await sweep()).eventsRemoved).toBeGreaterThanOrEqual(before.length - 1);
    expect(await events()).toEqual(before.slice(-1));
    expect(await finish(bench, id)).toMatchObject({ state: 'SUCCEEDED', stage: 'DONE' });
  });

  it('does not delay the start, however long it takes', async () => {
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const vectors = Object.assign(Object.create(bench.vectors) as typeof bench.vectors, {
      collections: (signal?: AbortSignal) =>
        new Promise<never>((_, reject) => {
          begin();
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
    });
    await using slow = await createIngestSubgraph({ ...bench, vectors });
    await begun;
    expect(slow.name).toBe('ingest');
  });
});
