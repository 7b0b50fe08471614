import { notFound, rejected } from '../../../platform/errors.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { NotificationHub } from '../jobs/notification-hub.ts';
import type { EncoderMigrationEventModel, EncoderMigrationModel } from '../models.ts';
import { readMigrationEvents } from './encoder-migrations.ts';

/** How long a lost notification can delay an event. */
const pollMs = 2000;

const ended = ({ state }: EncoderMigrationModel): boolean => state === 'FINISHED' || state === 'CANCELLED';

/**
 * The events of a migration behind `after`, or the newest at once, then every later one, numbered without a gap,
 * until the migration has ended.
 *
 * @throws TributaryError `NOT_FOUND`; `REJECTED_INPUT` where `after` is negative.
 */
export async function* followMigration(
  id: string,
  after: number | null,
  { database, migrationEvents }: { readonly database: Database; readonly migrationEvents: NotificationHub },
  signal: AbortSignal,
): AsyncGenerator<EncoderMigrationEventModel, void, undefined> {
  if (after !== null && after < 0) {
    throw rejected('OUT_OF_RANGE', `after is ${after}; 0 and more is allowed.`, { field: 'after' });
  }
  const wakeup = migrationEvents.join(id);
  const onAbort = () => wakeup.wake();
  signal.addEventListener('abort', onAbort, { once: true });
  const read = (behind: number | 'all but the newest') =>
    database.forWorker((client) => readMigrationEvents(client, id, behind));
  try {
    const newest = await read('all but the newest');
    if (newest[0] === undefined) throw noMigration(id);
    const isOver = ended(newest[0].migration);
    let last = after ?? 0;
    let events = after === null ? newest : await read(after);
    while (!signal.aborted) {
      for (const event of events) {
        yield event;
        last = event.sequence;
        if (ended(event.migration)) return;
      }
      // Whoever has seen the last event already waits for nothing.
      if (isOver && events.length === 0) return;
      if (events.length === 0) await wakeup.wait(pollMs);
      events = await read(last);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    migrationEvents.leave(id, wakeup);
  }
}

export const noMigration = (id: string) =>
  notFound(`There is no encoder migration ${JSON.stringify(id.slice(0, 64))}.`);
