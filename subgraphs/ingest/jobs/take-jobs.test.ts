import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { ingestRaw } from '../testing/operations.ts';
import { takeJobs } from './jobs.ts';

let bench: IngestBench;
beforeEach(async () => {
  bench = await createIngestBench({ workers: 0 });
});
afterEach(() => bench[Symbol.asyncDispose]());

async function putIn(tenant: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const accepted = await ingestRaw(bench, { text: `Document ${index} of ${tenant}.` }, tenant);
    if (accepted.__typename !== 'IngestJob') throw new Error(accepted.message);
  }
}

/** Takes jobs as a worker does that has just come. @returns the tenants whose they are, in alphabetical order. */
async function take(limit: number, after?: string): Promise<string[]> {
  const taken = await bench.database.forWorker((client) =>
    takeJobs(client, { limit, leaseId: randomUUID(), leaseMs: 60_000, after }),
  );
  return taken.map(({ tenant }) => tenant).sort();
}

describe('tenants take turns', () => {
  it('so that the few documents of small ones do not wait for all of a big one', async () => {
    await putIn('big', 12);
    await putIn('small', 1);
    await putIn('tiny', 2);
    expect(await take(3)).toEqual(['big', 'small', 'tiny']);
    // Of each one is under way now, and the small one has nothing left.
    expect(await take(2)).toEqual(['big', 'tiny']);
    expect(await take(3)).toEqual(['big', 'big', 'big']);
  });

  it('also where the big one has taken all workers before', async () => {
    await putIn('big', 6);
    expect(await take(4)).toEqual(['big', 'big', 'big', 'big']);
    await putIn('small', 1);
    expect(await take(1)).toEqual(['small']);
  });

  it('wherever the round begins', async () => {
    for (const tenant of ['a', 'b', 'c']) await putIn(tenant, 2);
    expect(await take(3, 'b')).toEqual(['a', 'b', 'c']);
    expect(await take(3, 'z')).toEqual(['a', 'b', 'c']);
    expect(await take(3)).toEqual([]);
  });

  it('and no job is taken twice by workers that ask at the same moment', async () => {
    await putIn('big', 20);
    await putIn('small', 4);
    const taken = await Promise.all(Array.from({ length: 8 }, () => take(3)));
    expect(taken.flat().sort()).toEqual([...Array(20).fill('big'), ...Array(4).fill('small')]);
  });
});
