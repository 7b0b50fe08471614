import type { Logger } from '../../../platform/logger.ts';
import type { VectorStore } from '../../../platform/ports/vector-store.ts';
import { startBackgroundTask } from '../../../platform/postgres/background-task.ts';
import type { Database } from '../../../platform/postgres/database.ts';

export interface KeepIndexesOptions {
  readonly database: Database;
  readonly vectors: VectorStore;
  readonly logger: Logger;
  /** So many new vectors are worth building indexes for. */
  readonly batchVectors: number;
  /** Fewer are, too, when none has come for so long, in milliseconds. */
  readonly idleMs: number;
  /** How often it is looked. */
  readonly everyMs: number;
}

/** What has come since indexes were last seen to. */
interface Arrivals {
  readonly until: Date;
  readonly vectors: number;
  readonly idle: boolean;
}

/**
 * Has the vector store see to its indexes when enough vectors are new, or some are and no more come: in one process
 * at a time. How many there are follows from the jobs that have ended, so it is the same whichever worker did them.
 */
export const startKeepingIndexes = (options: KeepIndexesOptions): Promise<AsyncDisposable> =>
  startBackgroundTask({
    ...{ database: options.database, logger: options.logger, everyMs: options.everyMs },
    name: taskName,
    work: (signal) => keepIndexes(options, signal),
  });

const taskName = 'indexes';

/** Looks once. @returns whether indexes were seen to. */
export async function keepIndexes(
  { database, vectors, batchVectors, idleMs }: KeepIndexesOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const arrivals = await database.forWorker(async (client) => {
    const { rows } = await client.query<Arrivals>(
      `select now() as until, coalesce(sum(chunks_stored), 0)::bigint as vectors,
              coalesce(max(finished_at) < now() - $2 * interval '1 millisecond', false) as idle
       from jobs
       where state = 'SUCCEEDED' and kind = 'CONTENT'
         and finished_at > coalesce((select dealt_with_until from background_tasks where name = $1), '-infinity')`,
      [taskName, idleMs],
    );
    return rows[0];
  });
  if (arrivals === undefined || arrivals.vectors === 0) return false;
  if (arrivals.vectors < batchVectors && !arrivals.idle) return false;
  await vectors.optimize(signal);
  await database.forWorker((client) =>
    client.query(
      `insert into background_tasks (name, dealt_with_until) values ($1, $2)
       on conflict (name) do update set dealt_with_until = excluded.dealt_with_until`,
      [taskName, arrivals.until],
    ),
  );
  return true;
}
