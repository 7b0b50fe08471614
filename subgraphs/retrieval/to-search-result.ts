import { writeCursor } from './cursor.ts';
import type { Answer } from './pipeline.ts';
import { modalities } from './plan-sources.ts';
import type { SearchResult } from './schema.generated.ts';
import { searchMethods, tiers, vectorSpaces } from './types.ts';

/** A page of hits as the contract has it. */
export function toSearchResult({
  plan,
  hits,
  hasNextPage,
  coverage,
  stages,
  cache,
  tookMs,
}: Answer): SearchResult {
  const edges = hits.map((hit) => ({
    cursor: writeCursor(hit.rank, plan.fingerprint),
    node: {
      rank: hit.rank,
      chunk: { id: hit.chunkId },
      score: hit.score,
      parts: {
        dense: hit.dense,
        sparse: hit.sparse,
        visual: hit.visual,
        sound: hit.sound,
        fused: hit.fused,
        relevance: hit.relevance,
        boost: hit.boost,
        rerank: null,
        ranks: plan.explain ? hit.ranks : null,
        calibrations: plan.explain ? hit.calibrations : [],
      },
      highlights: hit.highlights,
    },
  }));
  const sources = modalities.flatMap((modality) =>
    vectorSpaces.flatMap((space) =>
      searchMethods.flatMap((method) =>
        tiers.flatMap((tier) =>
          coverage.filter(
            (source) =>
              source.modality === modality &&
              source.space === space &&
              source.method === method &&
              source.tier === tier,
          ),
        ),
      ),
    ),
  );
  return {
    hits: {
      edges,
      nodes: edges.map(({ node }) => node),
      pageInfo: {
        hasNextPage,
        hasPreviousPage: plan.offset > 0,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    },
    coverage: {
      complete: sources.every(({ status }) => status === 'SEARCHED' || status === 'SKIPPED'),
      sources,
    },
    cache,
    tookMs,
    stages,
  };
}
