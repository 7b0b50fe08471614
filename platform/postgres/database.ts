import type { PoolClient } from 'pg';

/** How a tenant's transaction is run. */
export interface TenantTransactionOptions {
  readonly signal?: AbortSignal;
  /** Refuses writes. */
  readonly readOnly?: boolean;
  /**
   * With `readOnly`: lets a read replica answer, where there is one. It is asked only once it has everything that
   * was committed before this call, so that nothing deleted is seen, and what the caller has just written is; where
   * that takes too long, or the replica is away, the primary answers. `work` may then run twice: it only reads.
   */
  readonly replica?: boolean;
}

/**
 * PostgreSQL, with tenancy that cannot be forgotten: whoever wants a connection says for whom.
 * `work` runs in one transaction, committed when it resolves and rolled back when it throws.
 */
export interface Database extends AsyncDisposable {
  /** As `tributary_app`: row-level security shows this tenant's rows and no others. */
  forTenant<T>(
    tenant: string,
    work: (client: PoolClient) => Promise<T>,
    options?: TenantTransactionOptions,
  ): Promise<T>;
  /** As `tributary_worker`, for work over all tenants: taking jobs, sweeping, purging. */
  forWorker<T>(
    work: (client: PoolClient) => Promise<T>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<T>;
  /**
   * Calls `listener` with the payload of every NOTIFY on the channel, and with `null` whenever
   * notifications may have been missed (a lost connection came back): then look for yourself.
   */
  listen(channel: string, listener: (payload: string | null) => void): Promise<AsyncDisposable>;
  /** Resolves when a round trip succeeds. */
  ping(signal?: AbortSignal): Promise<void>;
}
