import { join } from 'node:path';
import type pg from 'pg';
import type { VectorRecord, VectorStore } from '../../../platform/ports/vector-store.ts';
import type { Modality } from '../../../platform/types.ts';
import { searchTextOf } from '../encode.ts';
import { toAttributes } from '../jobs/work.ts';
import { inBatches } from '../reconcile/batches.ts';
import { recordOf } from '../store.ts';
import { collectionIn, type Tier } from '../tiers/tier.ts';
import { readLines } from './backup-file.ts';
import { decodeVector } from './copy-vectors.ts';
import { type Manifest, vectorLine } from './manifest.ts';

/** What a chunk's record is made of, beside its vector. */
type ChunkRow = Parameters<typeof toAttributes>[0] & {
  readonly tenant: string;
  readonly chunk_id: string;
  readonly document_id: string;
  readonly chunk_modality: Modality;
  readonly cells: Readonly<Record<string, unknown>> | null;
  readonly text: string | null;
  readonly encoded_title: string | null;
  readonly tier: Tier;
};

const tiers = ['HOT', 'COLD'] as const;

const batchSize = 1000;

/**
 * Writes the vectors of the restored chunks, each with what its document says of itself, and builds the indexes.
 *
 * @returns how many.
 * @throws Error where the store does not have as many afterwards.
 */
export async function restoreVectors({
  client,
  directory,
  manifest,
  to,
  signal,
}: {
  readonly client: pg.ClientBase;
  readonly directory: string;
  readonly manifest: Manifest;
  readonly to: VectorStore;
  readonly signal: AbortSignal;
}): Promise<number> {
  const written = manifest.collections.map(() => ({ HOT: 0, COLD: 0 }));
  for await (const lines of inBatches(
    readLines(join(directory, manifest.vectors.path), vectorLine),
    batchSize,
  )) {
    const chunks = await findChunks(client, lines);
    for (const [index, collection] of manifest.collections.entries()) {
      for (const tier of tiers) {
        const records = lines.flatMap((line): VectorRecord[] => {
          const chunk = chunks.get(`${line.tenant}/${line.chunkId}`);
          if (line.collection !== index || chunk?.tier !== tier) return [];
          return [recordFor(chunk, decodeVector(line.vector))];
        });
        if (records.length === 0) continue;
        signal.throwIfAborted();
        await to.upsert(collectionIn(collection, tier), records, signal);
        const counts = written[index];
        if (counts !== undefined) counts[tier] += records.length;
      }
    }
  }
  for (const [index, collection] of manifest.collections.entries()) {
    for (const tier of tiers) {
      const wanted = written[index]?.[tier] ?? 0;
      let found = 0;
      for await (const _chunk of to.listChunks(collectionIn(collection, tier), null, signal)) found++;
      if (found !== wanted) {
        throw new Error(
          `Of ${collection.fingerprint} ${wanted} vectors were written, and ${found} are there.`,
        );
      }
    }
  }
  await to.optimize(signal);
  return written.reduce((sum, { HOT, COLD }) => sum + HOT + COLD, 0);
}

async function findChunks(
  client: pg.ClientBase,
  lines: readonly { readonly tenant: string; readonly chunkId: string }[],
): Promise<Map<string, ChunkRow>> {
  const { rows } = await client.query<ChunkRow>(
    `select d.*, c.id as chunk_id, c.document_id, c.modality as chunk_modality, c.text, c.cells
     from unnest($1::text[], $2::text[]) as wanted (tenant, id)
     join chunks c using (tenant, id)
     join documents d on d.tenant = c.tenant and d.id = c.document_id and d.deleted_at is null`,
    [lines.map(({ tenant }) => tenant), lines.map(({ chunkId }) => chunkId)],
  );
  return new Map(rows.map((row) => [`${row.tenant}/${row.chunk_id}`, row]));
}

const recordFor = (chunk: ChunkRow, vector: Float32Array): VectorRecord =>
  recordOf(
    {
      id: chunk.chunk_id,
      modality: chunk.chunk_modality,
      cells: chunk.cells,
      vector,
      searchText: searchTextOf(chunk.encoded_title ?? chunk.title, chunk.text ?? ''),
    },
    { tenant: chunk.tenant, documentId: chunk.document_id },
    toAttributes(chunk),
  );
