import type { PoolClient } from 'pg';
import type { Cache } from '../../platform/ports/cache.ts';
import type { CollectionName, VectorRecord, VectorStore } from '../../platform/ports/vector-store.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { forgetDocuments } from './documents/forget-documents.ts';
import { encodedBy, holdKept, textCollection } from './encoders/plan-writing.ts';
import { changeJob, checkJob, holdJob, LeaseLostError, type TakenJob } from './jobs/jobs.ts';
import { addToOutbox } from './jobs/outbox.ts';
import type { Attributes, EncodedChunk, Gap } from './types.ts';

export interface StoreDependencies {
  readonly database: Database;
  readonly vectors: VectorStore;
  readonly cache: Cache;
}

/**
 * Writes rows, then vectors: rows first, so that no vector is without one. Nothing of it can be found before
 * `publish`. Doing it twice is doing it once.
 *
 * @throws LeaseLostError where the job is not the worker's any more; then what it wrote is taken back.
 */
export async function store(
  chunks: readonly EncodedChunk[],
  job: TakenJob,
  attributes: Attributes,
  chunkFingerprint: string,
  { database, vectors }: Pick<StoreDependencies, 'database' | 'vectors'>,
): Promise<void> {
  await database.forWorker(async (client) => {
    await holdJob(client, job);
    await insertChunks(client, chunks, job, chunkFingerprint);
  });
  for (const fingerprint of chunks[0]?.vectors.keys() ?? []) {
    const records = chunks.flatMap((chunk) => {
      const vector = chunk.vectors.get(fingerprint);
      return vector === undefined ? [] : [recordOf({ ...chunk, vector }, job, attributes)];
    });
    await upsertFenced(records, job, textCollection(fingerprint), { database, vectors });
  }
}

/**
 * Writes vectors for a job. Where the job was lost in the meantime, what it wrote for chunks that are not there
 * any more is taken back.
 *
 * @throws LeaseLostError
 */
export async function upsertFenced(
  records: readonly VectorRecord[],
  job: TakenJob,
  collection: CollectionName,
  { database, vectors }: Pick<StoreDependencies, 'database' | 'vectors'>,
): Promise<void> {
  // Not abortable: a write that goes on by itself after an abort could come after its own undoing.
  await vectors.upsert(collection, records);
  try {
    // A lock would have to be written to disk, and there is nothing here to hold the job for.
    await database.forWorker((client) => checkJob(client, job));
  } catch (error) {
    if (error instanceof LeaseLostError) {
      const chunkIds = records.map(({ chunkId }) => chunkId);
      await removeUnowned(job.tenant, chunkIds, collection, { database, vectors });
    }
    throw error;
  }
}

/** Removes those vectors of the given chunks that have no row any more, or whose document is deleted. */
async function removeUnowned(
  tenant: string,
  chunkIds: readonly string[],
  collection: CollectionName,
  { database, vectors }: Pick<StoreDependencies, 'database' | 'vectors'>,
): Promise<void> {
  const owned = await database.forWorker(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      // The rows of a deleted document go last: its vectors have gone, or go in a moment.
      `select c.id from chunks c join documents d on d.tenant = c.tenant and d.id = c.document_id
       where c.tenant = $1 and c.id = any($2) and d.deleted_at is null`,
      [tenant, chunkIds],
    );
    return new Set(rows.map(({ id }) => id));
  });
  const unowned = chunkIds.filter((id) => !owned.has(id));
  if (unowned.length > 0) await vectors.deleteChunks(collection, tenant, unowned);
}

/** A chunk as the vector store keeps it. */
export const recordOf = (
  chunk: Pick<EncodedChunk, 'id' | 'modality' | 'searchText'> & { readonly vector: Float32Array },
  { tenant, documentId }: Pick<TakenJob, 'tenant' | 'documentId'>,
  attributes: Attributes,
): VectorRecord => ({
  chunkId: chunk.id,
  tenant,
  documentId,
  modality: chunk.modality,
  vector: chunk.vector,
  searchText: chunk.searchText,
  year: attributes.year,
  author: attributes.author,
  tags: attributes.tags,
  source: attributes.source,
  publishedAtMs: attributes.publishedAtMs,
  containsPii: attributes.containsPii,
  metadata: attributes.metadata,
});

