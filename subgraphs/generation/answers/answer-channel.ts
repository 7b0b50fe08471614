import type { MessageBus } from '../../../platform/ports/message-bus.ts';

/** What a notification says of an answer: how far its log reaches now, or that it is to stop. */
export type AnswerSignal =
  | { readonly kind: 'appended'; readonly answerId: string; readonly sequence: number }
  | { readonly kind: 'stop'; readonly answerId: string; readonly reason: string }
  /** The words of a deleted document were removed from it: what is remembered of it holds no longer. */
  | { readonly kind: 'purged'; readonly answerId: string }
  /** A process has let go of its answers, or notifications may have been missed: look for yourself. */
  | { readonly kind: 'look' };

/**
 * The channel that all processes notify each other on. What is said on it belongs to a change in the database and
 * is said by the statement that makes it; the migrations' functions name it, too.
 */
export const answerChannel = 'tributary_answers';

/** One listener for the whole process, fanned out. */
export class AnswerChannel implements AsyncDisposable {
  readonly #listeners = new Set<(signal: AnswerSignal) => void>();
  /** Who waits for more of an answer, by the answer's id. */
  readonly #waiting = new Map<string, Set<(sequence: number) => void>>();
  #subscription: Promise<AsyncDisposable> | undefined;
  readonly #bus: MessageBus;

  /** @param bus one that brings PostgreSQL's own notifications. */
  constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  /** Begins to listen; what is notified after this has resolved is heard. Calling it again is harmless. */
  async open(): Promise<void> {
    this.#subscription ??= this.#bus.listen(answerChannel, (payload) => this.#receive(payload));
    await this.#subscription;
  }

  /** Calls `listener` with every signal, until the returned function is called. */
  onSignal(listener: (signal: AnswerSignal) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells every process, this one too, that an answer's log reaches to `sequence` now. */
  async announce(answerId: string, sequence: number): Promise<void> {
    await this.#bus.publish(answerChannel, `${answerId} ${sequence}`);
  }

  /** Says in this process alone that an answer's log reaches to `sequence` now; infinity: look for yourself. */
  wake(answerId: string, sequence: number): void {
    for (const wakeUp of this.#waiting.get(answerId) ?? []) wakeUp(sequence);
  }

  /**
   * Prepares to wait for more of an answer. Take it before looking, wait after having found nothing: what is
   * appended in between is not missed.
   */
  watch(answerId: string): AnswerWatch {
    let reached = 0;
    let resume: (() => void) | undefined;
    const wakeUp = (sequence: number) => {
      reached = Math.max(reached, sequence);
      resume?.();
    };
    const waiting = this.#waiting.get(answerId) ?? new Set();
    this.#waiting.set(answerId, waiting.add(wakeUp));
    return {
      next: (behind, timeoutMs, signal) =>
        new Promise((resolve) => {
          const end = () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', end);
            resume = undefined;
            // Being told so holds once.
            const woken = reached > behind ? reached : null;
            reached = 0;
            resolve(woken);
          };
          const timer = setTimeout(end, timeoutMs);
          signal.addEventListener('abort', end);
          resume = () => {
            if (reached > behind) end();
          };
          if (reached > behind || signal.aborted) end();
        }),
      [Symbol.dispose]: () => {
        waiting.delete(wakeUp);
        if (waiting.size === 0 && this.#waiting.get(answerId) === waiting) this.#waiting.delete(answerId);
      },
    };
  }

  /** Stops listening; whoever waits is woken. */
  async [Symbol.asyncDispose](): Promise<void> {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    this.#listeners.clear();
    this.#wakeAll();
    await (await subscription)?.[Symbol.asyncDispose]();
  }

  #receive(payload: string | null): void {
    const signal = parse(payload);
    if (signal.kind === 'appended') this.wake(signal.answerId, signal.sequence);
    else if (signal.kind === 'look') this.#wakeAll();
    for (const listener of this.#listeners) listener(signal);
    // Only now, when nobody has the old words any more.
    if (signal.kind === 'purged') this.wake(signal.answerId, Number.POSITIVE_INFINITY);
  }

  #wakeAll(): void {
    for (const answerId of this.#waiting.keys()) this.wake(answerId, Number.POSITIVE_INFINITY);
  }
}

/** Waits for more of one answer. */
export interface AnswerWatch extends Disposable {
  /**
   * Resolves when the log reaches beyond `behind` or must be looked at again, after `timeoutMs`, or on abort.
   *
   * @returns how far the log is said to reach, infinity where that is to be looked up; null where nothing was said.
   */
  next(behind: number, timeoutMs: number, signal: AbortSignal): Promise<number | null>;
}

function parse(payload: string | null): AnswerSignal {
  const [answerId = '', what = '', ...words] = (payload ?? '').split(' ');
  if (what === 'stop') return { kind: 'stop', answerId, reason: words.join(' ') };
  if (what === 'purged') return { kind: 'purged', answerId };
  if (/^\d+$/.test(what)) return { kind: 'appended', answerId, sequence: Number(what) };
  return { kind: 'look' };
}
