import type { PoolClient } from 'pg';
import type { CollectionName } from '../../../platform/ports/vector-store.ts';

/** What can stand in the outbox: what must still be done to other stores because of a committed change. */
export interface OutboxPayloads {
  /** Removes a blob that no row refers to any more. */
  readonly 'remove-blob': { readonly blobKey: string };
  /** Removes what is left of versions of a document that cannot be found any more, and of it in spaces that it has left. */
  readonly 'purge-versions': { readonly documentId: string; readonly left?: readonly CollectionName[] };
  /** Removes a deleted document from every store, and signs the receipt. */
  readonly 'purge-document': { readonly documentId: string };
}

export type OutboxKind = keyof OutboxPayloads;

/** An entry that was taken to be done. */
export type OutboxEntry = {
  [Kind in OutboxKind]: {
    readonly id: number;
    readonly tenant: string;
    readonly kind: Kind;
    readonly payload: OutboxPayloads[Kind];
    readonly attempts: number;
  };
}[OutboxKind];

/** The channel on which is told that there is something in the outbox. */
export const outboxChannel = 'tributary_outbox';

const firstRetryMs = 200;
const longestRetryMs = 10_000;

/** Puts an entry into the outbox, in the transaction of the change that it belongs to. */
export async function addToOutbox<Kind extends OutboxKind>(
  client: PoolClient,
  tenant: string,
  kind: Kind,
  payload: OutboxPayloads[Kind],
): Promise<void> {
  await client.query(
    `with entry as (insert into outbox (tenant, kind, payload) values ($1, $2, $3))
     select pg_notify($4, '')`,
    [tenant, kind, JSON.stringify(payload), outboxChannel],
  );
}

/** Takes up to `limit` entries, the oldest first: for so long nobody else takes them. */
export async function takeEntries(
  client: PoolClient,
  { limit, leaseMs }: { readonly limit: number; readonly leaseMs: number },
): Promise<OutboxEntry[]> {
  const { rows } = await client.query<OutboxEntry>(
    `update outbox set attempts = attempts + 1, run_after = now() + $1 * interval '1 millisecond'
     where id in (select id from outbox
                  where run_after <= now()
                    -- What a backup counts on stays until it is done; what was deleted goes all the same.
                    and (kind = 'purge-document' or not (select backup_is_running()))
                  order by run_after, id limit $2
                  for update skip locked)
     returning id, tenant, kind, payload, attempts`,
    [leaseMs, limit],
  );
  return rows.sort((one, other) => one.id - other.id);
}

/** Keeps entries that are still being done from being taken by others. */
export async function prolongEntries(
  client: PoolClient,
  ids: readonly number[],
  leaseMs: number,
): Promise<void> {
  await client.query(
    `update outbox set run_after = now() + $2 * interval '1 millisecond' where id = any($1)`,
    [ids, leaseMs],
  );
}

/** Removes entries that are done. */
export async function removeEntries(client: PoolClient, ids: readonly number[]): Promise<void> {
  await client.query('delete from outbox where id = any($1)', [ids]);
}

/** Puts entries back that failed, to be tried again later: the later, the more often they have failed. */
export async function postponeEntries(client: PoolClient, ids: readonly number[]): Promise<void> {
  await client.query(
    `update outbox
     set run_after = now() + least($2::numeric, $3 * power(2::numeric, attempts)) * interval '1 millisecond'
     where id = any($1)`,
    [ids, longestRetryMs, firstRetryMs],
  );
}

/** Puts entries back that were not begun, or not ended because their process stops, for another to take at once. */
export async function releaseEntries(client: PoolClient, ids: readonly number[]): Promise<void> {
  await client.query(
    `with released as (
       update outbox set attempts = attempts - 1, run_after = now() where id = any($1) returning id)
     select pg_notify($2, '') from released limit 1`,
    [ids, outboxChannel],
  );
}
