/**
 * Owns long-lived things and disposes of them in the reverse order of their making, each once, all of them
 * even when one fails. (What `AsyncDisposableStack` is where the language has it; Node 20 has not.)
 */
export class DisposableStack implements AsyncDisposable {
  readonly #owned: (() => PromiseLike<void> | void)[] = [];
  #disposed: Promise<void> | undefined;

  /** Takes ownership of a thing and returns it. */
  use<T extends AsyncDisposable>(thing: T): T {
    this.#owned.push(() => thing[Symbol.asyncDispose]());
    return thing;
  }

  /** Runs a clean-up when the stack is disposed of. */
  defer(cleanUp: () => PromiseLike<void> | void): void {
    this.#owned.push(cleanUp);
  }

  /** Disposes of everything; a second call waits for the first. @throws the first failure, after all have run. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#disposeAll();
    return this.#disposed;
  }

  async #disposeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let cleanUp = this.#owned.pop(); cleanUp !== undefined; cleanUp = this.#owned.pop()) {
      try {
        await cleanUp();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
