import pg from 'pg';
import { busy, TributaryError } from '../errors.ts';
import { guardedSocket } from '../guard-socket.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import { idleInTransactionMs } from './allow-idle.ts';
import { translatePostgresError } from './pg-errors.ts';

export interface PgTransactionsOptions {
  readonly connection: pg.ClientConfig;
  /** The most connections. */
  readonly poolSize: number;
  /** How long one statement may take, in milliseconds. */
  readonly statementTimeoutMs: number;
  /** How long to wait for a connection, one of the pool's or a new one, in milliseconds. */
  readonly connectTimeoutMs: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** So many callers wait for a connection for each one that there is; those beyond are told to come again. */
const waitingPerConnection = 50;

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

/** Transactions on the connections of one pool, each of which ends with its caller's signal at the latest. */
export class PgTransactions implements AsyncDisposable {
  /** For a connection outside of the pool. */
  readonly connection: pg.ClientConfig;
  readonly #pool: pg.Pool;
  readonly #poolSize: number;
  readonly #logger: Logger;
  readonly #watching: Disposable;
  readonly #cancels = new Set<Promise<void>>();

  constructor(options: PgTransactionsOptions) {
    const { connection, poolSize, statementTimeoutMs, connectTimeoutMs, logger, metrics } = options;
    this.connection = {
      application_name: 'tributary',
      ...connection,
      types,
      connectionTimeoutMillis: connectTimeoutMs,
      stream: guardedSocket,
      // A server that is cut off without a word is noticed.
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    };
    this.#logger = logger;
    this.#poolSize = poolSize;
    this.#pool = new pg.Pool({
      ...this.connection,
      max: poolSize,
      idleTimeoutMillis: 60_000,
      statement_timeout: statementTimeoutMs,
      // The server ends a statement before this; where it cannot be heard any more, we end it ourselves.
      query_timeout: statementTimeoutMs + 5000,
      // A row that somebody holds is waited for no longer than a caller would wait.
      lock_timeout: Math.min(statementTimeoutMs, 30_000),
      idle_in_transaction_session_timeout: idleInTransactionMs,
    });
    this.#watching = metrics.watch('tributary_database_pool', () => {
      const { totalCount, idleCount, waitingCount } = this.#pool;
      return [
        { labels: { state: 'active' }, value: totalCount - idleCount },
        { labels: { state: 'idle' }, value: idleCount },
        { labels: { state: 'waiting' }, value: waitingCount },
      ];
    });
    // A connection that breaks while it is in use fails the query that uses it; nobody else need hear of it.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#pool.on('error', (error) => logger.debug({ err: error }, 'an idle database connection was lost'));
  }

  /**
   * Runs `work` in a transaction that `begin` opens: committed when it resolves, rolled back when it throws.
   *
   * @throws TributaryError `UPSTREAM` where the server is away; `BUSY` with reason `DATABASE_BUSY` where no
   * connection was free in time; and what `work` throws.
   */
  async run<T>(
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
      // A server that does not answer does not hear a rollback either: it comes with the end of the connection.
      if (error instanceof Error && error.message === 'Query read timeout') release(true);
      else await client.query('rollback').catch(() => release(true));
      throw translatePostgresError(error);
    } finally {
      signal?.removeEventListener('abort', abort);
      release(false);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#pool.ending) return;
    this.#watching[Symbol.dispose]();
    await Promise.all([this.#pool.end(), ...this.#cancels]);
  }

  /** A connection of the pool, waited for until the signal says otherwise. */
  async #checkOut(signal: AbortSignal | undefined): Promise<pg.PoolClient> {
    signal?.throwIfAborted();
    if (this.#pool.waitingCount >= this.#poolSize * waitingPerConnection) {
      throw busy('DATABASE_BUSY', 'The database is too busy at present; please try again.', 1000);
    }
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
    const canceller = new pg.Client(this.connection);
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