/**
 * A chunk that is there already, from an earlier version or an earlier attempt, is marked as seen in this one.
 * One that was closed with an old version begins anew. Its vectors are written anew, too: those of encoders that
 * this process has not loaded are as good as missing from now on.
 */
async function insertChunks(
  client: PoolClient,
  chunks: readonly EncodedChunk[],
  job: TakenJob,
  chunkFingerprint: string,
): Promise<void> {
  await holdKept(client);
  await client.query(
    `insert into chunks as old (tenant, id, document_id, first_version, seen_version, ordinal, modality, family,
                                fingerprint, encoded_by, text, locator)
     select $1, new.id, $2, $3, $3, new.ordinal, new.modality, 'text', $4, nullif(${encodedBy('$5')}, array[$4]),
            new.text, new.locator
     from unnest($6::text[], $7::int[], $8::text[], $9::text[], $10::jsonb[])
       as new (id, ordinal, modality, text, locator)
     on conflict (tenant, id) do update set
       seen_version = excluded.seen_version,
       first_version = case when old.last_version is null then old.first_version else excluded.first_version end,
       last_version = null,
       encoded_by = nullif(${encodedBy('$5')}, array[old.fingerprint])`,
    [
      job.tenant,
      job.documentId,
      job.version,
      chunkFingerprint,
      [...(chunks[0]?.vectors.keys() ?? [])],
      chunks.map(({ id }) => id),
      chunks.map(({ ordinal }) => ordinal),
      chunks.map(({ modality }) => modality),
      chunks.map(({ text }) => text),
      chunks.map(({ locator }) => JSON.stringify(locator)),
    ],
  );
}

/** What is known of a version once its last vector is stored. */
export interface Publication {
  readonly title: string;
  readonly author: string | null;
  readonly mediaType: string;
  readonly chunks: number;
  readonly gaps: readonly Gap[];
}

/**
 * Makes a version, whose vectors are all in memory, the one that is found, instead of the one before, and ends its job: in one transaction.
 *
 * @throws LeaseLostError where the job is not the worker's any more.
 */
export async function publish(
  job: TakenJob,
  publication: Publication,
  { database, cache }: Pick<StoreDependencies, 'database' | 'cache'>,
): Promise<void> {
  const { tenant, documentId, version } = job;
  await database.forWorker(async (client) => {
    // Always the document before the job, as everyone does who changes both.
    await client.query('select from documents where tenant = $1 and id = $2 for no key update', [
      tenant,
      documentId,
    ]);
    await changeJob(client, job, {
      state: 'SUCCEEDED',
      stage: 'DONE',
      chunksTotal: publication.chunks,
      chunksStored: publication.chunks,
    });
    await client.query(
      `update documents set visible_version = $3, state = $4, updated_at = now(), encoded_title = $5,
         tier = 'HOT', two_tiers_since = case when tier = 'COLD' then now() else two_tiers_since end,
         title = case when title_given then title else $5 end,
         author = case when author_given then author else $6 end
       where tenant = $1 and id = $2`,
      [
        ...[tenant, documentId, version, publication.gaps.length > 0 ? 'PARTIAL' : 'SEARCHABLE'],
        ...[publication.title, publication.author],
      ],
    );
    await client.query(
      `update document_versions set gaps = $4, media_type = $5
       where tenant = $1 and document_id = $2 and version = $3`,
      [tenant, documentId, version, JSON.stringify(publication.gaps), publication.mediaType],
    );
    const { rowCount: closed } = await client.query(
      `update chunks set last_version = $3 - 1
       where tenant = $1 and document_id = $2 and last_version is null and seen_version <> $3`,
      [tenant, documentId, version],
    );
    await client.query('select note_missing_vectors($1, $2)', [tenant, documentId]);
    await nextEpoch(client, tenant);
    if (version > 1 || closed) await addToOutbox(client, tenant, 'purge-versions', { documentId });
  });
  await forgetDocuments(cache, tenant, [documentId]);
}

/** Results that are remembered from before this are remembered no more. */
export async function nextEpoch(client: PoolClient, tenant: string): Promise<void> {
  await client.query(
    `insert into corpus_epochs (tenant, epoch) values ($1, 1)
     on conflict (tenant) do update set epoch = corpus_epochs.epoch + 1`,
    [tenant],
  );
}
