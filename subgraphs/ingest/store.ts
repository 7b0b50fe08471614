import type { PoolClient } from 'pg';
import { edgesFingerprint } from '../../platform/encoder/edges-fingerprint.ts';
import type { BlobStore } from '../../platform/ports/blob-store.ts';
import type { Cache } from '../../platform/ports/cache.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { CollectionName, VectorRecord, VectorStore } from '../../platform/ports/vector-store.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { cellsKey, indexCells } from '../../platform/tables/cells.ts';
import type { Modality } from '../../platform/types.ts';
import { newBlobKey } from './documents/blob-key.ts';
import { forgetDocuments } from './documents/forget-documents.ts';
import { encodedBy, holdKept } from './encoders/plan-writing.ts';
import { changeJob, checkJob, holdJob, LeaseLostError, type TakenJob } from './jobs/jobs.ts';
import { addToOutbox } from './jobs/outbox.ts';
import { type MediaType, mainModality } from './media-types.ts';
import type { Attributes, EncodedChunk, Gap } from './types.ts';

export interface StoreDependencies {
  readonly database: Database;
  readonly vectors: VectorStore;
  readonly blobs: BlobStore;
  readonly cache: Cache;
  readonly clock: Clock;
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
  dependencies: StoreDependencies,
): Promise<void> {
  const { database } = dependencies;
  const previews = await putPreviews(chunks, job, dependencies);
  const isNoted = await database.forWorker(async (client) => {
    await holdJob(client, job);
    return insertChunks(client, chunks, job, chunkFingerprint, previews);
  });
  const collections = new Map<string, { collection: CollectionName; records: VectorRecord[] }>();
  for (const chunk of chunks) {
    for (const [fingerprint, vector] of chunk.vectors) {
      const key = `${chunk.family}/${fingerprint}`;
      const entry = collections.get(key) ?? {
        collection: { family: chunk.family, fingerprint },
        records: [],
      };
      entry.records.push(recordOf({ ...chunk, vector }, job, attributes));
      collections.set(key, entry);
    }
  }
  for (const { collection, records } of collections.values()) {
    await upsertFenced(records, job, collection, dependencies);
  }
  if (!isNoted) await database.forWorker((client) => noteContent(client, chunks, job));
}

/** Keeps what is shown of passages, but for those that have it already. @returns the blobs' keys, by passage. */
async function putPreviews(
  chunks: readonly EncodedChunk[],
  { tenant }: TakenJob,
  { database, blobs, clock }: StoreDependencies,
): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  const shown = chunks.filter(({ preview }) => preview !== null);
  if (shown.length === 0) return keys;
  const kept = await database.forWorker(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      'select id from chunks where tenant = $1 and id = any($2) and preview_key is not null',
      [tenant, shown.map(({ id }) => id)],
    );
    return new Set(rows.map(({ id }) => id));
  });
  for (const { id, preview } of shown) {
    if (preview === null || kept.has(id)) continue;
    // A crash before the row is written leaves bytes without one; the reconciler removes them.
    const key = newBlobKey(tenant, clock);
    await blobs.put(key, once(preview.bytes), { maxBytes: preview.bytes.length });
    keys.set(id, key);
  }
  return keys;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Says what the vectors were made of that are in the store now, so that they can be taken for the same again. */
async function noteContent(
  client: PoolClient,
  chunks: readonly EncodedChunk[],
  job: TakenJob,
): Promise<void> {
  await client.query(
    `update chunks set content_hash = new.hash
     from unnest($2::text[], $3::text[]) as new (id, hash)
     where chunks.tenant = $1 and chunks.id = new.id and chunks.content_hash is distinct from new.hash
       and chunks.seen_version = $4`,
    [job.tenant, chunks.map(({ id }) => id), chunks.map(({ contentHash }) => contentHash), job.version],
  );
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
  chunk: Pick<EncodedChunk, 'id' | 'modality' | 'searchText' | 'cells'> & { readonly vector: Float32Array },
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
  metadata:
    chunk.cells === null
      ? attributes.metadata
      : { ...attributes.metadata, [cellsKey]: indexCells(chunk.cells) },
});

