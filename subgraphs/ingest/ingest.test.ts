import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIngestBench, type IngestBench } from './testing/ingest-bench.ts';
import { ingest, passages, search } from './testing/operations.ts';

let bench: IngestBench;
beforeAll(async () => {
  bench = await createIngestBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe('ingest', () => {
  it('makes inline text findable', async () => {
    const job = await ingest(bench, { text: 'The quick brown fox jumps over the lazy dog.', source: 'fox' });
    expect(job).toMatchObject({ state: 'SUCCEEDED', stage: 'DONE', chunksTotal: 1, chunksStored: 1 });
    const [passage] = await passages(bench, job.document.id);
    expect(passage).toMatchObject({
      text: 'The quick brown fox jumps over the lazy dog.',
      locator: { __typename: 'TextRange', start: 0, end: 44 },
    });
    const hits = await search(bench, 'brown fox');
    expect(hits.map((hit) => hit.chunkId)).toEqual([passage?.id]);
  });
});
