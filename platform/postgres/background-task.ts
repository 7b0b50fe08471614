import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { asTributaryError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Database } from './database.ts';

export interface BackgroundTaskOptions {
  readonly database: Database;
  readonly logger: Logger;
  /** What it is known by; the same in every process. */
  readonly name: string;
  /** How often it is done, beside once after each start of a process. */
  readonly everyMs: number;
  /** After so long without a sign of life from the process that does it another one begins; 30 s by default. */
  readonly leaseMs?: number;
  /** How often it is looked whether it is due; the least of `everyMs` and 5 s by default. */
  readonly lookMs?: number;
  /** Does it. Aborted when the process stops, or when another process has taken it over. */
  readonly work: (signal: AbortSignal) => Promise<unknown>;
}

/**
 * Does something again and again, in one process at a time however many run this: whoever holds the lease in the
 * database. Processes that start together have it done once after that, not once each. Disposing stops it.
 */
export async function startBackgroundTask(options: BackgroundTaskOptions): Promise<AsyncDisposable> {
  const { database, logger, name, everyMs, leaseMs = 30_000, work } = options;
  const lookMs = options.lookMs ?? Math.min(everyMs, 5000);
  const leaseId = randomUUID();
  const stopping = new AbortController();

  const ask = () =>
    database.forWorker((client) =>
      client.query(
        `insert into background_tasks (name) values ($1)
         on conflict (name) do update set asked_at = now()`,
        [name],
      ),
    );

  const take = () =>
    database.forWorker(async (client) => {
      const { rowCount } = await client.query(
        `update background_tasks
         set lease_id = $2, lease_until = now() + $3 * interval '1 millisecond', begun_at = now()
         where name = (
           select name from background_tasks
           where name = $1 and (lease_until is null or lease_until < now())
             and (begun_at is null or begun_at < asked_at or done_at is null or done_at < begun_at
                  or done_at < now() - $4 * interval '1 millisecond')
           for update skip locked)`,
        [name, leaseId, leaseMs, everyMs],
      );
      return rowCount === 1;
    });

  const prolong = () =>
    database.forWorker(async (client) => {
      const { rowCount } = await client.query(
        `update background_tasks set lease_until = now() + $3 * interval '1 millisecond'
         where name = $1 and lease_id = $2`,
        [name, leaseId, leaseMs],
      );
      return rowCount === 1;
    });

  const giveBack = (done: boolean) =>
    database.forWorker((client) =>
      client.query(
        `update background_tasks
         set lease_id = null, lease_until = null, done_at = case when $3 then now() else done_at end
         where name = $1 and lease_id = $2`,
        [name, leaseId, done],
      ),
    );

  /** Does it once, under the lease. */
  async function perform(): Promise<void> {
    const lost = new AbortController();
    const signal = AbortSignal.any([stopping.signal, lost.signal]);
    let heard = Date.now();
    const timer = setInterval(async () => {
      try {
        if (await prolong()) heard = Date.now();
        else lost.abort(new DOMException('Another process has taken it over.', 'AbortError'));
      } catch {
        if (Date.now() - heard > leaseMs)
          lost.abort(new DOMException('The database cannot be reached.', 'AbortError'));
      }
    }, leaseMs / 4);
    let done = false;
    try {
      await work(signal);
      done = true;
    } catch (error) {
      if (!signal.aborted)
        logger.warn({ err: asTributaryError(error), task: name }, 'a background task failed; trying again');
    } finally {
      clearInterval(timer);
      await giveBack(done).catch(() => undefined);
    }
    if (!done) await rest(lookMs);
  }

  const rest = (ms: number) =>
    delay(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);

  async function loop(): Promise<void> {
    let asked = false;
    while (!stopping.signal.aborted) {
      try {
        if (!asked) await ask();
        asked = true;
        if (await take()) {
          await perform();
          continue;
        }
      } catch (error) {
        logger.debug({ err: error, task: name }, 'a background task could not be taken');
      }
      await rest(lookMs);
    }
  }

  const running = loop();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort(new DOMException('The process stops.', 'AbortError'));
      await running;
    },
  };
}
