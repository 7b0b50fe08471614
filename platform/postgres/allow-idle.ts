import type { PoolClient } from 'pg';

/**
 * So long a transaction may stand still between two statements, in milliseconds. A process that stands still, or a
 * machine that is gone without a word, holds what it has locked no longer than this.
 */
export const idleInTransactionMs = 10_000;

/** Lets this transaction wait for another store between two statements: for so long, and no longer. */
export async function allowIdle(client: PoolClient, idleMs: number): Promise<void> {
  await client.query(`select set_config('idle_in_transaction_session_timeout', $1, true)`, [String(idleMs)]);
}
