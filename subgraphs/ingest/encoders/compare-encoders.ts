import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { EncoderSet } from '../../../platform/encoder/encoder-set.ts';
import { ndcg, recall } from '../../../platform/evaluation/metrics.ts';
import type { Encoder } from '../../../platform/ports/encoder.ts';
import type { EncoderMigrationModel } from '../models.ts';
import { inBatches } from '../reconcile/batches.ts';
import type { EncoderQuality, RankingMeasures, SavedQueryComparison } from '../schema.generated.ts';
import type { StoreDependencies } from '../store.ts';
import { migrationEventsChannel } from './encoder-migrations.ts';
import { textCollection } from './plan-writing.ts';

/** So many documents of each ranking are looked at. */
const depth = 100;
/** So many passages, to find that many documents with. */
const passages = 1000;

/**
 * Compares how the two encoders of a migration answer the next saved query that nobody has compared yet: by meaning
 * alone, by document, over what can be found.
 *
 * @returns whether there was one. Where an encoder is not loaded here another process does it.
 */
export async function compareNext(
  { id, source, target }: EncoderMigrationModel,
  dependencies: StoreDependencies & { readonly encoders: EncoderSet },
  signal: AbortSignal,
): Promise<boolean> {
  const { database, encoders } = dependencies;
  const [old, next] = [encoders.find(source), encoders.find(target)];
  if (old === null || next === null) return false;
  const query = await database.forWorker(async (client) => {
    const { rows } = await client.query<{
      tenant: string;
      ordinal: number;
      text: string;
      relevant: string[];
    }>(
      `select tenant, ordinal, text, relevant_document_ids as relevant from encoder_saved_queries
       where migration_id = $1 and comparison is null order by tenant, ordinal limit 1`,
      [id],
    );
    return rows[0];
  });
  if (query === undefined) return false;
  const rankings = await Promise.all(
    [old, next].map((encoder) => rank(encoder, query, dependencies, signal)),
  );
  const comparison = compareRankings(query.text, rankings[0] ?? [], rankings[1] ?? [], query.relevant);
  await database.forWorker((client) =>
    client.query(
      `with compared as (
         update encoder_saved_queries set comparison = $4
         where tenant = $1 and migration_id = $2 and ordinal = $3 returning migration_id)
       select pg_notify('${migrationEventsChannel}', migration_id) from compared`,
      [query.tenant, id, query.ordinal, JSON.stringify(comparison)],
    ),
  );
  return true;
}

/** The documents nearest to a query, best first. */
async function rank(
  encoder: Encoder,
  { tenant, text }: { readonly tenant: string; readonly text: string },
  { database, vectors }: StoreDependencies,
  signal: AbortSignal,
): Promise<string[]> {
  const [vector] = await encoder.encode([text], 'query', signal);
  if (vector === undefined) throw new Error('The encoder gave no vector for the query.');
  const collection = textCollection(encoder.description.fingerprint);
  const { maxLimit } = await vectors.capabilities(signal);
  const limit = Math.min(passages, maxLimit);
  const found = await vectors.searchDense({ collection, tenant, filter: null, limit, vector }, signal);
  const visible = new Set<string>();
  for await (const batch of inBatches(found, 1000)) {
    const { rows } = await database.forWorker((client) =>
      client.query<{ chunk_id: string }>(
        'select chunk_id from visible_chunks where tenant = $1 and chunk_id = any($2)',
        [tenant, batch.map(({ chunkId }) => chunkId)],
      ),
    );
    for (const { chunk_id } of rows) visible.add(chunk_id);
  }
  const documents = found.filter(({ chunkId }) => visible.has(chunkId)).map(({ documentId }) => documentId);
  return [...new Set(documents)].slice(0, depth);
}

/** How a second ranking of documents differs from a first, and what each is worth where that is known. */
export function compareRankings(
  text: string,
  first: readonly string[],
  second: readonly string[],
  relevant: readonly string[],
): SavedQueryComparison {
  const judgements = new Map(relevant.map((documentId) => [documentId, 1]));
  const measures = (ranking: readonly string[]): RankingMeasures | null =>
    relevant.length === 0
      ? null
      : { ndcgAt10: ndcg(ranking, judgements, 10), recallAt100: recall(ranking, judgements, 100) };
  const top = first.slice(0, 10);
  const places = new Map(second.map((documentId, index) => [documentId, index]));
  const among = top.filter((documentId) => (places.get(documentId) ?? depth) < 10).length;
  const moved = top.map((documentId, index) => Math.abs((places.get(documentId) ?? depth) - index));
  return {
    text,
    overlapAt10: top.length === 0 ? 1 : among / top.length,
    meanRankChange: mean(moved),
    source: measures(first),
    target: measures(second),
  };
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

const Measures = z.object({ ndcgAt10: z.number(), recallAt100: z.number() });
const Comparison = z.object({
  text: z.string(),
  overlapAt10: z.number(),
  meanRankChange: z.number(),
  source: Measures.nullable(),
  target: Measures.nullable(),
});

/** The comparisons of a tenant's saved queries that have been made, in their order. */
export async function readComparisons(
  client: PoolClient,
  tenant: string,
  migrationId: string,
): Promise<SavedQueryComparison[]> {
  const { rows } = await client.query<{ comparison: unknown }>(
    `select comparison from encoder_saved_queries
     where tenant = $1 and migration_id = $2 and comparison is not null order by ordinal`,
    [tenant, migrationId],
  );
  return rows.map(({ comparison }) => Comparison.parse(comparison));
}

/** The means over saved queries; null over none. */
export function summarize(comparisons: readonly SavedQueryComparison[]): EncoderQuality | null {
  if (comparisons.length === 0) return null;
  const over = (side: 'source' | 'target'): RankingMeasures | null => {
    const judged = comparisons.flatMap((comparison) => comparison[side] ?? []);
    return judged.length === 0
      ? null
      : {
          ndcgAt10: mean(judged.map(({ ndcgAt10 }) => ndcgAt10)),
          recallAt100: mean(judged.map(({ recallAt100 }) => recallAt100)),
        };
  };
  return {
    queries: comparisons.length,
    judgedQueries: comparisons.filter(({ source }) => source !== null).length,
    overlapAt10: mean(comparisons.map(({ overlapAt10 }) => overlapAt10)),
    meanRankChange: mean(comparisons.map(({ meanRankChange }) => meanRankChange)),
    source: over('source'),
    target: over('target'),
  };
}
