import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { DisposableStack } from '../../../platform/disposable-stack.ts';
import { eventually } from '../../../platform/testing/eventually.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import { createIngestBench } from '../testing/ingest-bench.ts';
import { findViolations } from '../testing/invariants.ts';
import { ingestRaw, passages } from '../testing/operations.ts';
import { WorkerProcess } from '../testing/worker-process.ts';

const kills = 50;

/** A seeded generator (mulberry32): the same seed, the same moments. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

it(`loses, orphans and doubles nothing in ${kills} kills`, { timeout: 300_000 }, async () => {
  await using bench = await createIngestBench({ workers: 0, timing: { leaseMs: 400, pollMs: 50 } });
  const random = seeded(20_261_123);
  const latest = new Map<string, { text: string; documentId: string; jobId: string }>();
  let round = 0;

  /** Puts a few documents in: new ones and new versions, small ones and some of several batches. */
  async function putIn(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      const source = `source ${Math.floor(random() * 12)}`;
      const words = 20 + Math.floor(random() ** 6 * 50_000);
      const text = Array.from({ length: words }, (_, place) => `r${round}w${place % 997}`).join(' ');
      const accepted = await ingestRaw(bench, { text: text.slice(0, 400_000), source });
      if (accepted.__typename !== 'IngestJob') throw new Error(accepted.message);
      latest.set(source, {
        text: text.slice(0, 400_000),
        documentId: accepted.document.id,
        jobId: accepted.id,
      });
    }
  }

  const count = (query: string) =>
    bench.database.forWorker(async (client) => {
      const { rows } = await client.query<{ count: number }>(`select (${query}) as count`);
      return rows[0]?.count ?? 0;
    });
  const happened = () => count('select count(*) from job_events');
  const open = () =>
    count(`(select count(*) from jobs where state in ('QUEUED', 'RUNNING')) + (select count(*) from outbox)`);

  await using stack = new DisposableStack();
  const standBy = () => stack.use(new WorkerProcess(bench.connectionString, bench.directory));
  let next = standBy();
  for (; round < kills; round++) {
    const worker = next;
    next = standBy();
    await worker.begin();
    const before = await happened();
    await putIn();
    // A seeded number of changes further on, however fast this machine is, and at any moment behind the last one.
    const changes = Math.floor(random() * 16);
    await eventually(async () => (await happened()) >= before + changes || (await open()) === 0);
    await delay(random() * 20);
    await worker.kill();
  }

  await next.begin();
  await eventually(async () => (await open()) === 0, { timeoutMs: 120_000 });
  await next.kill();
  // The worker's own sweep ran beside all this; this one sees the end of it.
  await reconcile({ ...bench, blobGraceMs: 0 }, new AbortController().signal);
  await reconcile({ ...bench, blobGraceMs: 0 }, new AbortController().signal);
  expect(await findViolations(bench)).toEqual([]);

  // Nothing that was acknowledged is lost: the newest content of each source is what is found.
  for (const { text, documentId, jobId } of latest.values()) {
    const { ingestJob } = await bench.run<{ ingestJob: { state: string; document: { state: string } } }>(
      'query ($id: ID!) { ingestJob(id: $id) { state document { state } } }',
      { id: jobId },
    );
    expect(ingestJob).toEqual({ state: 'SUCCEEDED', document: { state: 'SEARCHABLE' } });
    const [first] = await passages(bench, documentId);
    expect(text.startsWith(first!.text)).toBe(true);
  }
});
