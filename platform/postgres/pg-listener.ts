import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { guardedSocket } from '../guard-socket.ts';
import type { Logger } from '../logger.ts';

type Listener = (payload: string | null) => void;

/**
 * One connection that hears the notifications of all channels that are listened to. It is opened with the
 * first listener and closed with the last; when it is lost it comes back by itself, waiting a little longer
 * after each failure, and every listener is told that it may have missed something.
 */
export class PgListener implements AsyncDisposable {
  readonly #connection: pg.ClientConfig;
  readonly #logger: Logger;
  readonly #listeners = new Map<string, Set<Listener>>();
  #client: Promise<pg.Client> | null = null;
  readonly #disposal = new AbortController();

  constructor(connection: pg.ClientConfig, logger: Logger) {
    this.#connection = connection;
    this.#logger = logger;
  }

  async listen(channel: string, listener: Listener): Promise<AsyncDisposable> {
    // One object a call, so that the same function can listen twice.
    const entry: Listener = (payload) => listener(payload);
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners);
    listeners.add(entry);
    const remove = async () => {
      if (!listeners.delete(entry) || listeners.size > 0 || this.#listeners.get(channel) !== listeners)
        return;
      this.#listeners.delete(channel);
      if (this.#listeners.size === 0) await this.#close();
      else await (await this.#client)?.query(`unlisten ${pg.escapeIdentifier(channel)}`);
    };
    try {
      this.#client ??= this.#open();
      await (await this.#client).query(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      listeners.delete(entry);
      if (listeners.size === 0) this.#listeners.delete(channel);
      throw error;
    }
    return { [Symbol.asyncDispose]: remove };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposal.abort();
    this.#listeners.clear();
    await this.#close();
  }

  async #close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.then((open) => open.end()).catch(() => undefined);
  }

  #open(): Promise<pg.Client> {
    const opening = this.#connect();
    // A first attempt that fails is the caller's to hear of; the next one starts afresh.
    opening.catch(() => {
      if (this.#client === opening) this.#client = null;
    });
    return opening;
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#connection, keepAlive: true, stream: guardedSocket });
    client.on('error', (error) =>
      this.#logger.debug({ err: error }, 'the connection for notifications failed'),
    );
    client.on('notification', ({ channel, payload }) => this.#tell(channel, payload ?? ''));
    await client.connect();
    client.once('end', () => {
      void this.#reconnect();
    });
    return client;
  }

  async #reconnect(): Promise<void> {
    if (this.#disposal.signal.aborted || this.#listeners.size === 0) return;
    this.#client = this.#retry();
    await this.#client.catch(() => undefined);
  }

  async #retry(): Promise<pg.Client> {
    for (let attempt = 0; ; attempt++) {
      await delay(Math.min(25 * 2 ** attempt, 5000) * (0.5 + Math.random() / 2), undefined, {
        signal: this.#disposal.signal,
      });
      try {
        const client = await this.#connect();
        const channels = [...this.#listeners.keys()];
        for (const channel of channels) await client.query(`listen ${pg.escapeIdentifier(channel)}`);
        for (const channel of channels) this.#tell(channel, null);
        return client;
      } catch (error) {
        this.#logger.warn({ err: error }, 'the connection for notifications could not be opened again');
      }
    }
  }

  #tell(channel: string, payload: string | null): void {
    for (const listener of this.#listeners.get(channel) ?? []) {
      try {
        listener(payload);
      } catch (error) {
        this.#logger.error({ err: error, channel }, 'a listener failed');
      }
    }
  }
}
