/** The first hold, and the longest, in milliseconds. */
const firstHoldMs = 500;
const longestHoldMs = 30_000;

/**
 * Slows a worker down while what it needs is too busy or full: no jobs for a while, then one at a time, until one
 * succeeds. The while doubles with every refusal. So what cannot be done waits, and is not tried over and over.
 */
export class Throttle {
  readonly #now: () => number;
  #heldUntil = 0;
  #holdMs = 0;

  /** @param now the time in milliseconds, from any moment on. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Something was too busy. */
  hold(): void {
    // Jobs that were begun together are refused together: that counts once.
    if (this.#now() < this.#heldUntil) return;
    this.#holdMs = Math.min(longestHoldMs, Math.max(firstHoldMs, this.#holdMs * 2));
    this.#heldUntil = this.#now() + this.#holdMs;
  }

  /** Something went well. */
  release(): void {
    this.#holdMs = 0;
    this.#heldUntil = 0;
  }

  /** How many jobs may be under way now, of as many as otherwise. */
  limit(concurrency: number): number {
    if (this.#now() < this.#heldUntil) return 0;
    return this.#holdMs > 0 ? Math.min(1, concurrency) : concurrency;
  }
}
