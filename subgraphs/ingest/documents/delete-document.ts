import type { KeyObject } from 'node:crypto';
import { newId } from '../../../platform/ids.ts';
import type { Cache } from '../../../platform/ports/cache.ts';
import type { Clock } from '../../../platform/ports/clock.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { cancelJobs } from '../jobs/jobs.ts';
import { addToOutbox } from '../jobs/outbox.ts';
import type { DeletionReceiptModel } from '../models.ts';
import { nextEpoch } from '../store.ts';
import { noDocument } from './accept.ts';
import { forgetDocuments } from './forget-documents.ts';
import type { PurgeDependencies } from './purge.ts';
import { purgeAnswerStreamsOf } from './purge-answer-streams-of.ts';
import { addAnswersToReceipts, addToReceipt, findReceipt, signReceipt } from './receipts.ts';

/** The stores that a document is purged from, in this order: the rows that say where the rest is come last. */
const stores = ['cache', 'vectors', 'blobs', 'answers', 'metadata'] as const;

/**
 * Makes a document unfindable, from the end of this on, empties the cache and the answers of it, and leaves the rest of
 * its purge to the outbox. Deleting one that is deleted gives the same receipt again.
 *
 * @throws TributaryError `NOT_FOUND`.
 */
export function deleteDocument(
  tenant: string,
  documentId: string,
  { database, cache, clock }: { readonly database: Database; readonly cache: Cache; readonly clock: Clock },
): Promise<DeletionReceiptModel> {
  const requestedAt = new Date(clock.now());
  return database.forTenant(tenant, async (client) => {
    const { rowCount } = await client.query(
      `update documents set deleted_at = $3, updated_at = now(), state = 'DELETED'
       where tenant = $1 and id = $2 and deleted_at is null`,
      [tenant, documentId, requestedAt],
    );
    if (rowCount === 1) {
      await cancelJobs(client, tenant, documentId);
      // Before the corpus has its new version, whose row others wait for. Who remembers the old one until then
      // does so in vain, and the purge removes that, too.
      const forgotten = await forgetDocuments(cache, tenant, [documentId]);
      const cached = {
        removed: forgotten.removed,
        purgedAt: forgotten.complete ? new Date(clock.now()).toISOString() : null,
      };
      await client.query(
        `insert into deletion_receipts (tenant, id, document_id, requested_at, unfindable_at, stores)
         values ($1, $2, $3, $4, $5, $6)`,
        [
          ...[tenant, newId('rcp'), documentId, requestedAt, new Date(clock.now())],
          JSON.stringify(
            stores.map((store) => ({ store, removed: 0, purgedAt: null, ...(store === 'cache' && cached) })),
          ),
        ],
      );
      // Its words must not be had again by an answer either, from the acknowledgement on.
      await addAnswersToReceipts(client, tenant, [documentId], new Date(clock.now()));
      await addToOutbox(client, tenant, 'purge-document', { documentId });
      await nextEpoch(client, tenant);
    }
    const receipt = await findReceipt(client, tenant, documentId);
    if (receipt === null) throw noDocument(documentId);
    return receipt;
  });
}

export interface PurgeDocumentDependencies extends PurgeDependencies {
  readonly clock: Clock;
  readonly receiptKey: KeyObject;
}

/** Removes a deleted document from every store, and signs its receipt. Can be done again from the start. */
export async function purgeDocument(
  tenant: string,
  documentId: string,
  dependencies: PurgeDocumentDependencies,
): Promise<void> {
  const { database, cache, vectors, blobs, clock, receiptKey } = dependencies;
  const note = (store: (typeof stores)[number], removed: number) =>
    database.forWorker((client) =>
      addToReceipt(client, tenant, documentId, { store, removed, purgedAt: new Date(clock.now()) }),
    );

  const forgotten = await forgetDocuments(cache, tenant, [documentId]);
  if (forgotten.complete) await note('cache', forgotten.removed);
  await note('vectors', await vectors.deleteDocuments(tenant, [documentId]));

  const blobKeys = await database.forWorker(async (client) => {
    const { rows } = await client.query<{ blob_key: string }>(
      `select blob_key from document_versions where tenant = $1 and document_id = $2
       union select preview_key from chunks where tenant = $1 and document_id = $2 and preview_key is not null`,
      [tenant, documentId],
    );
    return rows.map(({ blob_key }) => blob_key);
  });
  let removed = 0;
  for (const key of blobKeys) removed += (await blobs.delete(key)) ? 1 : 0;
  await note('blobs', removed);

  const answers = await database.forWorker(async (client) => {
    const { rows } = await client.query<{ count: number }>(
      'select purge_document_from_answers($1, $2) as count',
      [tenant, documentId],
    );
    return rows[0]?.count ?? 0;
  });
  await note('answers', answers);
  await purgeAnswerStreamsOf(tenant, [documentId], dependencies);

  await database.forWorker(async (client) => {
    let rows = 0;
    for (const table of ['chunks', 'document_versions', 'derivations']) {
      const deleted = await client.query(`delete from ${table} where tenant = $1 and document_id = $2`, [
        tenant,
        documentId,
      ]);
      rows += deleted.rowCount ?? 0;
    }
    // What stays is that there was a document, without a word of or about it.
    const blanked = await client.query(
      `update documents set source_key = '', title = '', source = null, author = null, year = null,
         published_at = null, tags = '{}', metadata = '{}', contains_pii = false, encoded_title = null
       where tenant = $1 and id = $2`,
      [tenant, documentId],
    );
    await client.query('update jobs set error = null where tenant = $1 and document_id = $2', [
      tenant,
      documentId,
    ]);
    const purgedAt = new Date(clock.now());
    rows += blanked.rowCount ?? 0;
    await addToReceipt(client, tenant, documentId, { store: 'metadata', removed: rows, purgedAt });
    await signReceipt(client, tenant, documentId, purgedAt, receiptKey);
  });
}
