import type { PoolClient } from 'pg';
import type { IngestEventModel, IngestJobModel } from '../models.ts';

/** The channel on which a job's id is told when there is work to do. */
export const jobsChannel = 'tributary_jobs';
/** The channel on which `tenant/id` of a job is told when something happened to it. */
export const jobEventsChannel = 'tributary_job_events';

/** A job that a worker has taken, with the lease that it writes under. */
export interface TakenJob {
  readonly tenant: string;
  readonly id: string;
  readonly documentId: string;
  readonly version: number;
  readonly kind: 'CONTENT' | 'ATTRIBUTES';
  readonly attempts: number;
  readonly failures: number;
  readonly leaseId: string;
}

/** The lease is not the worker's any more: the job was cancelled, or another worker has taken it over. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

interface JobRow {
  readonly tenant: string;
  readonly id: string;
  readonly document_id: string;
  readonly version: number;
  readonly kind: 'CONTENT' | 'ATTRIBUTES';
  readonly state: IngestJobModel['state'];
  readonly stage: IngestJobModel['stage'];
  readonly duplicate: boolean;
  readonly chunks_total: number;
  readonly chunks_stored: number;
  readonly attempts: number;
  readonly failures: number;
  readonly error: { code: string; message: string } | null;
  readonly created_at: Date | string;
  readonly finished_at: Date | string | null;
}

/** A job as the database, or an event of it, holds it. */
export const toJob = (row: JobRow): IngestJobModel => ({
  tenant: row.tenant,
  id: row.id,
  documentId: row.document_id,
  state: row.state,
  stage: row.stage,
  duplicate: row.duplicate,
  chunksTotal: row.chunks_total,
  chunksStored: row.chunks_stored,
  attempts: row.attempts,
  error: row.error,
  createdAt: new Date(row.created_at),
  finishedAt: row.finished_at === null ? null : new Date(row.finished_at),
});

/** Writes an event with every job that `change` gives, as it stands after the change, and tells of it. */
const withEvents = (change: string): string => `
  with changed as (${change}),
  event as (
    insert into job_events (tenant, job_id, sequence, job)
    select tenant, id, events, to_jsonb(changed) - 'lease_id' - 'lease_until' from changed
  ),
  told as (select pg_notify('${jobEventsChannel}', tenant || '/' || id) from changed)
  select changed.*, (select count(*) from told) as told from changed`;

/** What of a job changes; what is left out stays. */
export interface JobChange {
  readonly state?: IngestJobModel['state'];
  readonly stage?: IngestJobModel['stage'];
  readonly chunksTotal?: number;
  readonly chunksStored?: number;
  readonly error?: { readonly code: string; readonly message: string };
  /** Counted with the failures, and not tried again for so long. */
  readonly retryAfterMs?: number;
}

/** Adds a job, waiting or already ended, with its first event. */
export async function insertJob(
  client: PoolClient,
  job: {
    readonly tenant: string;
    readonly id: string;
    readonly documentId: string;
    readonly version: number;
    readonly kind: 'CONTENT' | 'ATTRIBUTES';
    readonly duplicate: boolean;
    readonly ended: boolean;
    /** What a worker should have to take it; any may, by default. */
    readonly needs?: readonly string[];
  },
): Promise<IngestJobModel> {
  const { rows } = await client.query<JobRow>(
    withEvents(`
      insert into jobs (tenant, id, document_id, version, kind, duplicate, state, stage, finished_at, events, needs)
      values ($1, $2, $3, $4, $5, $6, case when $7 then 'SUCCEEDED' else 'QUEUED' end,
              case when $7 then 'DONE' else 'QUEUED' end, case when $7 then now() end, 1, $8)
      returning *`),
    [
      ...[job.tenant, job.id, job.documentId, job.version, job.kind, job.duplicate, job.ended],
      job.needs ?? [],
    ],
  );
  if (!job.ended) await client.query('select pg_notify($1, $2)', [jobsChannel, job.id]);
  return toJob(only(rows));
}

/** So many minutes a job waits for a worker that has what it needs; then any takes it, so that it holds nothing up. */
const needsMinutes = 10;

/** So many tenants are looked at to take jobs; with more of them the next call goes on behind the last one. */
const tenantsAtOnce = 256;

