import type { CollectionName, VectorStore } from '../../platform/ports/vector-store.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { collectionIn, type Tier } from './tiers/tier.ts';
import type { Subject } from './types.ts';

export interface ReuseDependencies {
  readonly database: Database;
  readonly vectors: VectorStore;
}

/**
 * The vectors that a document has already of the same content, wherever in it that stood: what did not change is not
 * encoded again.
 *
 * @param hashes of all that each vector is made of.
 * @returns the vectors that there are, by hash.
 */
export async function reuseVectors(
  hashes: readonly string[],
  { family, fingerprint }: CollectionName,
  { tenant, documentId }: Subject,
  { database, vectors }: ReuseDependencies,
  signal: AbortSignal,
): Promise<Map<string, Float32Array>> {
  const found = new Map<string, Float32Array>();
  if (hashes.length === 0) return found;
  const rows = await database.forWorker(async (client) => {
    const result = await client.query<{ hash: string; id: string; tier: Tier }>(
      `select distinct on (c.content_hash) c.content_hash as hash, c.id, d.tier
       from chunks c join documents d on d.tenant = c.tenant and d.id = c.document_id
       where c.tenant = $1 and c.document_id = $2 and c.family = $3 and c.content_hash = any($4)
         and $5 = any (coalesce(c.encoded_by, array[c.fingerprint]))`,
      [tenant, documentId, family, hashes, fingerprint],
    );
    return result.rows;
  });
  const [first] = rows;
  if (first === undefined) return found;
  // What this very pass has stored is in memory already, wherever the document was before.
  for (const tier of first.tier === 'COLD' ? (['COLD', 'HOT'] as const) : (['HOT'] as const)) {
    const missing = rows.filter(({ hash }) => !found.has(hash));
    if (missing.length === 0) break;
    const ids = missing.map(({ id }) => id);
    const stored = await vectors.vectors(collectionIn({ family, fingerprint }, tier), tenant, ids, signal);
    for (const { hash, id } of missing) {
      const vector = stored.get(id);
      if (vector !== undefined) found.set(hash, vector);
    }
  }
  return found;
}
