import type { Encoder } from '../../../platform/ports/encoder.ts';
import type { Modality } from '../../../platform/types.ts';
import { searchTextOf } from '../encode.ts';
import { textCollection } from '../pipeline.ts';
import { nextEpoch, recordOf, type StoreDependencies, upsertFenced } from '../store.ts';
import { changeJob, type TakenJob } from './jobs.ts';
import { toAttributes } from './work.ts';

interface VisibleChunk {
  readonly chunk_id: string;
  readonly ordinal: number;
  readonly modality: Modality;
  readonly text: string | null;
}

const batchSize = 256;

/**
 * Writes what is said of a document to the vectors of its passages, and makes those anew that are missing, or
 * that were made with another title.
 */
export async function refreshVectors(
  job: TakenJob,
  dependencies: StoreDependencies & { readonly encoder: Encoder },
  signal: AbortSignal,
): Promise<void> {
  const { database, vectors, encoder } = dependencies;
  const { tenant, documentId } = job;
  const collection = textCollection(encoder);
  const { attributes, encodedTitle } = await database.forWorker(async (client) => {
    const { rows } = await client.query<
      Parameters<typeof toAttributes>[0] & { encoded_title: string | null }
    >('select * from documents where tenant = $1 and id = $2', [tenant, documentId]);
    const [row] = rows;
    if (row === undefined) throw new Error(`The job ${job.id} has no document to work on.`);
    await changeJob(client, job, { stage: 'STORE' });
    return { attributes: toAttributes(row), encodedTitle: row.encoded_title };
  });

  let stored = 0;
  for (let after = -1; ; ) {
    const chunks = await database.forWorker(async (client) => {
      const { rows } = await client.query<VisibleChunk>(
        `select chunk_id, ordinal, modality, text from visible_chunks
         where tenant = $1 and document_id = $2 and family = $3 and fingerprint = $4 and ordinal > $5
         order by ordinal limit $6`,
        [tenant, documentId, collection.family, collection.fingerprint, after, batchSize],
      );
      return rows;
    });
    const last = chunks[chunks.length - 1];
    if (last === undefined) break;
    after = last.ordinal;
    const ids = chunks.map((chunk) => chunk.chunk_id);
    const known =
      encodedTitle === attributes.title
        ? await vectors.vectors(collection, tenant, ids, signal)
        : new Map<string, Float32Array>();
    const missing = chunks.filter((chunk) => !known.has(chunk.chunk_id));
    const made = await encoder.encode(
      missing.map((chunk) => searchTextOf(attributes.title, chunk.text ?? '')),
      'passage',
      signal,
    );
    for (const [index, chunk] of missing.entries()) {
      const vector = made[index];
      if (vector !== undefined) known.set(chunk.chunk_id, vector);
    }
    const records = chunks.flatMap((chunk) => {
      const vector = known.get(chunk.chunk_id);
      const searchText = searchTextOf(attributes.title, chunk.text ?? '');
      return vector === undefined
        ? []
        : [recordOf({ id: chunk.chunk_id, modality: chunk.modality, vector, searchText }, job, attributes)];
    });
    await upsertFenced(records, job, collection, dependencies);
    stored += records.length;
    await database.forWorker((client) =>
      changeJob(client, job, { chunksTotal: stored, chunksStored: stored }),
    );
  }

  await database.forWorker(async (client) => {
    await client.query(
      `update documents set encoded_title = $3 where tenant = $1 and id = $2 and deleted_at is null`,
      [tenant, documentId, attributes.title],
    );
    await changeJob(client, job, { state: 'SUCCEEDED', stage: 'DONE' });
    await nextEpoch(client, tenant);
  });
}
