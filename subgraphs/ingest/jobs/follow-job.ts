import { notFound } from '../../../platform/errors.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { IngestEventModel, IngestJobModel } from '../models.ts';
import { readEvents } from './jobs.ts';
import type { NotificationHub } from './notification-hub.ts';

/** How long a lost notification can delay an event. */
const pollMs = 2000;

const ended = ({ state }: IngestJobModel): boolean =>
  state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED';

/**
 * The newest event of a job at once, then every later one, numbered without a gap, until the job has ended.
 *
 * @throws TributaryError `NOT_FOUND` where the tenant has no such job.
 */
export async function* followJob(
  tenant: string,
  jobId: string,
  { database, jobEvents }: { readonly database: Database; readonly jobEvents: NotificationHub },
  signal: AbortSignal,
): AsyncGenerator<IngestEventModel, void, undefined> {
  const key = `${tenant}/${jobId}`;
  const wakeup = jobEvents.join(key);
  const onAbort = () => wakeup.wake();
  signal.addEventListener('abort', onAbort, { once: true });
  const read = (after: number | 'all but the newest') =>
    database.forTenant(tenant, (client) => readEvents(client, tenant, jobId, after), { readOnly: true });
  try {
    let events = await read('all but the newest');
    if (events.length === 0) throw notFound(`There is no job ${JSON.stringify(jobId.slice(0, 64))}.`);
    let last = 0;
    while (!signal.aborted) {
      for (const event of events) {
        yield event;
        last = event.sequence;
        if (ended(event.job)) return;
      }
      await wakeup.wait(pollMs);
      events = await read(last);
      // The tenant was removed, and the job with it.
      if (events.length === 0 && (await read('all but the newest')).length === 0) return;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    jobEvents.leave(key, wakeup);
  }
}
