import type { AnswerId } from '../../../platform/ids.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { AnswerStreams, FollowedAnswer, StreamedEvent } from '../../../platform/ports/answer-streams.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { raceAbort } from '../../../platform/race-abort.ts';
import { type AnswerEvent, isLast, type LoggedEvent } from '../types.ts';
import type { AnswerChannel } from './answer-channel.ts';

/** How many events are read at once: what a slow reader holds at most. */
const pageSize = 200;
/** How often a reader looks without having been notified, in milliseconds. */
const pollMs = 2_000;
/** The same where there are streams that this process cannot read at present: others tell by them alone. */
const pollWithoutStreamMs = 250;

export interface AnswerLogParts {
  readonly database: Database;
  readonly channel: AnswerChannel;
  /** What brings events to readers in other processes; null where they are notified and read the database. */
  readonly streams: AnswerStreams | null;
  readonly logger: Logger;
}

/**
 * The numbered events of answers, as they were appended: the one source of what an answer says. Every reader
 * gets the same rows, each at its own pace: from memory in the process that makes the answer, by its stream
 * elsewhere, and from the database whatever neither has.
 */
export class AnswerLog {
  readonly #database: Database;
  readonly #channel: AnswerChannel;
  readonly #streams: AnswerStreams | null;
  readonly #logger: Logger;
  /** Reads under way, so that a hundred readers at one place make one. */
  readonly #reading = new Map<string, Promise<LoggedEvent[]>>();
  readonly #ending = new Map<string, Promise<boolean>>();
  /** The newest events of the answers that this process is making, as they were committed. */
  readonly #tails = new Map<string, LoggedEvent[]>();
  /** Answers that this process was making when their words were removed. */
  readonly #purged = new Set<string>();
  /** Events on their way into streams. */
  readonly #handing = new Set<Promise<void>>();
  /** Whether the last events found their way into their stream. */
  #isHanding = true;
  readonly #stopSignals: () => void;

