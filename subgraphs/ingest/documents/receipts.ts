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
  const signature = signatureOf(signed, key);
  await client.query(
    'update deletion_receipts set purged_at = $3, signature = $4 where tenant = $1 and document_id = $2',
    [tenant, documentId, purgedAt, signature],
  );
  await client.query('select pg_notify($1, $2)', [receiptsChannel, receipt.id]);
}

/** What was removed of a document, beside its rows and its words in answers. */
export interface PurgedDocument {
  readonly id: string;
  /** What was there beside what the deletion has removed; null where the cache could not be reached. */
  readonly cache: { readonly removed: number; readonly at: Date } | null;
  readonly vectors: { readonly removed: number; readonly at: Date };
  readonly blobs: { readonly removed: number; readonly at: Date };
}

/**
 * Removes documents' words from all answers, and adds to each receipt how many held them: in the same
 * transaction, because a second attempt finds none.
 */
export async function addAnswersToReceipts(
  client: PoolClient,
  tenant: string,
  documentIds: readonly string[],
  at: Date,
): Promise<void> {
  // All locks before anything else, in one order: an answer that takes several of them in does the same.
  await client.query(
    `select pg_advisory_xact_lock(answer_document_lock($1, id))
     from (select unnest($2::text[]) as id order by 1) as documents`,
    [tenant, documentIds],
  );
  await client.query(
    `with purged as materialized (
       select id, purge_document_from_answers($1, id) as count
       from unnest($2::text[]) as given (id))
     update deletion_receipts r set stores = (
       select jsonb_agg(case when entry ->> 'store' = 'answers'
         then entry || jsonb_build_object('removed', (entry ->> 'removed')::int + purged.count, 'purgedAt', $3::text)
         else entry end order by place)
       from jsonb_array_elements(r.stores) with ordinality as entries (entry, place))
     from purged where r.tenant = $1 and r.document_id = purged.id and r.purged_at is null`,
    [tenant, documentIds, at.toISOString()],
  );
}

/** Completes and signs the receipts of documents, in the transaction that removes their last rows. */
export async function completeReceipts(
  client: PoolClient,
  tenant: string,
  documents: readonly (PurgedDocument & { readonly rows: number })[],
  purgedAt: Date,
  key: KeyObject,
): Promise<void> {
  const { rows } = await client.query<ReceiptRow>(
    `select * from deletion_receipts where tenant = $1 and document_id = any($2) and purged_at is null
     order by id for update`,
    [tenant, documents.map(({ id }) => id)],
  );
  const byDocument = new Map(documents.map((document) => [document.id, document]));
  const complete = rows.flatMap((row) => {
    const document = byDocument.get(row.document_id);
    if (document === undefined) return [];
    const removals: Readonly<Record<string, { readonly removed: number; readonly at: Date }>> = {
      vectors: document.vectors,
      blobs: document.blobs,
      metadata: { removed: document.rows, at: purgedAt },
    };
    const { cache } = document;
    const stores = row.stores.map((entry): StorePurgeModel => {
      if (entry.store === 'cache' && cache !== null) {
        return { store: 'cache', removed: entry.removed + cache.removed, purgedAt: cache.at.toISOString() };
      }
      const removal = removals[entry.store];
      return removal === undefined
        ? entry
        : { store: entry.store, removed: removal.removed, purgedAt: removal.at.toISOString() };
    });
    const receipt = { ...toReceipt(row), stores, purgedAt: purgedAt.toISOString() };
    return [{ ...receipt, signature: signatureOf(receipt, key) }];
  });
  await client.query(
    `with signed as (
       update deletion_receipts r set purged_at = $2, stores = new.stores, signature = new.signature
       from unnest($3::text[], $4::jsonb[], $5::text[]) as new (id, stores, signature)
       where r.tenant = $1 and r.id = new.id returning r.id)
     select pg_notify($6, id) from signed`,
    [
      ...[tenant, purgedAt, complete.map(({ id }) => id)],
      ...[complete.map(({ stores }) => JSON.stringify(stores)), complete.map(({ signature }) => signature)],
      receiptsChannel,
    ],
  );
}

const signatureOf = (receipt: Omit<DeletionReceiptModel, 'signature'>, key: KeyObject): string =>
  sign(null, Buffer.from(canonicalReceipt(receipt)), key).toString('base64url');

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
