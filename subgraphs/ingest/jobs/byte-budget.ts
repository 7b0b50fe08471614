/**
 * Shares out memory: whoever asks waits, first come first served, until there is room. What is larger than all
 * of it counts as all of it, and so is held alone.
 */
export class ByteBudget {
  readonly #maxBytes: number;
  #heldBytes = 0;
  readonly #waiting: { readonly byteSize: number; admit(): void }[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes room for so many bytes, until what is returned is disposed of.
   *
   * @throws the signal's reason when aborted.
   */
  async take(byteSize: number, signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    const taken = Math.min(byteSize, this.#maxBytes);
    if (this.#waiting.length > 0 || this.#heldBytes + taken > this.#maxBytes) await this.#wait(taken, signal);
    else this.#heldBytes += taken;
    return {
      [Symbol.dispose]: () => {
        this.#heldBytes -= taken;
        this.#admit();
      },
    };
  }

  #wait(byteSize: number, signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const entry = {
        byteSize,
        admit: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        reject(signal.reason);
        this.#admit();
      };
      this.#waiting.push(entry);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #admit(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (this.#heldBytes + next.byteSize > this.#maxBytes) return;
      this.#waiting.shift();
      this.#heldBytes += next.byteSize;
      next.admit();
    }
  }
}
