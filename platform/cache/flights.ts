import { raceAbort } from '../race-abort.ts';

interface Flight {
  readonly result: Promise<unknown>;
  readonly stop: AbortController;
  waiting: number;
}

/**
 * Work that several wait for is done once. One who stops waiting does not stop it for the others; when nobody waits
 * any more, it is stopped.
 */
export class Flights {
  readonly #flights = new Map<string, Flight>();

  /**
   * The result of the work under this key: of that which is under way, or of `work`, which is begun.
   *
   * @throws what the work throws; the signal's reason when it is aborted.
   */
  async join<T>(key: string, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#begin(key, work);
    flight.waiting++;
    try {
      // One key has one kind of result.
      return await raceAbort(signal, () => flight.result as Promise<T>);
    } finally {
      flight.waiting--;
      if (flight.waiting === 0) {
        this.#end(key, flight);
        flight.stop.abort();
      }
    }
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<unknown>): Flight {
    const stop = new AbortController();
    const flight: Flight = { result: work(stop.signal), stop, waiting: 0 };
    this.#flights.set(key, flight);
    const ended = () => this.#end(key, flight);
    flight.result.then(ended, ended);
    return flight;
  }

  /** Who comes from now on begins anew. */
  #end(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
