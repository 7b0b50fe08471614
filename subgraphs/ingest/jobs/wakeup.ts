/** Lets a loop sleep until there may be something to do: nothing that happens meanwhile is missed. */
export class Wakeup {
  #awake = false;
  #resolve: (() => void) | undefined;

  /** Ends the sleep, or the next one. */
  wake(): void {
    this.#awake = true;
    this.#resolve?.();
  }

  /** Sleeps until woken, or until the time is over. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.#awake) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#resolve = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#resolve = undefined;
    this.#awake = false;
  }
}