  constructor({ database, channel, streams, logger }: AnswerLogParts) {
    this.#database = database;
    this.#channel = channel;
    this.#streams = streams;
    this.#logger = logger;
    this.#stopSignals = channel.onSignal((signal) => {
      if (signal.kind !== 'purged') return;
      // What was committed just before the purge and comes only now is not to be remembered either.
      if (this.#tails.delete(signal.answerId)) this.#purged.add(signal.answerId);
      streams?.forget(signal.answerId);
    });
  }

  /** Whether an append is to be notified by the database, because no stream can be trusted to tell of it. */
  get notifies(): boolean {
    return this.#streams === null || !this.#isHanding || this.#streams.degraded() !== null;
  }

  /** What this process has committed itself behind `after`, as far as it remembers. */
  #tail(answerId: AnswerId, after: number): readonly LoggedEvent[] {
    const tail = this.#tails.get(answerId);
    const first = tail?.[0]?.sequence;
    if (tail === undefined || first === undefined || after + 1 < first) return [];
    return tail.slice(after + 1 - first);
  }

  /** Up to 200 events behind `after`, in order, from the database. */
  async read(tenant: string, answerId: AnswerId, after: number): Promise<readonly LoggedEvent[]> {
    return shared(this.#reading, `${tenant}/${answerId}/${after}`, () => this.#read(tenant, answerId, after));
  }

  async #read(tenant: string, answerId: AnswerId, after: number): Promise<LoggedEvent[]> {
    return this.#database.forTenant(
      tenant,
      async (client) => {
        const { rows } = await client.query<StreamedEvent>(
          `select sequence, kind, payload from answer_events
           where answer_id = $1 and sequence > $2 order by sequence limit $3`,
          [answerId, after, pageSize],
        );
        return rows.map(toEvent);
      },
      { readOnly: true },
    );
  }

  /** Hands events that this process has just committed to readers, here and in other processes. */
  committed(tenant: string, answerId: AnswerId, rows: readonly StreamedEvent[]): void {
    const events = rows.map(toEvent);
    const reached = events.at(-1)?.sequence;
    if (reached === undefined || this.#purged.has(answerId)) return;
    const tail = this.#tails.get(answerId) ?? [];
    const last = tail.at(-1)?.sequence;
    const joined =
      last === undefined || last + 1 === events[0]?.sequence ? [...tail, ...events] : [...events];
    this.#tails.set(answerId, joined.slice(-pageSize));
    this.#channel.wake(answerId, reached);
    if (!this.#streams) return;
    const handing = this.#handOn(this.#streams, { tenant, answerId }, rows, reached).finally(() =>
      this.#handing.delete(handing),
    );
    this.#handing.add(handing);
  }

  /** Never throws: what a stream lacks is in the database. */
  async #handOn(
    streams: AnswerStreams,
    answer: { readonly tenant: string; readonly answerId: string },
    rows: readonly StreamedEvent[],
    reached: number,
  ): Promise<void> {
    const hasNotified = this.notifies;
    try {
      await streams.append(answer, rows);
      this.#isHanding = true;
    } catch (err) {
      this.#isHanding = false;
      this.#logger.debug({ err, answerId: answer.answerId }, 'events could not be put into their stream');
      if (hasNotified) return;
      await this.#channel
        .announce(answer.answerId, reached)
        // Readers look from time to time in any case.
        .catch((error) => this.#logger.debug({ err: error }, 'could not notify readers of an answer'));
    }
  }

  /** Waits for what is on its way into streams. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopSignals();
    await Promise.all(this.#handing);
  }

  /** This process makes the answer from now on: its own readers need no stream. */
  taken(answerId: AnswerId): void {
    this.#purged.delete(answerId);
    this.#tails.set(answerId, []);
  }

  /** This process makes the answer no longer: from now on it is read as any other one. */
  released(answerId: AnswerId): void {
    this.#purged.delete(answerId);
    this.#tails.delete(answerId);
    this.#channel.wake(answerId, Number.POSITIVE_INFINITY);
  }

  /** All events of these answers so far, by answer, in order. */
  async readWhole(tenant: string, answerIds: readonly string[]): Promise<Map<string, LoggedEvent[]>> {
    return this.#database.forTenant(
      tenant,
      async (client) => {
        const { rows } = await client.query<StreamedEvent & { answerId: string }>(
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
    const onNews = (sequence: number) => this.#channel.wake(answerId, sequence);
    let stream: FollowedAnswer | undefined;
    try {
      let sequence = after;
      // How far the log is said to reach; as long as that is further, the database is looked into.
      let target = Number.POSITIVE_INFINITY;
      let wasWoken = false;
      while (!signal.aborted) {
        if (!this.#tails.has(answerId)) stream ??= this.#streams?.follow({ tenant, answerId }, onNews);
        let events = this.#atHand(answerId, sequence, stream);
        if (events.length === 0 && sequence < target) {
          events = await raceAbort(signal, () => this.read(tenant, answerId, sequence));
          if (events.length === 0) target = sequence;
        }
        for (const event of events) {
          if (signal.aborted) return;
          yield event;
          sequence = event.sequence;
          if (isLast(event)) return;
        }
        if (events.length > 0) continue;
        if (!wasWoken) {
          const after = sequence;
          if (await raceAbort(signal, () => this.#hasEnded(tenant, answerId, after))) return;
        }
        const waitMs = stream?.isLive === false ? pollWithoutStreamMs : pollMs;
        const reached = await watch.next(sequence, waitMs, signal);
        wasWoken = reached !== null;
        target = reached ?? Number.POSITIVE_INFINITY;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      stream?.[Symbol.dispose]();
      watch[Symbol.dispose]();
    }
  }

  /** What can be had without asking the database. */
  #atHand(answerId: AnswerId, after: number, stream: FollowedAnswer | undefined): readonly LoggedEvent[] {
    const own = this.#tail(answerId, after);
    return own.length > 0 ? own : (stream?.after(after).map(toEvent) ?? []);
  }

  /** Whether nothing will ever come behind `sequence`: the reader has the last event, or the answer is gone. */
  #hasEnded(tenant: string, answerId: AnswerId, sequence: number): Promise<boolean> {
    const key = `${tenant}/${answerId}/${sequence}`;
    return shared(this.#ending, key, () => this.#readEnd(tenant, answerId, sequence));
  }

  async #readEnd(tenant: string, answerId: AnswerId, sequence: number): Promise<boolean> {
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
export function toEvent({ sequence, kind, payload }: StreamedEvent): LoggedEvent {
  return { ...payload, kind, sequence } as unknown as LoggedEvent;
}

/**
 * What a row keeps of an event. The names stand in the order in which `jsonb` gives them back, so that readers get
 * the same bytes from wherever they have the event.
 */
export function toRow(event: AnswerEvent): { readonly kind: string; readonly payload: string } {
  const { kind, ...payload } = event;
  return { kind, payload: JSON.stringify(payload, ordered) };
}

/** As `jsonb` orders names: shorter ones first, and those of one length by their bytes. */
function ordered(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const bytes = (name: string) => Buffer.from(name);
  const entries = Object.entries(value).map(([name, held]) => [bytes(name), name, held] as const);
  entries.sort(([a], [b]) => a.length - b.length || Buffer.compare(a, b));
  return Object.fromEntries(entries.map(([, name, held]) => [name, held]));
}

/** What is under way by this key, or else is begun. */
function shared<T>(underWay: Map<string, Promise<T>>, key: string, begin: () => Promise<T>): Promise<T> {
  const known = underWay.get(key);
  if (known) return known;
  const begun = begin().finally(() => underWay.delete(key));
  underWay.set(key, begun);
  return begun;
}