/**
 * Takes up to `limit` jobs that wait, or whose worker has not been heard of for the time of its lease. Tenants take
 * turns: who has the fewest jobs under way comes first, so that many documents of one do not hold up the few of
 * others. One document has one job at a time, the oldest first.
 *
 * @param options.after the tenant that was looked at last, where there are more of them than are looked at at once.
 */
export async function takeJobs(
  client: PoolClient,
  options: {
    readonly limit: number;
    readonly leaseId: string;
    readonly leaseMs: number;
    readonly after?: string | undefined;
    /** Whether content is taken, too, which takes the encoder that serves; it is by default. */
    readonly content?: boolean;
    /** What this worker has, for the jobs that need it. */
    readonly abilities?: readonly string[];
  },
): Promise<TakenJob[]> {
  const { rows } = await client.query<JobRow>(
    withEvents(`
      with recursive waiting (tenant, first, place) as (
        -- One step in the index for each tenant, however many jobs it has.
        select tenant, tenant, 1 from (select coalesce(
          (select tenant from jobs where state in ('QUEUED', 'RUNNING') and tenant > $4 order by tenant limit 1),
          (select tenant from jobs where state in ('QUEUED', 'RUNNING') order by tenant limit 1)) as tenant) as start
        where tenant is not null
        union all
        select next.tenant, first, place + 1 from waiting cross join lateral (select coalesce(
          (select tenant from jobs where state in ('QUEUED', 'RUNNING') and tenant > waiting.tenant
           order by tenant limit 1),
          (select tenant from jobs where state in ('QUEUED', 'RUNNING') order by tenant limit 1)) as tenant) as next
        where next.tenant <> first and place < $5),
      candidate as materialized (
        select job.tenant, job.id, job.run_after,
               row_number() over (partition by job.tenant order by job.run_after) + running.count as turn
        from waiting
        cross join lateral (
          select count(*) from jobs
          where tenant = waiting.tenant and state = 'RUNNING' and lease_until >= now()) as running (count)
        cross join lateral (
          select tenant, id, run_after from jobs as job
          where job.tenant = waiting.tenant and state in ('QUEUED', 'RUNNING') and run_after <= now()
            and (state = 'QUEUED' or lease_until < now()) and ($6 or kind <> 'CONTENT')
            and (needs <@ $7 or created_at < now() - $8 * interval '1 minute')
            and not exists (
              select from jobs older
              where older.tenant = job.tenant and older.document_id = job.document_id
                and older.state in ('QUEUED', 'RUNNING')
                and (older.created_at, older.id) < (job.created_at, job.id))
          -- More than are wanted: other workers take some of them in this moment.
          order by run_after limit $1 + 64) as job),
      free as materialized (
        select tenant, id from candidate join jobs using (tenant, id)
        where state in ('QUEUED', 'RUNNING') and jobs.run_after <= now()
          and (state = 'QUEUED' or lease_until < now())
        order by turn, candidate.run_after
        limit $1
        for update of jobs skip locked)
      update jobs set state = 'RUNNING', stage = 'INSPECT', attempts = attempts + 1, events = events + 1,
                      lease_id = $2, lease_until = now() + $3 * interval '1 millisecond'
      where (tenant, id) in (select tenant, id from free)
      returning *`),
    [
      options.limit,
      options.leaseId,
      options.leaseMs,
      options.after ?? '',
      tenantsAtOnce,
      options.content ?? true,
      ...[options.abilities ?? [], needsMinutes],
    ],
  );
  return rows.map((row) => ({
    tenant: row.tenant,
    id: row.id,
    documentId: row.document_id,
    version: row.version,
    kind: row.kind,
    attempts: row.attempts,
    failures: row.failures,
    leaseId: options.leaseId,
  }));
}

