import type { Database } from '../../../platform/postgres/database.ts';
import { Wakeup } from './wakeup.ts';

/** Passes the notifications of one channel on to whoever waits for their payload: one connection for all. */
export class NotificationHub implements AsyncDisposable {
  readonly #waiting = new Map<string, Set<Wakeup>>();
  #listening: AsyncDisposable | undefined;

  /** Begins to listen. */
  static async open(database: Database, channel: string): Promise<NotificationHub> {
    const hub = new NotificationHub();
    hub.#listening = await database.listen(channel, (payload) => hub.#notify(payload));
    return hub;
  }

  /** A wakeup that is woken by each notification with this payload, until it is given back with `leave`. */
  join(payload: string): Wakeup {
    const wakeup = new Wakeup();
    const others = this.#waiting.get(payload);
    if (others) others.add(wakeup);
    else this.#waiting.set(payload, new Set([wakeup]));
    return wakeup;
  }

  leave(payload: string, wakeup: Wakeup): void {
    const waiting = this.#waiting.get(payload);
    waiting?.delete(wakeup);
    if (waiting?.size === 0) this.#waiting.delete(payload);
  }

  /** Without a payload notifications may have been missed: all look for themselves. */
  #notify(payload: string | null): void {
    if (payload !== null) {
      for (const wakeup of this.#waiting.get(payload) ?? []) wakeup.wake();
      return;
    }
    for (const wakeups of this.#waiting.values()) for (const wakeup of wakeups) wakeup.wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening?.[Symbol.asyncDispose]();
    this.#notify(null);
  }
}