/**
 * A chunk that is there already, from an earlier version or an earlier attempt, is marked as seen in this one.
 * One that was closed with an old version begins anew. Its vectors are written anew, too: those of encoders that
 * this process has not loaded are as good as missing from now on.
 *
 * @returns whether the rows say already what the vectors will be made of, because they are new or it stayed the same.
 */
async function insertChunks(
  client: PoolClient,
  chunks: readonly EncodedChunk[],
  job: TakenJob,
  chunkFingerprint: string,
  previews: ReadonlyMap<string, string>,
): Promise<boolean> {
  await holdKept(client);
  const given = encodedBy('new.encoded_by::text[]');
  const { rows } = await client.query<{ noted: boolean }>(
    `insert into chunks as old (tenant, id, document_id, first_version, seen_version, ordinal, modality, family,
                                fingerprint, encoded_by, text, locator, view_of, preview_key, preview_media_type, cells,
                                content_hash)
     select $1, new.id, $2,
            case when exists (select from documents d where d.tenant = $1 and d.id = $2 and d.visible_version = $3)
              then $17 else $3 end, $3, new.ordinal, new.modality, new.family, new.fingerprint,
            nullif(${given}, array[new.fingerprint]), new.text, new.locator, new.view_of, new.preview_key,
            new.preview_media_type, new.cells, new.content_hash
     from unnest($4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::jsonb[],
                 $12::text[], $13::text[], $14::text[], $15::jsonb[], $16::text[])
       as new (id, ordinal, modality, family, fingerprint, encoded_by, text, locator, view_of, preview_key,
               preview_media_type, cells, content_hash)
     on conflict (tenant, id) do update set
       seen_version = excluded.seen_version,
       first_version = case when old.last_version is null then old.first_version else excluded.first_version end,
       last_version = null,
       encoded_by = case when excluded.encoded_by is null and old.fingerprint <> excluded.fingerprint
         then array[excluded.fingerprint] else nullif(excluded.encoded_by, array[old.fingerprint]) end,
       preview_key = coalesce(old.preview_key, excluded.preview_key),
       preview_media_type = coalesce(old.preview_media_type, excluded.preview_media_type),
       cells = excluded.cells,
       -- Until its vectors are written nobody can tell whether they are those of the old content or of the new.
       content_hash = case when old.content_hash = excluded.content_hash then old.content_hash end
     returning content_hash is not null as noted`,
    [
      ...[job.tenant, job.documentId, job.version],
      chunks.map(({ id }) => id),
      chunks.map(({ ordinal }) => ordinal),
      chunks.map(({ modality }) => modality),
      chunks.map(({ family }) => family),
      chunks.map(({ family, vectors }) => firstFingerprint(family, vectors, chunkFingerprint)),
      chunks.map(({ vectors }) => `{${[...vectors.keys()].join(',')}}`),
      chunks.map(({ text }) => text),
      chunks.map(({ locator }) => JSON.stringify(locator)),
      chunks.map(({ viewOfId }) => viewOfId),
      chunks.map(({ id }) => previews.get(id) ?? null),
      chunks.map(({ id, preview }) => (previews.has(id) ? (preview?.mediaType ?? null) : null)),
      chunks.map(({ cells }) => (cells === null ? null : JSON.stringify(cells))),
      chunks.map(({ contentHash }) => contentHash),
      unpublished,
    ],
  );
  return rows.every(({ noted }) => noted);
}

/**
 * The first version of passages that were added to a version that is found already: until that is published anew they
 * must not stand beside those that they replace.
 */
const unpublished = 2 ** 31 - 1;

/** Stands for the encoder of a passage that has no vector yet, because there is no encoder for it here. */
const noFingerprint = 'none';

const firstFingerprint = (
  family: EncodedChunk['family'],
  vectors: EncodedChunk['vectors'],
  chunkFingerprint: string,
): string => (family === 'text' ? chunkFingerprint : ([...vectors.keys()][0] ?? noFingerprint));