/** Prolongs the leases of jobs. @returns the ids of those that still are the worker's. */
export async function prolongLeases(
  client: PoolClient,
  options: { readonly leaseId: string; readonly jobIds: readonly string[]; readonly leaseMs: number },
): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>(
    `update jobs set lease_until = now() + $3 * interval '1 millisecond'
     where id = any($2) and lease_id = $1 and state = 'RUNNING' returning id`,
    [options.leaseId, options.jobIds, options.leaseMs],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Changes a job that the worker holds. @throws LeaseLostError where it holds it no more. */
export async function changeJob(
  client: PoolClient,
  job: TakenJob,
  change: JobChange,
): Promise<IngestJobModel> {
  const { rows } = await client.query<JobRow>(
    withEvents(`
      update jobs set
        state = coalesce($4, state), stage = coalesce($5, stage),
        chunks_total = coalesce($6, chunks_total), chunks_stored = coalesce($7, chunks_stored),
        error = coalesce($8::jsonb, error), events = events + 1,
        finished_at = case when $4 in ('SUCCEEDED', 'FAILED', 'CANCELLED') then now() end,
        failures = failures + case when $9::bigint is null then 0 else 1 end,
        run_after = case when $9::bigint is null then run_after else now() + $9 * interval '1 millisecond' end,
        lease_id = case when coalesce($4, 'RUNNING') = 'RUNNING' then lease_id end,
        lease_until = case when coalesce($4, 'RUNNING') = 'RUNNING' then lease_until end
      where tenant = $1 and id = $2 and lease_id = $3 and state = 'RUNNING'
      returning *`),
    [
      job.tenant,
      job.id,
      job.leaseId,
      change.state ?? null,
      change.stage ?? null,
      change.chunksTotal ?? null,
      change.chunksStored ?? null,
      change.error === undefined ? null : JSON.stringify(change.error),
      change.retryAfterMs ?? null,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new LeaseLostError(`The job ${job.id} is not this worker's any more.`);
  return toJob(row);
}

/** Holds a job for the transaction. @throws LeaseLostError where the worker holds it no more. */
export async function holdJob(client: PoolClient, job: TakenJob): Promise<void> {
  const { rowCount } = await client.query(
    `select from jobs where tenant = $1 and id = $2 and lease_id = $3 and state = 'RUNNING' for update`,
    [job.tenant, job.id, job.leaseId],
  );
  if (rowCount !== 1) throw new LeaseLostError(`The job ${job.id} is not this worker's any more.`);
}

/**
 * Looks whether the worker holds a job at this moment. What was done before is then sure to come before what
 * anybody does who takes the job over or cancels it.
 *
 * @throws LeaseLostError where the worker holds it no more.
 */
export async function checkJob(client: PoolClient, job: TakenJob): Promise<void> {
  const { rowCount } = await client.query(
    `select from jobs where tenant = $1 and id = $2 and lease_id = $3 and state = 'RUNNING'`,
    [job.tenant, job.id, job.leaseId],
  );
  if (rowCount !== 1) throw new LeaseLostError(`The job ${job.id} is not this worker's any more.`);
}

/** Gives jobs up that have not ended, because their document was deleted or replaced. */
export async function cancelJobs(client: PoolClient, tenant: string, documentId: string): Promise<number> {
  const { rowCount } = await client.query(
    withEvents(`
      update jobs set state = 'CANCELLED', stage = 'DONE', finished_at = now(), events = events + 1,
                      lease_id = null, lease_until = null
      where tenant = $1 and document_id = $2 and state in ('QUEUED', 'RUNNING')
      returning *`),
    [tenant, documentId],
  );
  return rowCount ?? 0;
}

/** Puts jobs back that a worker holds and does not get done, for another to take at once. */
export async function releaseJobs(client: PoolClient, leaseId: string): Promise<void> {
  const { rows } = await client.query<JobRow>(
    withEvents(`
      update jobs set state = 'QUEUED', stage = 'QUEUED', lease_id = null, lease_until = null, events = events + 1
      where lease_id = $1 and state = 'RUNNING'
      returning *`),
    [leaseId],
  );
  if (rows.length > 0) await client.query('select pg_notify($1, $2)', [jobsChannel, '']);
}

/** The events of a job behind a sequence number, in order. */
export async function readEvents(
  client: PoolClient,
  tenant: string,
  jobId: string,
  after: number | 'all but the newest',
): Promise<IngestEventModel[]> {
  const { rows } = await client.query<{ sequence: number; job: JobRow; at: Date }>(
    after === 'all but the newest'
      ? `select sequence, job, at from job_events where tenant = $1 and job_id = $2 order by sequence desc limit 1`
      : `select sequence, job, at from job_events where tenant = $1 and job_id = $2 and sequence > $3 order by sequence`,
    after === 'all but the newest' ? [tenant, jobId] : [tenant, jobId, after],
  );
  return rows.map(({ sequence, job, at }) => ({ sequence, job: toJob(job), at }));
}

function only<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('The database gave no row where it must give one.');
  return row;
}
