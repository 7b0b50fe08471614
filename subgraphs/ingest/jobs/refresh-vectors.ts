import { createEncoderSet, type LoadedEncoders } from '../../../platform/encoder/encoder-set.ts';
import type { CollectionName } from '../../../platform/ports/vector-store.ts';
import type { Modality } from '../../../platform/types.ts';
import { forgetDocuments } from '../documents/forget-documents.ts';
import { searchTextOf, textHashOf } from '../encode.ts';
import { markEncoded, readWritingPlan, textCollection } from '../encoders/plan-writing.ts';
import { nextEpoch, recordOf, type StoreDependencies, upsertFenced } from '../store.ts';
import { collectionIn, type Tier } from '../tiers/tier.ts';
import type { Attributes } from '../types.ts';
import { changeJob, type TakenJob } from './jobs.ts';
import { toAttributes } from './work.ts';

interface VisibleChunk {
  readonly chunk_id: string;
  readonly ordinal: number;
  readonly modality: Modality;
  readonly text: string | null;
  readonly cells: Readonly<Record<string, unknown>> | null;
}

const batchSize = 256;

/**
 * Writes what is said of a document to the vectors of its passages, of every encoder that is kept, and makes those
 * anew that are missing, or that were made with another title. What an encoder that is not loaded here must make is
 * left to processes that have it.
 */
export async function refreshVectors(
  job: TakenJob,
  dependencies: StoreDependencies & LoadedEncoders,
  signal: AbortSignal,
): Promise<void> {
  const { database } = dependencies;
  const { tenant, documentId } = job;
  const { attributes, encodedTitle, tier, writing } = await database.forWorker(async (client) => {
    const { rows } = await client.query<
      Parameters<typeof toAttributes>[0] & { encoded_title: string | null; tier: Tier }
    >('select * from documents where tenant = $1 and id = $2', [tenant, documentId]);
    const [row] = rows;
    if (row === undefined) throw new Error(`The job ${job.id} has no document to work on.`);
    await changeJob(client, job, { stage: 'STORE' });
    return {
      attributes: toAttributes(row),
      encodedTitle: row.encoded_title,
      // It stays there while a job is at it.
      tier: row.tier,
      writing: await readWritingPlan(client, createEncoderSet(dependencies)),
    };
  });

  let stored = 0;
  for (let after = -1; ; ) {
    const chunks = await database.forWorker(async (client) => {
      const { rows } = await client.query<VisibleChunk>(
        `select chunk_id, ordinal, modality, text, cells from visible_chunks
         where tenant = $1 and document_id = $2 and family = 'text' and ordinal > $3
         order by ordinal limit $4`,
        [tenant, documentId, after, batchSize],
      );
      return rows;
    });
    const last = chunks[chunks.length - 1];
    if (last === undefined) break;
    after = last.ordinal;
    const complete: string[] = [];
    for (const fingerprint of writing.fingerprints) {
      const written = await writeBatch(
        {
          chunks,
          collection: textCollection(fingerprint, tier),
          attributes,
          canKeep: encodedTitle === attributes.title,
        },
        job,
        dependencies,
        signal,
      );
      if (written === chunks.length) complete.push(fingerprint);
    }
    stored += chunks.length;
    await database.forWorker(async (client) => {
      await changeJob(client, job, { chunksTotal: stored, chunksStored: stored });
      const ids = chunks.map((chunk) => chunk.chunk_id);
      await markEncoded(client, tenant, ids, complete);
      // The title is a part of what was encoded.
      const hashes = chunks.map(({ text }) => textHashOf(searchTextOf(attributes.title, text)));
      await client.query(
        `update chunks set content_hash = new.hash from unnest($2::text[], $3::text[]) as new (id, hash)
         where chunks.tenant = $1 and chunks.id = new.id and chunks.content_hash is distinct from new.hash`,
        [tenant, ids, hashes],
      );
    });
  }

  await refreshMedia(job, { attributes, tier }, dependencies, signal);
  await database.forWorker(async (client) => {
    await client.query(
      `update documents set encoded_title = $3 where tenant = $1 and id = $2 and deleted_at is null`,
      [tenant, documentId, attributes.title],
    );
    await changeJob(client, job, { state: 'SUCCEEDED', stage: 'DONE' });
    await client.query('select note_missing_vectors($1, $2)', [tenant, documentId]);
    await nextEpoch(client, tenant);
  });
  await forgetDocuments(dependencies.cache, tenant, [documentId]);
}

