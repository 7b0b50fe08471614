import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { ingest } from '../testing/operations.ts';
import { keepIndexes } from './keep-indexes.ts';

let bench: IngestBench;
beforeAll(async () => {
  bench = await createIngestBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe('indexes', () => {
  it('are seen to after so many new vectors, or when no more come, and then not again', async () => {
    let times = 0;
    const vectors = Object.assign(Object.create(bench.vectors) as typeof bench.vectors, {
      optimize: async () => {
        times++;
      },
    });
    const look = (batchVectors: number, idleMs: number) =>
      keepIndexes({ ...bench, vectors, batchVectors, idleMs, everyMs: 60_000 }, new AbortController().signal);
    const minute = 60_000;
    expect(await look(1, minute)).toBe(false);
    const { chunksStored } = await ingest(bench, { text: 'lapwing '.repeat(2000) });
    expect(chunksStored).toBeGreaterThan(1);
    expect(await look(chunksStored + 1, minute)).toBe(false);
    expect(await look(chunksStored, minute)).toBe(true);
    expect(await look(1, minute)).toBe(false);
    await ingest(bench, { text: 'One more.' });
    expect(await look(10_000, minute)).toBe(false);
    expect(await look(10_000, 0)).toBe(true);
    expect(await look(1, 0)).toBe(false);
    expect(times).toBe(2);
  });
});
