import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { Database } from '../../../platform/postgres/database.ts';
import type { NotificationHub } from '../jobs/notification-hub.ts';
import type { DeletionReceiptModel, StorePurgeModel } from '../models.ts';

/** The channel on which the id of a receipt is told when it is complete. */
export const receiptsChannel = 'tributary_receipts';

interface ReceiptRow {
  readonly id: string;
  readonly document_id: string;
  readonly requested_at: Date;
  readonly unfindable_at: Date;
  readonly purged_at: Date | null;
  readonly stores: StorePurgeModel[];
  readonly signature: string | null;
}

const toReceipt = (row: ReceiptRow): DeletionReceiptModel => ({
  id: row.id,
  documentId: row.document_id,
  requestedAt: row.requested_at.toISOString(),
  unfindableAt: row.unfindable_at.toISOString(),
  purgedAt: row.purged_at?.toISOString() ?? null,
  stores: row.stores,
  signature: row.signature,
});

/** A receipt by its own id, or by the id of the document that it is about. */
export async function findReceipt(
  client: PoolClient,
  tenant: string,
  id: string,
): Promise<DeletionReceiptModel | null> {
  const { rows } = await client.query<ReceiptRow>(
    'select * from deletion_receipts where tenant = $1 and (id = $2 or document_id = $2)',
    [tenant, id],
  );
  return rows[0] === undefined ? null : toReceipt(rows[0]);
}

/** Adds what was removed from one store to a receipt: more than once where a purge was begun again. */
export async function addToReceipt(
  client: PoolClient,
  tenant: string,
  documentId: string,
  purge: { readonly store: string; readonly removed: number; readonly purgedAt: Date },
): Promise<void> {
  await client.query(
    `update deletion_receipts set stores = (
       select jsonb_agg(case when entry ->> 'store' = $3
         then jsonb_build_object('store', $3::text, 'removed', (entry ->> 'removed')::int + $4::int, 'purgedAt', $5::text)
         else entry end order by place)
       from jsonb_array_elements(stores) with ordinality as entries (entry, place))
     where tenant = $1 and document_id = $2 and purged_at is null`,
    [tenant, documentId, purge.store, purge.removed, purge.purgedAt.toISOString()],
  );
}

/** Completes and signs a receipt. */
export async function signReceipt(
  client: PoolClient,
  tenant: string,
  documentId: string,
  purgedAt: Date,
  key: KeyObject,
): Promise<void> {
  const receipt = await findReceipt(client, tenant, documentId);
  if (receipt === null || receipt.purgedAt !== null) return;
  const signed = { ...receipt, purgedAt: purgedAt.toISOString() };
  const signature = sign(null, Buffer.from(canonicalReceipt(signed)), key).toString('base64url');
  await client.query(
    'update deletion_receipts set purged_at = $3, signature = $4 where tenant = $1 and document_id = $2',
    [tenant, documentId, purgedAt, signature],
  );
  await client.query('select pg_notify($1, $2)', [receiptsChannel, receipt.id]);
}

/** Waits for a receipt to be complete, but not for long: it can be asked for again. */
export const awaitReceipt =
  (database: Database, receipts: NotificationHub, waitMs: number) =>
  async (
    tenant: string,
    receipt: DeletionReceiptModel,
    signal: AbortSignal,
  ): Promise<DeletionReceiptModel> => {
    const deadline = Date.now() + waitMs;
    const wakeup = receipts.join(receipt.id);
    try {
      for (let newest = receipt; ; ) {
        const found = await database.forTenant(tenant, (client) => findReceipt(client, tenant, receipt.id), {
          readOnly: true,
        });
        newest = found ?? newest;
        const leftMs = deadline - Date.now();
        if (newest.purgedAt !== null || leftMs <= 0 || signal.aborted) return newest;
        await wakeup.wait(leftMs);
      }
    } finally {
      receipts.leave(receipt.id, wakeup);
    }
  };

/**
 * What is signed: the receipt's fields but for the signature as JSON without white space, the keys of every
 * object in alphabetical order (RFC 8785).
 */
export function canonicalReceipt(receipt: Omit<DeletionReceiptModel, 'signature'>): string {
  const { documentId, id, purgedAt, requestedAt, unfindableAt } = receipt;
  const stores = receipt.stores.map((entry) => ({
    purgedAt: entry.purgedAt,
    removed: entry.removed,
    store: entry.store,
  }));
  return JSON.stringify({ documentId, id, purgedAt, requestedAt, stores, unfindableAt });
}

/** The public key that receipts are checked with, as a JSON Web Key and as PEM. */
export function publicReceiptKey(key: KeyObject): { readonly jwk: object; readonly pem: string } {
  const publicKey = createPublicKey(key);
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'EdDSA' },
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
