import type { Logger } from '../../../platform/logger.ts';
import { inLanes } from '../jobs/in-lanes.ts';
import { type PurgeDocumentDependencies, purgeDocument } from './delete-document.ts';
import { forgetDocuments } from './forget-documents.ts';
import { purgeAnswerStreamsOf } from './purge-answer-streams-of.ts';
import { addAnswersToReceipts, completeReceipts, type PurgedDocument } from './receipts.ts';

export interface PurgeDocumentsDependencies extends PurgeDocumentDependencies {
  readonly logger: Logger;
}

interface DeletedDocument {
  readonly id: string;
  /** Whether each row of a passage has its vector: no job was given up in the middle of writing them. */
  readonly settled: boolean;
  /** How many vectors it has: of each passage one, or one of each encoder while there are several; none where its encoder is missing. */
  readonly vectors: number;
  readonly blob_keys: readonly string[];
}

/** So many blobs are removed at once. */
const blobsAtOnce = 16;
const singlesAtOnce = 4;

/**
 * Removes deleted documents of a tenant from every store, many with one call of each, and signs their receipts.
 * Each receipt says what was removed for that one document: as many vectors as its rows say there are, which the
 * store's own count of all of them together must bear out. Can be done again from the start.
 *
 * @param signal ends it between two stores.
 */
export async function purgeDocuments(
  tenant: string,
  documentIds: readonly string[],
  dependencies: PurgeDocumentsDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { database, cache, vectors, blobs, clock, logger } = dependencies;
  const all = await findDeleted(tenant, documentIds, dependencies);
  const documents = all.filter(({ settled }) => settled);
  // What a job was just writing is known to the store alone: it counts these one by one.
  await inLanes(
    all.filter(({ settled }) => !settled),
    singlesAtOnce,
    async ({ id }) => {
      signal.throwIfAborted();
      await purgeDocument(tenant, id, dependencies);
    },
  );
  if (documents.length === 0) return;
  const ids = documents.map(({ id }) => id);

  // The deletion has done so already; here goes what was being worked out just then.
  const forgotten = new Map<string, { readonly removed: number; readonly at: Date }>();
  await inLanes(ids, singlesAtOnce, async (id) => {
    const { removed: entries, complete } = await forgetDocuments(cache, tenant, [id]);
    if (complete) forgotten.set(id, { removed: entries, at: new Date(clock.now()) });
  });

  signal.throwIfAborted();
  const removed = await vectors.deleteDocuments(tenant, ids);
  const vectorsAt = new Date(clock.now());
  const expected = documents.reduce((sum, document) => sum + document.vectors, 0);
  if (removed !== expected) {
    // An earlier attempt that ended halfway has removed the rest; anything else is worth looking at.
    logger.warn({ tenant, removed, expected }, 'a purge found other vectors than there were passages');
  }

  signal.throwIfAborted();
  await inLanes(
    documents.flatMap(({ blob_keys }) => blob_keys),
    blobsAtOnce,
    (key) => blobs.delete(key),
  );
  const blobsAt = new Date(clock.now());

  await database.forWorker((client) => addAnswersToReceipts(client, tenant, ids, new Date(clock.now())));
  await purgeAnswerStreamsOf(tenant, ids, dependencies);
  const purged = documents.map(
    (document): PurgedDocument => ({
      id: document.id,
      cache: forgotten.get(document.id) ?? null,
      vectors: { removed: document.vectors, at: vectorsAt },
      blobs: { removed: document.blob_keys.length, at: blobsAt },
    }),
  );
  await database.forWorker(async (client) => {
    const rows = await removeRows(client, tenant, ids);
    await completeReceipts(
      client,
      tenant,
      purged.map((document) => ({ ...document, rows: rows.get(document.id) ?? 0 })),
      new Date(clock.now()),
      dependencies.receiptKey,
    );
  });
}

function findDeleted(
  tenant: string,
  documentIds: readonly string[],
  { database }: PurgeDocumentDependencies,
): Promise<DeletedDocument[]> {
  return database.forWorker(async (client) => {
    const { rows } = await client.query<DeletedDocument>(
      `select d.id,
         (select coalesce(sum(cardinality(coalesce(c.encoded_by, array[c.fingerprint]))), 0)
          from chunks c where c.tenant = d.tenant and c.document_id = d.id) as vectors,
         array(select v.blob_key from document_versions v
               where v.tenant = d.tenant and v.document_id = d.id
               union select c.preview_key from chunks c
               where c.tenant = d.tenant and c.document_id = d.id and c.preview_key is not null) as blob_keys,
         d.visible_version is not null and d.two_tiers_since is null
           and not exists (
             select from chunks c where c.tenant = d.tenant and c.document_id = d.id
               and (c.first_version > d.visible_version or c.last_version < d.visible_version))
           and not exists (
             select from jobs j where j.tenant = d.tenant and j.document_id = d.id and j.kind = 'CONTENT'
               and j.state = 'CANCELLED' and j.version > d.visible_version)
           and not exists (
             select from encoder_work w where w.tenant = d.tenant and w.document_id = d.id) as settled
       from documents d where d.tenant = $1 and d.id = any($2) and d.deleted_at is not null
       order by d.id`,
      [tenant, documentIds],
    );
    return rows;
  });
}

/** Removes the rows of documents, but for what says that there was one. @returns how many of each. */
async function removeRows(
  client: Parameters<typeof completeReceipts>[0],
  tenant: string,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ id: string; rows: number }>(
    `with chunk as (delete from chunks where tenant = $1 and document_id = any($2) returning document_id as id),
          version as (
            delete from document_versions where tenant = $1 and document_id = any($2) returning document_id as id),
          derivation as (
            delete from derivations where tenant = $1 and document_id = any($2) returning document_id as id),
          document as (
            update documents set source_key = '', title = '', source = null, author = null, year = null,
              published_at = null, tags = '{}', metadata = '{}', contains_pii = false, encoded_title = null
            where tenant = $1 and id = any($2) returning id),
          job as (
            update jobs set error = null
            where tenant = $1 and document_id = any($2) and error is not null returning id)
     select id, count(*) as rows
     from (select id from chunk union all select id from version
           union all select id from derivation union all select id from document) as removed
     group by id`,
    [tenant, ids],
  );
  return new Map(rows.map(({ id, rows: count }) => [id, count]));
}
