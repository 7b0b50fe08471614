import type { AnswerId } from '../../../platform/ids.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { type AnswerEvent, isLast, type LoggedEvent } from '../types.ts';
import type { AnswerChannel } from './answer-channel.ts';

/** How many events are read at once: what a slow reader holds at most. */
const pageSize = 200;
/** How often a reader looks without having been notified, in milliseconds. */
const pollMs = 2_000;

interface EventRow {
  readonly sequence: number;
  readonly kind: string;
  readonly payload: Record<string, unknown>;
}

/**
 * The numbered events of answers, as they were appended: the one source of what an answer says. Every reader
 * reads the same rows, each at its own pace, so that nothing is buffered for any of them.
 */
export class AnswerLog {
  readonly #database: Database;
  readonly #channel: AnswerChannel;
  /** Reads under way, so that a hundred readers at one place make one. */
  readonly #reading = new Map<string, Promise<LoggedEvent[]>>();
  /** The newest events of the answers that this process is making, as they were committed. */
  readonly #tails = new Map<string, LoggedEvent[]>();

  constructor(database: Database, channel: AnswerChannel) {
    this.#database = database;
    this.#channel = channel;
  }

  /** Up to 200 events behind `after`, in order. */
  async read(tenant: string, answerId: AnswerId, after: number): Promise<readonly LoggedEvent[]> {
    const tail = this.#tails.get(answerId);
    const first = tail?.[0]?.sequence ?? Number.POSITIVE_INFINITY;
    if (tail && after + 1 >= first && after + 1 < first + tail.length) return tail.slice(after + 1 - first);
    const key = `${tenant}/${answerId}/${after}`;
    let reading = this.#reading.get(key);
    if (!reading) {
      reading = this.#read(tenant, answerId, after).finally(() => this.#reading.delete(key));
      this.#reading.set(key, reading);
    }
    return reading;
  }

  async #read(tenant: string, answerId: AnswerId, after: number): Promise<LoggedEvent[]> {
    return this.#database.forTenant(
      tenant,
      async (client) => {
        const { rows } = await client.query<EventRow>(
          `select sequence, kind, payload from answer_events
           where answer_id = $1 and sequence > $2 order by sequence limit $3`,
          [answerId, after, pageSize],
        );
        return rows.map(toEvent);
      },
      { readOnly: true },
    );
  }

  /** Hands events that this process has just committed to its own readers, without another read. */
  committed(answerId: AnswerId, events: readonly LoggedEvent[]): void {
    const tail = this.#tails.get(answerId) ?? [];
    const last = tail.at(-1)?.sequence;
    const joined =
      last === undefined || last + 1 === events[0]?.sequence ? [...tail, ...events] : [...events];
    this.#tails.set(answerId, joined.slice(-pageSize));
    this.#channel.wake(answerId, events.at(-1)?.sequence ?? 0);
  }

  /** This process makes the answer no longer: from now on it is read from the database alone. */
  released(answerId: AnswerId): void {
    this.#tails.delete(answerId);
  }

  /** All events of these answers so far, by answer, in order. */
  async readWhole(tenant: string, answerIds: readonly string[]): Promise<Map<string, LoggedEvent[]>> {
    return this.#database.forTenant(
      tenant,
      async (client) => {
        const { rows } = await client.query<EventRow & { answerId: string }>(
          `select answer_id as "answerId", sequence, kind, payload from answer_events
           where answer_id = any($1) order by answer_id, sequence`,
          [answerIds],
        );
        const events = new Map<string, LoggedEvent[]>(answerIds.map((id) => [id, []]));
        for (const row of rows) events.get(row.answerId)?.push(toEvent(row));
        return events;
      },
      { readOnly: true },
    );
  }

  /**
   * Every event behind `after`, each once and in order: first from the log, then as they come. Ends behind
   * the answer's last event, or when the signal is aborted.
   */
  async *follow(
    tenant: string,
    answerId: AnswerId,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<LoggedEvent, void, undefined> {
    await this.#channel.open();
    const watch = this.#channel.watch(answerId);
    try {
      let sequence = after;
      let woken = false;
      while (!signal.aborted) {
        const events = await this.read(tenant, answerId, sequence);
        for (const event of events) {
          if (signal.aborted) return;
          yield event;
          sequence = event.sequence;
          if (isLast(event)) return;
        }
        if (events.length > 0) continue;
        if (!woken && (await this.#hasEnded(tenant, answerId, sequence))) return;
        woken = await watch.next(sequence, pollMs, signal);
      }
    } finally {
      watch[Symbol.dispose]();
    }
  }

  /** Whether nothing will ever come behind `sequence`: the reader has the last event, or the answer is gone. */
  async #hasEnded(tenant: string, answerId: AnswerId, sequence: number): Promise<boolean> {
    return this.#database.forTenant(
      tenant,
      async (client) => {
        const { rows } = await client.query<{ state: string; lastSequence: number }>(
          'select state, last_sequence as "lastSequence" from answers where id = $1',
          [answerId],
        );
        const row = rows[0];
        return !row || (row.state !== 'RUNNING' && row.lastSequence <= sequence);
      },
      { readOnly: true },
    );
  }
}

/** An event as its row has it. Rows are written by us alone, so that their form is known. */
export function toEvent({ sequence, kind, payload }: EventRow): LoggedEvent {
  return { ...payload, kind, sequence } as unknown as LoggedEvent;
}

/** What a row keeps of an event. */
export function toRow(event: AnswerEvent): { readonly kind: string; readonly payload: string } {
  const { kind, ...payload } = event;
  return { kind, payload: JSON.stringify(payload) };
}