/** What is known of a version once its last vector is stored. */
export interface Publication {
  readonly title: string;
  readonly author: string | null;
  readonly mediaType: MediaType;
  readonly chunks: number;
  readonly gaps: readonly Gap[];
  /** The kinds of passages that it has. */
  readonly modalities: readonly Modality[];
  /** The encoders that its pictures and its sound were put into their spaces by; null where there is none of it. */
  readonly visualSpace: string | null;
  readonly soundSpace: string | null;
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
         author = case when author_given then author else $6 end, modality = $7
       where tenant = $1 and id = $2`,
      [
        ...[tenant, documentId, version, publication.gaps.length > 0 ? 'PARTIAL' : 'SEARCHABLE'],
        ...[publication.title, publication.author, modalityOf(publication)],
      ],
    );
    const left = await noteVersion(client, job, publication);
    await client.query(
      `update chunks set first_version = $3
       where tenant = $1 and document_id = $2 and seen_version = $3 and first_version = $4`,
      [tenant, documentId, version, unpublished],
    );
    const { rowCount: closed } = await client.query(
      `update chunks set last_version = $3 - 1
       where tenant = $1 and document_id = $2 and last_version is null and seen_version <> $3`,
      [tenant, documentId, version],
    );
    await client.query('select note_missing_vectors($1, $2)', [tenant, documentId]);
    await nextEpoch(client, tenant, publication.modalities);
    if (version > 1 || closed || left.length > 0) {
      await addToOutbox(client, tenant, 'purge-versions', { documentId, left });
    }
  });
  await forgetDocuments(cache, tenant, [documentId]);
}

/** Says what was found out of a version. @returns the spaces that an earlier pass or version of it was in, and it is not. */
async function noteVersion(
  client: PoolClient,
  { tenant, documentId, version }: TakenJob,
  { gaps, mediaType, visualSpace, soundSpace }: Publication,
): Promise<CollectionName[]> {
  const { rows } = await client.query<{ visual_space: string | null; sound_space: string | null }>(
    'select visual_space, sound_space from document_versions where tenant = $1 and document_id = $2',
    [tenant, documentId],
  );
  await client.query(
    `update document_versions set gaps = $4, media_type = $5, lacks = $6, visual_space = $7, sound_space = $8
     where tenant = $1 and document_id = $2 and version = $3`,
    [
      ...[tenant, documentId, version, JSON.stringify(gaps), mediaType],
      [...new Set(gaps.flatMap(({ lacks }) => lacks ?? []))],
      ...[visualSpace, soundSpace],
    ],
  );
  const others = (spaces: readonly (string | null)[], now: string | null) =>
    [...new Set(spaces)].flatMap((space) => (space === null || space === '' || space === now ? [] : [space]));
  return [
    ...others(
      rows.map((row) => row.visual_space),
      visualSpace,
    ).flatMap((fingerprint): CollectionName[] => [
      { family: 'image', fingerprint },
      { family: 'image', fingerprint: edgesFingerprint(fingerprint) },
    ]),
    ...others(
      rows.map((row) => row.sound_space),
      soundSpace,
    ).map((fingerprint): CollectionName => ({ family: 'audio', fingerprint })),
  ];
}

/** What the document mainly is. The file of a film that has nothing but sound is a recording. */
function modalityOf({ mediaType, modalities }: Publication): Modality {
  const main = mainModality(mediaType);
  return main === 'VIDEO' && !modalities.includes('VIDEO') && modalities.includes('AUDIO') ? 'AUDIO' : main;
}

/** Results that are remembered from before this are remembered no more. */
export async function nextEpoch(
  client: PoolClient,
  tenant: string,
  modalities: readonly Modality[] = [],
): Promise<void> {
  await client.query(
    `insert into corpus_epochs as known (tenant, epoch, modalities) values ($1, 1, $2)
     on conflict (tenant) do update set epoch = known.epoch + 1,
       modalities = case when known.modalities @> $2 then known.modalities
         else array(select distinct unnest(known.modalities || $2) order by 1) end`,
    [tenant, modalities],
  );
}
