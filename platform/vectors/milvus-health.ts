/** So many calls in a row are without an answer before a connection is given up. */
const failuresInRow = 3;
/** And nothing has come over it for so long. */
const silentMs = 2_000;

/**
 * Whether anything still comes over a connection. gRPC mends its connections by itself, but not all of them: for the
 * handshake of one that was accepted, and that nobody answers, grpc-js (1.14.7) waits without an end, and all calls
 * wait with it.
 */
export class MilvusHealth {
  readonly #now: () => number;
  #heardAtMs: number;
  #failures = 0;

  /** @param now the time in milliseconds, from any beginning. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#heardAtMs = now();
  }

  /** A call was answered, if only with a refusal. */
  answered(): void {
    this.#failures = 0;
    this.#heardAtMs = this.#now();
  }

  /** A call was not answered. @returns whether the connection is to be given up. */
  failed(): boolean {
    this.#failures++;
    return this.#failures >= failuresInRow && this.#now() - this.#heardAtMs >= silentMs;
  }
}
