import type { Metrics } from '../../../platform/ports/metrics.ts';
import type { Database } from '../../../platform/postgres/database.ts';

interface Work {
  readonly queued: number;
  readonly running: number;
  readonly backlog_age: number;
  readonly outbox: number;
  readonly outbox_age: number;
  readonly deletions_age: number;
}

/** What was read is good for so long: several gauges are read with each look at the metrics. */
const freshMs = 1000;

/** Says how much work there is in the database and how long it has waited, with every look at the metrics. */
export function watchWork(metrics: Metrics, database: Database): Disposable {
  let last: { readonly atMs: number; readonly work: Promise<Work> } | undefined;

  function read(signal: AbortSignal): Promise<Work> {
    if (last === undefined || performance.now() - last.atMs > freshMs) {
      const work = readWork(database, signal);
      work.catch(() => {
        last = undefined;
      });
      last = { atMs: performance.now(), work };
    }
    return last.work;
  }

  const single = (
    name:
      | 'tributary_job_backlog_age_seconds'
      | 'tributary_outbox_entries'
      | 'tributary_outbox_age_seconds'
      | 'tributary_deletions_pending_age_seconds',
    pick: (work: Work) => number,
  ) => metrics.watch(name, async (signal) => [{ labels: {}, value: pick(await read(signal)) }]);

  const watching = [
    metrics.watch('tributary_jobs', async (signal) => {
      const { queued, running } = await read(signal);
      return [
        { labels: { state: 'QUEUED' }, value: queued },
        { labels: { state: 'RUNNING' }, value: running },
      ];
    }),
    single('tributary_job_backlog_age_seconds', (work) => work.backlog_age),
    single('tributary_outbox_entries', (work) => work.outbox),
    single('tributary_outbox_age_seconds', (work) => work.outbox_age),
    single('tributary_deletions_pending_age_seconds', (work) => work.deletions_age),
  ];
  return {
    [Symbol.dispose]: () => {
      for (const each of watching) each[Symbol.dispose]();
    },
  };
}

function readWork(database: Database, signal: AbortSignal): Promise<Work> {
  return database.forWorker(
    async (client) => {
      const { rows } = await client.query<Work>(
        `select (select count(*) from jobs where state = 'QUEUED') as queued,
                (select count(*) from jobs where state = 'RUNNING') as running,
                coalesce((select extract(epoch from now() - min(run_after)) from jobs
                          where state = 'QUEUED' and run_after <= now()), 0)::float8 as backlog_age,
                (select count(*) from outbox) as outbox,
                coalesce((select extract(epoch from now() - min(created_at)) from outbox), 0)::float8 as outbox_age,
                coalesce((select extract(epoch from now() - min(requested_at)) from deletion_receipts
                          where purged_at is null), 0)::float8 as deletions_age`,
      );
      const [work] = rows;
      if (work === undefined) throw new Error('The database did not say how much work there is.');
      return work;
    },
    { signal },
  );
}
