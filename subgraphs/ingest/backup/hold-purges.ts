import { randomUUID } from 'node:crypto';
import type { Database } from '../../../platform/postgres/database.ts';

const beatMs = 10_000;

/** Says that a backup is being made, again and again, until it is disposed of. */
export interface PurgeHold extends AsyncDisposable {
  /** @throws Error where the hold was lost for a while: what the backup counted on may be gone. */
  check(): void;
}

/**
 * Keeps what a backup's snapshot names from being removed: replaced versions of documents wait in the outbox until
 * the hold is over, at most a minute after its process has died. What was deleted is purged all the same.
 */
export async function holdPurges(database: Database): Promise<PurgeHold> {
  const id = randomUUID();
  let lost: unknown = null;
  await database.forWorker(async (client) => {
    await client.query(`delete from backups where heard_at < clock_timestamp() - interval '1 day'`);
    await client.query('insert into backups (id) values ($1)', [id]);
  });
  const beat = async () => {
    const { rowCount } = await database.forWorker((client) =>
      client.query(
        `update backups set heard_at = clock_timestamp()
         where id = $1 and heard_at > clock_timestamp() - interval '1 minute'`,
        [id],
      ),
    );
    if (rowCount !== 1) lost = new Error('The database was away for longer than purges wait for a backup.');
  };
  // One that fails may be made up for by the next; what counts is the minute.
  const timer = setInterval(() => void beat().catch(() => undefined), beatMs);
  return {
    check() {
      if (lost !== null) throw lost;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await database.forWorker((client) => client.query('delete from backups where id = $1', [id]));
    },
  };
}
