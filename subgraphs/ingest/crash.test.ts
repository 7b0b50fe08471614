import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually } from '../../platform/testing/eventually.ts';
import { reconcile } from './reconcile.ts';
import { createIngestBench } from './testing/ingest-bench.ts';
import { findViolations } from './testing/invariants.ts';
import { ingestRaw, passages } from './testing/operations.ts';

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

/** A worker in a process of its own, as soon as it takes jobs. */
async function startWorkerProcess(connectionString: string, directory: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./testing/crash-worker.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, connectionString, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [first] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  if (first.toString() !== 'ready\n') throw new Error(`the worker said ${first}`);
  return child;
}

it(`loses, orphans and doubles nothing in ${kills} kills`, { timeout: 300_000 }, async () => {
  const bench = await createIngestBench({ workers: 0, timing: { leaseMs: 400, pollMs: 50 } });
  const random = seeded(20_261_123);
  const latest = new Map<string, { text: string; documentId: string; jobId: string }>();
  let round = 0;

  /** Puts a few documents in: new ones and new versions, small ones and some of several batches. */
  async function putIn(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      const source = `source ${Math.floor(random() * 12)}`;
      const words = 20 + Math.floor(random() ** 3 * 60_000);
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

  for (; round < kills; round++) {
    const child = await startWorkerProcess(bench.connectionString, bench.directory);
    await putIn();
    await delay(random() * 250);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  const child = await startWorkerProcess(bench.connectionString, bench.directory);
  await eventually(
    () =>
      bench.database.forWorker(async (client) => {
        const { rows } = await client.query<{ count: number }>(
          `select (select count(*) from jobs where state in ('QUEUED', 'RUNNING')) + (select count(*) from outbox) as count`,
        );
        return rows[0]?.count === 0;
      }),
    { timeoutMs: 120_000 },
  );
  child.stdin?.end();
  await once(child, 'exit');
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
  await bench[Symbol.asyncDispose]();
});
