/** How relevant each judged document is to one query; what is not judged counts as 0. */
export type Judgements = ReadonlyMap<string, number>;

/** The measures of one ranking, each from 0 to 1. */
export interface Measures {
  readonly ndcgAt10: number;
  readonly recallAt100: number;
  readonly mrrAt10: number;
}

/**
 * Measures one ranking as trec_eval does: linear gain, logarithmic discount, and a document is relevant from
 * 1 on. A query to which nothing is relevant gets 0.
 *
 * @param ranking the documents found, best first, each once
 */
export const measure = (ranking: readonly string[], judgements: Judgements): Measures => ({
  ndcgAt10: ndcg(ranking, judgements, 10),
  recallAt100: recall(ranking, judgements, 100),
  mrrAt10: reciprocalRank(ranking, judgements, 10),
});

/** The mean of each measure over queries; 0 over none. */
export function mean(all: readonly Measures[]): Measures {
  const over = (name: keyof Measures): number =>
    all.length === 0 ? 0 : all.reduce((sum, measures) => sum + measures[name], 0) / all.length;
  return { ndcgAt10: over('ndcgAt10'), recallAt100: over('recallAt100'), mrrAt10: over('mrrAt10') };
}

/** Normalised discounted cumulative gain at a depth (Järvelin and Kekäläinen 2002, with the gain linear). */
export function ndcg(ranking: readonly string[], judgements: Judgements, depth: number): number {
  const ideal = [...judgements.values()].sort((one, other) => other - one);
  const best = discountedGain(ideal.slice(0, depth));
  if (best === 0) return 0;
  return discountedGain(ranking.slice(0, depth).map((id) => judgements.get(id) ?? 0)) / best;
}

/** The share of the relevant documents that is among the first `depth`. */
export function recall(ranking: readonly string[], judgements: Judgements, depth: number): number {
  const relevant = [...judgements.values()].filter((relevance) => relevance >= 1).length;
  if (relevant === 0) return 0;
  return ranking.slice(0, depth).filter((id) => (judgements.get(id) ?? 0) >= 1).length / relevant;
}

/** One over the rank of the first relevant document, 0 where there is none among the first `depth`. */
export function reciprocalRank(ranking: readonly string[], judgements: Judgements, depth: number): number {
  const index = ranking.slice(0, depth).findIndex((id) => (judgements.get(id) ?? 0) >= 1);
  return index === -1 ? 0 : 1 / (index + 1);
}

const discountedGain = (relevances: readonly number[]): number =>
  relevances.reduce((sum, relevance, index) => sum + Math.max(0, relevance) / Math.log2(index + 2), 0);