interface MediaChunk extends VisibleChunk {
  readonly family: 'image' | 'audio';
  readonly fingerprints: readonly string[];
}

/** Writes what is said of a document to the vectors of its pictures and its sound; those stay as they are. */
async function refreshMedia(
  job: TakenJob,
  { attributes, tier }: { readonly attributes: Attributes; readonly tier: Tier },
  dependencies: StoreDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { database, vectors } = dependencies;
  const { tenant, documentId } = job;
  for (let after = -1; ; ) {
    const chunks = await database.forWorker(async (client) => {
      const { rows } = await client.query<MediaChunk>(
        `select v.chunk_id, v.ordinal, v.modality, v.text, v.cells, c.family,
                coalesce(c.encoded_by, array[c.fingerprint]) as fingerprints
         from visible_chunks v join chunks c on c.tenant = v.tenant and c.id = v.chunk_id
         where v.tenant = $1 and v.document_id = $2 and v.family <> 'text' and v.ordinal > $3
         order by v.ordinal limit $4`,
        [tenant, documentId, after, batchSize],
      );
      return rows;
    });
    const last = chunks[chunks.length - 1];
    if (last === undefined) return;
    after = last.ordinal;
    const spaces = new Map<string, CollectionName>();
    for (const { family, fingerprints } of chunks) {
      for (const fingerprint of fingerprints)
        spaces.set(`${family}/${fingerprint}`, collectionIn({ family, fingerprint }, tier));
    }
    for (const collection of spaces.values()) {
      const mine = chunks.filter(
        ({ family, fingerprints }) =>
          family === collection.family && fingerprints.includes(collection.fingerprint),
      );
      const ids = mine.map(({ chunk_id }) => chunk_id);
      const known = await vectors.vectors(collection, tenant, ids, signal);
      const records = mine.flatMap((chunk) => {
        const vector = known.get(chunk.chunk_id);
        const searchText = searchTextOf(attributes.title, chunk.text);
        return vector === undefined
          ? []
          : [recordOf({ ...chunk, id: chunk.chunk_id, vector, searchText }, job, attributes)];
      });
      if (records.length > 0) await upsertFenced(records, job, collection, dependencies);
    }
  }
}

/** Writes the vectors of one encoder. @returns how many there are of these passages now. */
async function writeBatch(
  batch: {
    readonly chunks: readonly VisibleChunk[];
    readonly collection: CollectionName;
    readonly attributes: Attributes;
    /** Whether vectors that are there already hold. */
    readonly canKeep: boolean;
  },
  job: TakenJob,
  dependencies: StoreDependencies & LoadedEncoders,
  signal: AbortSignal,
): Promise<number> {
  const { chunks, collection, attributes, canKeep } = batch;
  const ids = chunks.map((chunk) => chunk.chunk_id);
  const known = canKeep
    ? await dependencies.vectors.vectors(collection, job.tenant, ids, signal)
    : new Map<string, Float32Array>();
  const encoder = createEncoderSet(dependencies).find(collection.fingerprint);
  if (encoder !== null) {
    const missing = chunks.filter((chunk) => !known.has(chunk.chunk_id));
    const texts = missing.map((chunk) => searchTextOf(attributes.title, chunk.text ?? ''));
    const made = await encoder.encode(texts, 'passage', signal);
    for (const [index, chunk] of missing.entries()) {
      const vector = made[index];
      if (vector !== undefined) known.set(chunk.chunk_id, vector);
    }
  }
  const records = chunks.flatMap((chunk) => {
    const vector = known.get(chunk.chunk_id);
    const searchText = searchTextOf(attributes.title, chunk.text ?? '');
    return vector === undefined
      ? []
      : [recordOf({ ...chunk, id: chunk.chunk_id, vector, searchText }, job, attributes)];
  });
  if (records.length > 0) await upsertFenced(records, job, collection, dependencies);
  return records.length;
}
