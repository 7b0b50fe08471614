import pg from 'pg';
import { rejected, TributaryError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Database } from './database.ts';
import { translatePostgresError } from './pg-errors.ts';
import { PgListener } from './pg-listener.ts';

export interface OpenDatabaseOptions {
  /** Where the server is and who we are to it; its user must be able to take both of our roles. */
  readonly connection: pg.ClientConfig;
  /** The most connections, one more for notifications not counted; 10 by default. */
  readonly poolSize?: number;
  readonly logger: Logger;
  /** Called before every transaction that may write; what it throws is thrown instead. */
  readonly beforeWrite?: () => Promise<void>;
}

const int8 = 20;

/**
 * `bigint` columns and `count(*)` come as numbers: all of ours are far below 2^53, and one that is not is an
 * error rather than a wrong number. Everything else is as `pg` does it: `timestamptz` as Date, `jsonb` parsed.
 */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === int8 ? parseInt8 : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is too large for a number`);
  return value;
}

/**
 * Opens a pool of connections to a migrated database.
 *
 * @throws TributaryError `UPSTREAM` with service `postgres` when it cannot be reached.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const database = new PgDatabase(options);
  try {
    await database.ping();
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
  return database;
}

class PgDatabase implements Database {
  readonly #connection: pg.ClientConfig;
  readonly #pool: pg.Pool;
  readonly #listener: PgListener;
  readonly #logger: Logger;
  readonly #beforeWrite: () => Promise<void>;
  readonly #cancels = new Set<Promise<void>>();

  constructor({ connection, poolSize = 10, logger, beforeWrite }: OpenDatabaseOptions) {
    this.#connection = {
      application_name: 'tributary',
      ...connection,
      types,
      connectionTimeoutMillis: 10_000,
    };
    this.#logger = logger;
    this.#beforeWrite = beforeWrite ?? (async () => {});
    this.#pool = new pg.Pool({
      ...this.#connection,
      max: poolSize,
      idleTimeoutMillis: 60_000,
      statement_timeout: 60_000,
      idle_in_transaction_session_timeout: 120_000,
    });
    // A connection that breaks while it is in use fails the query that uses it; nobody else need hear of it.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#pool.on('error', (error) => logger.debug({ err: error }, 'an idle database connection was lost'));
    this.#listener = new PgListener(this.#connection, logger);
  }

  async forTenant<T>(
    tenant: string,
    work: (client: pg.PoolClient) => Promise<T>,
    options: { readonly signal?: AbortSignal; readonly readOnly?: boolean } = {},
  ): Promise<T> {
    if (tenant === '' || tenant.includes('\0')) {
      throw rejected('TENANT', 'A tenant has at least one character and no NUL.');
    }
    if (options.readOnly !== true) await this.#beforeWrite();
    // One round trip for all of it. Both settings end with the transaction.
    const begin =
      `begin${options.readOnly === true ? ' read only' : ''}; set local role tributary_app; ` +
      `set local tributary.tenant = ${pg.escapeLiteral(tenant)}`;
    return this.#transaction(begin, work, options.signal);
  }

  async forWorker<T>(
    work: (client: pg.PoolClient) => Promise<T>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<T> {
    await this.#beforeWrite();
    return this.#transaction('begin; set local role tributary_worker', work, options.signal);
  }

  async listen(channel: string, listener: (payload: string | null) => void): Promise<AsyncDisposable> {
    try {
      return await this.#listener.listen(channel, listener);
    } catch (error) {
      throw translatePostgresError(error);
    }
  }

  async ping(signal?: AbortSignal): Promise<void> {
    await this.#transaction('begin read only', (client) => client.query('select 1'), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#pool.ending) return;
    await this.#listener[Symbol.asyncDispose]();
    await Promise.all([this.#pool.end(), ...this.#cancels]);
  }

  async #transaction<T>(
    begin: string,
    work: (client: pg.PoolClient) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const client = await this.#checkOut(signal);
    let released = false;
    const release = (destroy: boolean) => {
      if (!released) client.release(destroy);
      released = true;
    };
    // A connection that was broken off in the middle is never used again.
    const abort = () => {
      this.#cancel(client);
      release(true);
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await client.query(begin);
      const result = await work(client);
      const { command } = await client.query('commit');
      if (command !== 'COMMIT') {
        throw new TributaryError('DEFECT', 'A change could not be kept, because a part of it had failed.', {
          reason: 'ROLLED_BACK',
        });
      }
      return result;
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      await client.query('rollback').catch(() => release(true));
      throw translatePostgresError(error);
    } finally {
      signal?.removeEventListener('abort', abort);
      release(false);
    }
  }

  /** A connection of the pool, waited for until the signal says otherwise. */
  async #checkOut(signal: AbortSignal | undefined): Promise<pg.PoolClient> {
    signal?.throwIfAborted();
    const connecting = this.#pool.connect();
    if (signal === undefined) return connecting.catch(fail);
    let abort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason);
    });
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([connecting.catch(fail), aborted]);
    } catch (error) {
      void connecting.then(
        (client) => client.release(),
        () => undefined,
      );
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Tells the server to stop what this connection is doing: closing it would let a query run to its end. */
  #cancel(client: pg.PoolClient): void {
    const { processID } = client as pg.PoolClient & { readonly processID: number | null };
    if (processID === null) return;
    const canceller = new pg.Client(this.#connection);
    canceller.on('error', () => undefined);
    const cancel = (async () => {
      try {
        await canceller.connect();
        await canceller.query('select pg_cancel_backend($1)', [processID]);
      } catch (error) {
        this.#logger.debug({ err: error }, 'a query could not be cancelled');
      } finally {
        await canceller.end().catch(() => undefined);
      }
    })();
    this.#cancels.add(cancel);
    void cancel.finally(() => this.#cancels.delete(cancel));
  }
}

function fail(error: unknown): never {
  throw translatePostgresError(error);
}
