import { busy } from '../../../platform/errors.ts';
import type { Database } from '../../../platform/postgres/database.ts';

/** How much may wait before nothing more is taken in. */
export interface QueueLimits {
  /** So many jobs. */
  readonly maxQueuedJobs: number;
  /** For so long, in seconds; 0 or nothing for no such limit. */
  readonly maxBacklogAgeSeconds?: number;
}

const retryAfterMs = 5000;

/**
 * Looks whether there is room for more work. When stores are full or too busy, workers stop taking jobs, and what is
 * due waits longer and longer: so who puts in hears of it, before any bytes are sent.
 *
 * @throws TributaryError `BUSY` with reason `QUEUE_FULL` or `BACKLOG_TOO_OLD`.
 */
export async function checkQueue({
  database,
  maxQueuedJobs,
  maxBacklogAgeSeconds = 0,
}: QueueLimits & { readonly database: Database }): Promise<void> {
  const { count, age } = await database.forWorker(async (client) => {
    const { rows } = await client.query<{ count: number; age: number }>(
      `select (select count(*) from (select from jobs where state = 'QUEUED' limit $1) as waiting) as count,
              coalesce((select extract(epoch from now() - min(run_after)) from jobs
                        where state = 'QUEUED' and run_after <= now()), 0)::float8 as age`,
      [maxQueuedJobs],
    );
    return rows[0] ?? { count: 0, age: 0 };
  });
  if (count >= maxQueuedJobs) {
    throw busy('QUEUE_FULL', `${count} documents are waiting already. Try again later.`, retryAfterMs);
  }
  if (maxBacklogAgeSeconds > 0 && age > maxBacklogAgeSeconds) {
    throw busy(
      'BACKLOG_TOO_OLD',
      `Documents have been waiting for ${Math.floor(age)} s to be worked on already. Try again later.`,
      retryAfterMs,
    );
  }
}
