import type { Modality } from '../../platform/types.ts';
import { headDepth, headHits, maxHits } from './plan.ts';
import type { CandidateList, Plan, Ranked } from './types.ts';
import { weighDocuments } from './weigh-documents.ts';

/** The factor by which hits of a modality weigh; 1 where none is given. */
export type ModalityWeights = Readonly<Partial<Record<Modality, number>>>;

/** Damps the lead of the very first ranks; the value of the paper. */
const rankConstant = 60;

/**
 * Reciprocal rank fusion: a passage's score is the sum, over the lists it is in, of 1 / (60 + rank), times
 * its modality's weight (Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and
 * individual Rank Learning Methods", SIGIR 2009). Equal scores are ordered by id.
 */
export function fuse(lists: readonly CandidateList[], weights: ModalityWeights): Ranked[] {
  const passages = new Map<string, Ranked>();
  for (const { source, candidates } of lists) {
    const list = `${source.modality}/${source.method}`;
    weighDocuments(candidates).forEach(({ chunkId, documentId, modality, score }, index) => {
      const rank = index + 1;
      const known = passages.get(chunkId);
      const boost = weights[modality] ?? 1;
      const fused = (known?.fused ?? 0) + 1 / (rankConstant + rank);
      passages.set(chunkId, {
        chunkId,
        documentId,
        modality,
        score: fused * boost,
        dense: source.method === 'DENSE' ? score : (known?.dense ?? null),
        sparse: source.method === 'SPARSE' ? score : (known?.sparse ?? null),
        fused,
        boost,
        ranks: { ...known?.ranks, [list]: rank },
      });
    });
  }
  return [...passages.values()].sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1));
}

/** At most `perDocument` hits of any one document, the best of each. */
export function collapse(ranked: readonly Ranked[], perDocument: number | null): readonly Ranked[] {
  if (perDocument === null) return ranked;
  const counts = new Map<string, number>();
  return ranked.filter(({ documentId }) => {
    const count = (counts.get(documentId) ?? 0) + 1;
    counts.set(documentId, count);
    return count <= perDocument;
  });
}

/**
 * All hits of a search in their order, from its first page on. The order must not depend on which page is
 * asked for, and few candidates decide fast: so the first 200 hits are always those that 400 candidates of
 * each list decide, and only pages behind them look at more.
 */
export function rank(
  lists: readonly CandidateList[],
  plan: Plan,
  weights: ModalityWeights,
): readonly Ranked[] {
  const prefixes = lists.map(({ source, candidates }) => ({
    source,
    candidates: candidates.slice(0, headDepth),
  }));
  const head = collapse(fuse(prefixes, weights), plan.perDocument);
  if (plan.depth <= headDepth) return head.slice(0, maxHits);
  const first = head.slice(0, headHits);
  const lowest = first.at(-1)?.score ?? 0;
  const known = new Set(first.map(({ chunkId }) => chunkId));
  const rest = fuse(lists, weights)
    .filter(({ chunkId }) => !known.has(chunkId))
    .map((passage) => ({ ...passage, score: Math.min(passage.score, lowest) }));
  return collapse([...first, ...rest], plan.perDocument).slice(0, maxHits);
}
