import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { TributaryError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { raceAbort } from '../race-abort.ts';
import { PgTransactions, type PgTransactionsOptions } from './pg-transactions.ts';

/** How long a replica may take to come up with what is committed before the primary is asked instead. */
const catchUpMs = 250;
/** For so long a replica that failed is not asked again. */
const restMs = 5000;

/** A replica's answer that is none: the primary is to be asked. */
class ReplicaNotReadyError extends Error {
  override readonly name = 'ReplicaNotReadyError';
}

/**
 * A read replica whose answers are as good as the primary's: each transaction on it begins when it has replayed
 * everything that was committed before the transaction was asked for. (PostgreSQL, “Log-Shipping Standby
 * Servers”: positions in the write-ahead log say how far a standby is.)
 */
export class PgReplica implements AsyncDisposable {
  readonly #primary: PgTransactions;
  readonly #transactions: PgTransactions;
  readonly #logger: Logger;
  #position: Promise<string> | null = null;
  #nextPosition: Promise<string> | null = null;
  #restUntil = 0;
  #isWell = true;

  constructor(primary: PgTransactions, options: PgTransactionsOptions) {
    this.#primary = primary;
    this.#logger = options.logger;
    this.#transactions = new PgTransactions({ ...options, connectTimeoutMs: 1000 });
  }

  /**
   * Runs a transaction that only reads, or says with `null` that the primary has to.
   *
   * @param settings what stands at the beginning of the transaction, as SQL.
   * @throws what `work` throws, and `UPSTREAM` where the primary is away: without it nobody knows what is committed.
   */
  async run<T>(
    settings: string,
    work: (client: pg.PoolClient) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly result: T } | null> {
    if (Date.now() < this.#restUntil) return null;
    const position = await raceAbort(signal, () => this.#committedPosition());
    try {
      // Each statement has a snapshot of its own, so that `work` sees what was waited for before it.
      const result = await this.#transactions.run(
        'begin isolation level read committed read only',
        async (client) => {
          await this.#catchUp(client, position);
          await client.query(settings);
          return work(client);
        },
        signal,
      );
      if (!this.#isWell) this.#logger.info('the read replica of the database is used again');
      this.#isWell = true;
      return { result };
    } catch (error) {
      signal?.throwIfAborted();
      const isAway = error instanceof TributaryError && error.retryable;
      if (!isAway && !(error instanceof ReplicaNotReadyError)) throw error;
      this.#rest(error);
      return null;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#transactions[Symbol.asyncDispose]();
  }

  /** Told once, not at every read. */
  #rest(error: unknown): void {
    this.#restUntil = Date.now() + restMs;
    if (this.#isWell) {
      this.#logger.warn({ err: error }, 'the read replica of the database is not used for now');
    }
    this.#isWell = false;
  }

  /**
   * Up to where the primary's log holds what is committed. Those who ask while a question is under way share the
   * next one: an answer that was asked for earlier could lack what they have just written.
   */
  #committedPosition(): Promise<string> {
    if (this.#position === null) {
      this.#position = this.#askPosition();
      return this.#position;
    }
    const running = this.#position;
    this.#nextPosition ??= running
      .catch(() => undefined)
      .then(() => {
        this.#position = this.#nextPosition;
        this.#nextPosition = null;
        return this.#askPosition();
      });
    return this.#nextPosition;
  }

  async #askPosition(): Promise<string> {
    try {
      return await this.#primary.run(
        'begin read only',
        async (client) => {
          const { rows } = await client.query<{ position: string }>(
            'select pg_current_wal_flush_lsn()::text as position',
          );
          return rows[0]?.position ?? '';
        },
        undefined,
      );
    } finally {
      if (this.#nextPosition === null) this.#position = null;
    }
  }

  async #catchUp(client: pg.PoolClient, position: string): Promise<void> {
    const deadline = Date.now() + catchUpMs;
    for (let waitMs = 2; ; waitMs *= 2) {
      const { rows } = await client.query<{ caught_up: boolean | null }>(
        'select pg_last_wal_replay_lsn() >= $1::pg_lsn as caught_up',
        [position],
      );
      const caughtUp = rows[0]?.caught_up ?? null;
      if (caughtUp === true) return;
      if (caughtUp === null) {
        throw new ReplicaNotReadyError('The server at TRIBUTARY_DATABASE_REPLICA_URL is no standby.');
      }
      if (Date.now() >= deadline) {
        throw new ReplicaNotReadyError(`The replica lags by more than ${catchUpMs} ms.`);
      }
      await delay(Math.min(waitMs, 50));
    }
  }
}
