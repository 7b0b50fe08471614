import type { PoolClient } from 'pg';

/** How many passages that can be found have a vector of an encoder, and how many have none. */
export interface VectorCount {
  readonly vectors: number;
  readonly missing: number;
}

/** Counts passages in the space of text over all tenants: it reads every one once. */
export async function countVectors(client: PoolClient, fingerprint: string): Promise<VectorCount> {
  const { rows } = await client.query<VectorCount>(
    `select count(*) filter (where has) as vectors, count(*) filter (where not has) as missing
     from (select $1 = any (coalesce(c.encoded_by, array[c.fingerprint])) as has
           from visible_chunks v join chunks c on c.tenant = v.tenant and c.id = v.chunk_id
           where c.family = 'text') as passages`,
    [fingerprint],
  );
  return rows[0] ?? { vectors: 0, missing: 0 };
}
