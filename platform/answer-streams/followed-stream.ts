import type { StreamedEvent } from '../ports/answer-streams.ts';
import { readEntry, type StreamEntry } from './stream-format.ts';

/** The most events that are held of one stream; who is further behind reads the database. */
const heldEvents = 500;

/** What this process has of one stream that it follows, for all of its followers together. */
export class FollowedStream {
  readonly answerId: string;
  readonly #listeners = new Set<(sequence: number) => void>();
  /** The newest events, without a gap among them. */
  #events: StreamedEvent[] = [];
  #reached = 0;
  #isClosed = false;

  constructor(answerId: string) {
    this.answerId = answerId;
  }

  /** The id behind which the stream is to be read. */
  get nextId(): string {
    return `${this.#reached}-0`;
  }

  /** Whether nothing more will come by the stream. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  /** Calls `listener` with every piece of news, until the returned function is called. */
  listen(listener: (sequence: number) => void): () => void {
    // One object a call, so that the same function can listen twice.
    const entry = (sequence: number) => listener(sequence);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** The events behind a sequence, as far as they are here. */
  after(sequence: number): readonly StreamedEvent[] {
    const first = this.#events[0]?.sequence;
    if (first === undefined || sequence + 1 < first) return [];
    return this.#events.slice(sequence + 1 - first);
  }

  /** Takes what has come, in order. */
  take(entries: readonly StreamEntry[]): void {
    if (this.#isClosed) return;
    for (const entry of entries) {
      const read = readEntry(entry);
      if (read.kind === 'closed') {
        this.close();
        return;
      }
      if (read.kind === 'unreadable') {
        this.#events = [];
        this.#reached = read.sequence;
      } else {
        const { event } = read;
        // What is missing in between is in the database.
        if (event.sequence !== this.#reached + 1) this.#events = [];
        this.#events.push(event);
        this.#reached = event.sequence;
      }
    }
    if (this.#events.length > heldEvents) this.#events = this.#events.slice(-heldEvents);
    this.tell(this.#reached);
  }

  /** Lets go of all events, for good: they are no longer what the database says. */
  close(): void {
    this.#isClosed = true;
    this.#events = [];
    this.tell(Number.POSITIVE_INFINITY);
  }

  tell(sequence: number): void {
    for (const listener of this.#listeners) listener(sequence);
  }
}
