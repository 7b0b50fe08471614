import type { PoolClient } from 'pg';

/**
 * PostgreSQL, with tenancy that cannot be forgotten: whoever wants a connection says for whom.
 * `work` runs in one transaction, committed when it resolves and rolled back when it throws.
 */
export interface Database extends AsyncDisposable {
  /** As `tributary_app`: row-level security shows this tenant's rows and no others. */
  forTenant<T>(
    tenant: string,
    work: (client: PoolClient) => Promise<T>,
    options?: { readonly signal?: AbortSignal; readonly readOnly?: boolean },
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
