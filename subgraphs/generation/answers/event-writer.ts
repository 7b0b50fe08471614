import type { AnswerEvent } from '../types.ts';
import type { AnswerLease } from './answer-lease.ts';

/** The most events that are appended in one transaction. */
const maxBatch = 500;

/**
 * Appends an answer's events as they come: the first at once, and whatever came while a write was under way
 * together in the next one.
 */
export class EventWriter {
  readonly #lease: AnswerLease;
  readonly #onFailure: (error: unknown) => void;
  #pending: AnswerEvent[] = [];
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @param onFailure called once, with what a write threw; nothing is written from then on. */
  constructor(lease: AnswerLease, onFailure: (error: unknown) => void) {
    this.#lease = lease;
    this.#onFailure = onFailure;
  }

  /** Appends an event soon. */
  push(event: AnswerEvent): void {
    if (this.#failure) return;
    this.#pending.push(event);
    this.#writing ??= this.#drain();
  }

  /** Resolves when everything that was pushed is in the log. @throws what a write threw. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
    if (this.#failure) throw this.#failure.error;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const batch = this.#pending.slice(0, maxBatch);
        this.#pending = this.#pending.slice(maxBatch);
        await this.#lease.append(batch);
      }
    } catch (error) {
      this.#failure = { error };
      this.#pending = [];
      this.#onFailure(error);
    } finally {
      this.#writing = undefined;
    }
  }
}
