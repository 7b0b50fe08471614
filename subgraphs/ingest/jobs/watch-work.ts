import type { Metrics } from '../../../platform/ports/metrics.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { type Tool, tools } from '../types.ts';

interface Work {
  readonly queued: number;
  readonly running: number;
  readonly backlog_age: number;
  readonly outbox: number;
  readonly outbox_age: number;
  readonly deletions_age: number;
  /** How many documents lack something for want of a tool; those that nothing lacks are left out. */
  readonly lacking: Partial<Readonly<Record<Tool, number>>>;
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
    metrics.watch('tributary_documents_lacking', async (signal) => {
      const { lacking } = await read(signal);
      return tools.map((tool) => ({ labels: { tool }, value: lacking[tool] ?? 0 }));
    }),
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
                          where purged_at is null), 0)::float8 as deletions_age,
                -- The condition on lacks is that of its index, which holds only documents that lack something.
                (select coalesce(jsonb_object_agg(tool, documents), '{}')
                 from (select tool, count(*) as documents
                       from document_versions v
                         join documents d on d.tenant = v.tenant and d.id = v.document_id, unnest(v.lacks) as tool
                       where v.lacks <> '{}' and d.visible_version = v.version and d.deleted_at is null
                       group by tool) each) as lacking`,
      );
      const [work] = rows;
      if (work === undefined) throw new Error('The database did not say how much work there is.');
      return work;
    },
    { signal },
  );
}
