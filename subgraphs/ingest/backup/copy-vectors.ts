import type pg from 'pg';
import type { CollectionName, VectorStore } from '../../../platform/ports/vector-store.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { writeLines } from './backup-file.ts';
import { documentKey } from './ledger.ts';
import type { BackupFile, Manifest } from './manifest.ts';

interface ChunkRow {
  readonly tenant: string;
  readonly id: string;
  readonly document_id: string;
  readonly family: string;
  readonly visible: boolean;
}

const batchSize = 500;

/** The documents that need their vectors anew. */
type Remake = Map<string, Manifest['remake'][number]>;

/**
 * Copies the vectors of a snapshot's chunks, of every encoder that there are any of, and says which documents need
 * theirs anew: one had no vector, or was encoded again with another title while the backup ran.
 */
export async function copyVectors(options: {
  readonly snapshot: pg.ClientBase;
  readonly directory: string;
  readonly from: VectorStore;
  readonly live: Database;
  readonly takenAt: Date;
  readonly checkHold: () => void;
  readonly signal: AbortSignal;
}): Promise<Pick<Manifest, 'collections' | 'remake'> & { readonly file: BackupFile }> {
  const { snapshot, directory, from, checkHold, signal } = options;
  const groups = byEncoder(await from.collections(signal));
  const counts = groups.map(() => 0);
  const remake: Remake = new Map();
  async function* lines() {
    for await (const chunks of chunksOf(snapshot)) {
      const found = new Set<string>();
      for (const [index, group] of groups.entries()) {
        const ofFamily = chunks.filter(({ family }) => family === group[0]?.family);
        for (const [tenant, ids] of byTenant(ofFamily)) {
          const wanted = new Set(ids);
          for (const collection of group) {
            if (wanted.size === 0) break;
            for (const [chunkId, vector] of await from.vectors(collection, tenant, [...wanted], signal)) {
              wanted.delete(chunkId);
              found.add(`${tenant}/${chunkId}`);
              counts[index] = (counts[index] ?? 0) + 1;
              yield { collection: index, tenant, chunkId, vector: encodeVector(vector) };
            }
          }
        }
      }
      for (const { tenant, id, document_id, visible } of chunks) {
        if (visible && !found.has(`${tenant}/${id}`)) addTo(remake, tenant, document_id);
      }
      checkHold();
    }
  }
  const file = await writeLines(directory, 'vectors.ndjson', lines());
  await addChanged(remake, options);
  const collections = groups.flatMap(([collection], index) =>
    collection === undefined
      ? []
      : [{ family: collection.family, fingerprint: collection.fingerprint, count: counts[index] ?? 0 }],
  );
  return { file, collections, remake: [...remake.values()] };
}

const addTo = (remake: Remake, tenant: string, documentId: string) =>
  remake.set(documentKey(tenant, documentId), { tenant, documentId });

/** The collections of one encoder and family together: the hot one and the cold one. */
function byEncoder(collections: readonly CollectionName[]): CollectionName[][] {
  const groups = new Map<string, CollectionName[]>();
  for (const collection of collections) {
    const key = `${collection.family}/${collection.fingerprint}`;
    const group = groups.get(key) ?? [];
    if (collection.tier === 'cold') group.push(collection);
    else group.unshift(collection);
    groups.set(key, group);
  }
  return [...groups.values()];
}

async function* chunksOf(snapshot: pg.ClientBase): AsyncGenerator<ChunkRow[]> {
  let after: readonly [string, string] = ['', ''];
  for (;;) {
    const { rows } = await snapshot.query<ChunkRow>(
      `select c.tenant, c.id, c.document_id, c.family,
              v.chunk_id is not null and c.encoded_by is distinct from '{}' as visible
       from chunks c left join visible_chunks v on v.tenant = c.tenant and v.chunk_id = c.id
       where (c.tenant, c.id) > ($1, $2)
       order by c.tenant, c.id limit ${batchSize}`,
      [...after],
    );
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < batchSize) return;
    after = [last.tenant, last.id];
  }
}

function byTenant(chunks: readonly ChunkRow[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { tenant, id } of chunks) {
    const ids = groups.get(tenant) ?? [];
    ids.push(id);
    groups.set(tenant, ids);
  }
  return groups;
}

/** Adds the documents whose vectors were made with another title since the snapshot. */
async function addChanged(
  remake: Remake,
  { snapshot, live, takenAt }: Parameters<typeof copyVectors>[0],
): Promise<void> {
  // A vector depends on the title too, and is read after the snapshot.
  const changed = await live.forWorker(async (client) => {
    const { rows } = await client.query<{ tenant: string; id: string; encoded_title: string | null }>(
      'select tenant, id, encoded_title from documents where updated_at >= $1 and deleted_at is null',
      [takenAt],
    );
    return rows;
  });
  const { rows } = await snapshot.query<{ tenant: string; id: string }>(
    `select d.tenant, d.id from documents d
     join unnest($1::text[], $2::text[], $3::text[]) as now (tenant, id, encoded_title) using (tenant, id)
     where d.visible_version is not null and d.encoded_title is distinct from now.encoded_title`,
    [
      changed.map(({ tenant }) => tenant),
      changed.map(({ id }) => id),
      changed.map(({ encoded_title }) => encoded_title),
    ],
  );
  for (const { tenant, id } of rows) addTo(remake, tenant, id);
}

/** Little-endian, on every machine that we run on. */
const encodeVector = (vector: Float32Array): string =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');

/** What `encodeVector` wrote. */
export function decodeVector(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  const vector = new Float32Array(bytes.length / 4);
  for (let index = 0; index < vector.length; index++) vector[index] = bytes.readFloatLE(index * 4);
  return vector;
}
