import pg from 'pg';
import { rejected } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { type Metrics, noMetrics } from '../ports/metrics.ts';
import type { Database, TenantTransactionOptions } from './database.ts';
import { translatePostgresError } from './pg-errors.ts';
import { PgListener } from './pg-listener.ts';
import { PgReplica } from './pg-replica.ts';
import { PgTransactions } from './pg-transactions.ts';

export interface OpenDatabaseOptions {
  /** Where the server is and who we are to it; its user must be able to take both of our roles. */
  readonly connection: pg.ClientConfig;
  /** A read replica of it, for reads that say that they may be answered by one. */
  readonly replica?: pg.ClientConfig | undefined;
  /** The most connections, one more for notifications not counted; 10 by default. */
  readonly poolSize?: number | undefined;
  /** How long one statement may take, in milliseconds; a minute by default. */
  readonly statementTimeoutMs?: number | undefined;
  /** How long to wait for a connection, in milliseconds; 10 s by default. */
  readonly connectTimeoutMs?: number | undefined;
  readonly logger: Logger;
  /** Called before every transaction that may write; what it throws is thrown instead. */
  readonly beforeWrite?: () => Promise<void>;
  readonly metrics?: Metrics;
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
  readonly #primary: PgTransactions;
  readonly #replica: PgReplica | null;
  readonly #listener: PgListener;
  readonly #beforeWrite: () => Promise<void>;

  constructor(options: OpenDatabaseOptions) {
    const { connection, replica, logger, beforeWrite } = options;
    const shared = {
      poolSize: options.poolSize ?? 10,
      statementTimeoutMs: options.statementTimeoutMs ?? 60_000,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      metrics: options.metrics ?? noMetrics,
      logger,
    };
    this.#beforeWrite = beforeWrite ?? (async () => {});
    this.#primary = new PgTransactions({ ...shared, connection });
    this.#replica =
      replica === undefined ? null : new PgReplica(this.#primary, { ...shared, connection: replica });
    this.#listener = new PgListener(this.#primary.connection, logger);
  }

  async forTenant<T>(
    tenant: string,
    work: (client: pg.PoolClient) => Promise<T>,
    options: TenantTransactionOptions = {},
  ): Promise<T> {
    if (tenant === '' || tenant.includes('\0')) {
      throw rejected('TENANT', 'A tenant has at least one character and no NUL.');
    }
    const { readOnly = false, replica = false, signal } = options;
    if (!readOnly) await this.#beforeWrite();
    // One round trip for all of it. Both settings end with the transaction.
    const settings = `set local role tributary_app; set local tributary.tenant = ${pg.escapeLiteral(tenant)}`;
    if (readOnly && replica) {
      const answered = await this.#replica?.run(settings, work, signal);
      if (answered) return answered.result;
    }
    return this.#primary.run(`begin${readOnly ? ' read only' : ''}; ${settings}`, work, signal);
  }

  async forWorker<T>(
    work: (client: pg.PoolClient) => Promise<T>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<T> {
    await this.#beforeWrite();
    return this.#primary.run('begin; set local role tributary_worker', work, options.signal);
  }

  async listen(channel: string, listener: (payload: string | null) => void): Promise<AsyncDisposable> {
    try {
      return await this.#listener.listen(channel, listener);
    } catch (error) {
      throw translatePostgresError(error);
    }
  }

  async ping(signal?: AbortSignal): Promise<void> {
    await this.#primary.run('begin read only', (client) => client.query('select 1'), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener[Symbol.asyncDispose]();
    await this.#replica?.[Symbol.asyncDispose]();
    await this.#primary[Symbol.asyncDispose]();
  }
}
