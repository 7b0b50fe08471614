import type { Logger } from '../../platform/logger.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Database } from '../../platform/postgres/database.ts';

/** Notes which documents searches have shown, by the day. */
export interface UseNotes extends AsyncDisposable {
  /** Notes that documents were shown today. Costs no time: it is written down later, once a day for each. */
  note(tenant: string, documentIds: readonly string[]): void;
  /** Writes down what was noted. */
  flush(): Promise<void>;
}

export interface UseNotesOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long notes wait to be written together, in milliseconds; 30 seconds by default. */
  readonly waitMs?: number;
}

/** So many documents are remembered as written down today; of more it is written again. */
const maxKnown = 200_000;
/** So many wait to be written while the database cannot be; more are forgotten: a document is shown again. */
const maxWaiting = 50_000;

/** Notes in memory what was shown, and writes it in batches beside the searches. What fails is tried again. */
export function createUseNotes({ database, clock, logger, waitMs = 30_000 }: UseNotesOptions): UseNotes {
  let day = '';
  const known = new Set<string>();
  /** The documents of each tenant that are not written down yet. */
  let waiting = new Map<string, Set<string>>();
  let waitingCount = 0;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  function note(tenant: string, documentIds: readonly string[]): void {
    const today = new Date(clock.now()).toISOString().slice(0, 10);
    if (today !== day || known.size > maxKnown) known.clear();
    day = today;
    for (const documentId of documentIds) {
      const key = JSON.stringify([tenant, documentId]);
      if (known.has(key) || waitingCount >= maxWaiting) continue;
      known.add(key);
      const documents = waiting.get(tenant) ?? new Set();
      waiting.set(tenant, documents.add(documentId));
      waitingCount++;
    }
    if (waitingCount > 0 && timer === null) {
      timer = setTimeout(() => void flush(), waitMs);
      timer.unref();
    }
  }

  function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    writing = writing.then(write);
    return writing;
  }

  async function write(): Promise<void> {
    const batch = waiting;
    const shownOn = day;
    waiting = new Map();
    waitingCount = 0;
    for (const [tenant, documents] of batch) {
      try {
        await database.forTenant(tenant, (client) =>
          client.query(
            `insert into document_use (tenant, document_id, shown_on)
             select d.tenant, d.id, $3::date from documents d
             where d.tenant = $1 and d.id = any($2) and d.deleted_at is null order by d.id
             on conflict (tenant, document_id) do update set shown_on = excluded.shown_on
               where document_use.shown_on < excluded.shown_on`,
            [tenant, [...documents], shownOn],
          ),
        );
      } catch (error) {
        logger.warn({ err: error }, 'it could not be written down what searches have shown; trying again');
        for (const documentId of documents) known.delete(JSON.stringify([tenant, documentId]));
        note(tenant, [...documents]);
      }
    }
  }

  return { note, flush, [Symbol.asyncDispose]: flush };
}
