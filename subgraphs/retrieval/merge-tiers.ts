import type { Candidate, CandidateList } from './types.ts';

/**
 * One list for each modality, space and method: what was found in memory and what was found among cold documents, in the
 * order of their scores. A passage that is just being moved is in both, and stays once.
 *
 * @param depth how many candidates a list has at most.
 */
export function mergeTiers(lists: readonly CandidateList[], depth: number): CandidateList[] {
  const hot = lists.filter(({ source }) => source.tier === 'HOT');
  const cold = lists.filter(({ source }) => source.tier === 'COLD');
  const twinOf = (list: CandidateList, others: readonly CandidateList[]) =>
    others.find(
      ({ source: { modality, space, method } }) =>
        modality === list.source.modality && space === list.source.space && method === list.source.method,
    );
  const merged = hot.map((list): CandidateList => {
    const twin = twinOf(list, cold);
    if (twin === undefined) return list;
    return { ...list, candidates: merge(list.candidates, twin.candidates).slice(0, depth) };
  });
  return [...merged, ...cold.filter((list) => twinOf(list, hot) === undefined)];
}

function merge(hot: readonly Candidate[], cold: readonly Candidate[]): Candidate[] {
  const known = new Set(hot.map(({ chunkId }) => chunkId));
  return [...hot, ...cold.filter(({ chunkId }) => !known.has(chunkId))].sort(
    (a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1),
  );
}
