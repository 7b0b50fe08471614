import { busy } from '../errors.ts';

/** Something that is lent to one user at a time. */
export interface Loan<T> extends Disposable {
  readonly thing: T;
}

/** Lends a fixed number of things, first come first served; whoever finds the line too long is sent away. */
export class WaitingLine<T> {
  readonly #free: T[];
  readonly #waiting: ((thing: T) => void)[] = [];
  readonly #maxWaiting: number;

  constructor(things: readonly T[], maxWaiting: number) {
    this.#free = [...things];
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Borrows one; disposing of the loan gives it back.
   *
   * @throws TributaryError `BUSY` with reason `QUEUE_FULL`; the signal's reason when aborted while waiting.
   */
  async borrow(signal: AbortSignal): Promise<Loan<T>> {
    signal.throwIfAborted();
    const free = this.#free.pop();
    if (free !== undefined) return this.#lend(free);
    if (this.#waiting.length >= this.#maxWaiting) {
      throw busy('QUEUE_FULL', 'The language model has too much to do. Ask again in a few seconds.', 5_000);
    }
    const thing = await new Promise<T>((resolve, reject) => {
      const take = (given: T) => {
        signal.removeEventListener('abort', leave);
        resolve(given);
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(signal.reason);
      };
      this.#waiting.push(take);
      signal.addEventListener('abort', leave, { once: true });
    });
    return this.#lend(thing);
  }

  #lend(thing: T): Loan<T> {
    let isLent = true;
    return {
      thing,
      [Symbol.dispose]: () => {
        if (!isLent) return;
        isLent = false;
        const next = this.#waiting.shift();
        if (next) next(thing);
        else this.#free.push(thing);
      },
    };
  }
}
