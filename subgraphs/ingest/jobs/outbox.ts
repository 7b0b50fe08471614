import type { PoolClient } from 'pg';

/** What can stand in the outbox: what must still be done to other stores because of a committed change. */
export interface OutboxPayloads {
  /** Removes a blob that no row refers to any more. */
  readonly 'remove-blob': { readonly blobKey: string };
  /** Removes what is left of versions of a document that cannot be found any more. */
  readonly 'purge-versions': { readonly documentId: string };
  /** Removes a deleted document from every store, and signs the receipt. */
  readonly 'purge-document': { readonly documentId: string };
}

export type OutboxKind = keyof OutboxPayloads;

/** The channel on which is told that there is something in the outbox. */
export const outboxChannel = 'tributary_outbox';

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
