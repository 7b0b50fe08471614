import type { CollectionName } from '../../../platform/ports/vector-store.ts';
import { allowIdle } from '../../../platform/postgres/allow-idle.ts';
import { atRest } from './choose-documents.ts';
import type { MoveDependencies } from './move-documents.ts';
import { collectionIn, otherTier, type Tier } from './tier.ts';

interface LeavingDocument {
  readonly tenant: string;
  readonly id: string;
  readonly tier: Tier;
}

/** So long the vector store may take while the documents are held. */
const storeWaitMs = 120_000;
const batchSize = 64;

/**
 * Removes the vectors of documents from the tier that they have left, or never came to: those that were in both
 * before `before`. Can be done again from the start.
 *
 * @returns how many documents are in one tier alone again.
 */
export async function leaveTiers(
  before: Date,
  dependencies: MoveDependencies,
  signal: AbortSignal,
): Promise<number> {
  let left = 0;
  for (let after = { tenant: '', id: '' }; ; ) {
    signal.throwIfAborted();
    const documents = await findLeaving(before, after, dependencies);
    const last = documents.at(-1);
    if (last === undefined) return left;
    after = last;
    for (const tier of ['HOT', 'COLD'] as const) {
      const ids = documents.filter((each) => each.tier === tier).map(({ id }) => id);
      if (ids.length > 0) left += await leave(last.tenant, ids, tier, before, dependencies, signal);
    }
  }
}

/** Documents of one tenant. */
async function findLeaving(
  before: Date,
  after: { readonly tenant: string; readonly id: string },
  { database }: MoveDependencies,
): Promise<LeavingDocument[]> {
  return database.forWorker(async (client) => {
    const { rows } = await client.query<LeavingDocument>(
      `with next as (
         select d.tenant, d.id, d.tier from documents d
         where d.two_tiers_since < $1 and (d.tenant, d.id) > ($2, $3) and ${atRest}
         order by d.tenant, d.id limit ${batchSize})
       select * from next where tenant = (select min(tenant) from next) order by id`,
      [before, after.tenant, after.id],
    );
    return rows;
  });
}

async function leave(
  tenant: string,
  documentIds: readonly string[],
  tier: Tier,
  before: Date,
  { database, vectors }: MoveDependencies,
  signal: AbortSignal,
): Promise<number> {
  const known = await database.forWorker((client) => readChunks(client, tenant, documentIds));
  for (const [collection, ids] of known) {
    // Brings it into memory before anybody is kept waiting.
    await vectors.vectors(collectionIn(collection, otherTier(tier)), tenant, ids.slice(0, 1), signal);
  }
  return database.forWorker(async (client) => {
    await allowIdle(client, storeWaitMs);
    // While these are held nobody can begin a job for them that would write here.
    const { rows } = await client.query<{ id: string }>(
      `select d.id from documents d
       where d.tenant = $1 and d.id = any($2) and d.tier = $3 and d.two_tiers_since < $4
       order by d.id for no key update skip locked`,
      [tenant, documentIds, tier, before],
    );
    const { rows: resting } = await client.query<{ id: string }>(
      `select d.id from documents d where d.tenant = $1 and d.id = any($2) and ${atRest}`,
      [tenant, rows.map(({ id }) => id)],
    );
    const ids = resting.map(({ id }) => id);
    for (const [collection, chunkIds] of await readChunks(client, tenant, ids)) {
      await vectors.deleteChunks(collectionIn(collection, otherTier(tier)), tenant, chunkIds);
    }
    await client.query('update documents set two_tiers_since = null where tenant = $1 and id = any($2)', [
      tenant,
      ids,
    ]);
    return ids.length;
  });
}

/** The passages of documents, visible or not, with every encoder that they may have a vector of. */
async function readChunks(
  client: Parameters<typeof allowIdle>[0],
  tenant: string,
  documentIds: readonly string[],
): Promise<Map<CollectionName, string[]>> {
  const { rows } = await client.query<{
    family: CollectionName['family'];
    fingerprint: string;
    ids: string[];
  }>(
    `select c.family, encoder.fingerprint, array_agg(c.id order by c.id) as ids
     from chunks c
     cross join lateral (
       select c.fingerprint union select unnest(c.encoded_by) union select fingerprint from encoders
     ) as encoder (fingerprint)
     where c.tenant = $1 and c.document_id = any($2)
     group by c.family, encoder.fingerprint`,
    [tenant, documentIds],
  );
  return new Map(rows.map(({ family, fingerprint, ids }) => [{ family, fingerprint }, ids]));
}
