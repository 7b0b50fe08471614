import { createHash } from 'node:crypto';
import { documentTag, tenantTag } from '../../platform/cache/cache-tags.ts';
import type { Cache, CacheOutcome } from '../../platform/ports/cache.ts';
import { canonicalFilter } from './canonical-filter.ts';
import type { Feedback } from './expand-query.ts';
import type { ModalityWeights } from './fuse.ts';
import { packRanking, parsePacked, unpackRanking } from './pack-ranking.ts';
import type { Corpus } from './read-corpus.ts';
import type { Plan, Ranking } from './types.ts';

/** Everything that decides about a ranking. */
export interface RankingBasis {
  readonly plan: Plan;
  /** The rights that the caller has. */
  readonly access: readonly string[];
  readonly corpus: Corpus;
  readonly weights: ModalityWeights;
  readonly feedback: Feedback;
}

/** To be changed where the same basis gives another ranking than it did in an earlier version of the program. */
const rankingVersion = 3;

/** The name that all searches share which have the same ranking, whatever page of it they show. */
export function rankingKey({ plan, access, corpus, weights, feedback }: RankingBasis): string {
  const { tenant, query, filter, sources, skipped, includeCold, perDocument, depth } = plan;
  const basis = [
    ...[rankingVersion, tenant, [...access].sort(), corpus.version, query],
    ...[filter && canonicalFilter(filter), sources, skipped, includeCold, perDocument, depth],
    ...[weights, feedback],
  ];
  return `search/${createHash('sha256').update(JSON.stringify(basis)).digest('hex')}`;
}

/**
 * The ranking of a search: the remembered one where there is one, or the one that `make` makes, once for all who ask
 * the same at the same time. Only where all that was wanted was searched it is remembered, tagged with every document
 * in it; and no longer than one of them stays as it is, because the corpus's version is a part of its name.
 *
 * @param make given a signal that is aborted when nobody waits for it any more.
 * @throws what `make` throws; the signal's reason when it is aborted.
 */
export async function remember(
  basis: RankingBasis,
  make: (signal: AbortSignal) => Promise<Ranking>,
  { cache, ttlMs }: { readonly cache: Cache; readonly ttlMs: number },
  signal: AbortSignal,
): Promise<Ranking & { readonly outcome: CacheOutcome }> {
  const { tenant, failFast, givenMs, reach } = basis.plan;
  const { value, outcome } = await cache.getOrCompute(
    {
      key: rankingKey(basis),
      // Whoever has less time, or wants to fail fast, does not wait for the search of one who has or does not.
      together: JSON.stringify([givenMs, failFast]),
      parse: parsePacked,
      async compute(stop) {
        const { ranked, ...made } = await make(stop);
        // One more than is shown says that there is more.
        const value = packRanking({ ...made, ranked: ranked.slice(0, reach + 1) });
        // What was planned not to be searched is the same for all who ask this.
        const complete = made.coverage.every(
          (source) => source.status === 'SEARCHED' || basis.plan.skipped.includes(source),
        );
        const tags = [tenantTag(tenant), ...value.documents.map((id) => documentTag(tenant, id))];
        return { value, options: complete ? { tags, ttlMs } : null };
      },
    },
    signal,
  );
  const ranking = unpackRanking(value);
  return { ...ranking, stages: outcome === 'HIT' ? [] : ranking.stages, outcome };
}
