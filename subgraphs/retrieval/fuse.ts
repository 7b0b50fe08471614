import type { Modality } from '../../platform/types.ts';
import { type CalibratedList, calibrate, calibrationOf, relevanceOf } from './calibration/calibrate.ts';
import { neverRising } from './calibration/isotonic.ts';
import { headDepth, headHits, maxHits } from './plan.ts';
import type { Calibration, CandidateList, Plan, Ranked, Source } from './types.ts';
import { weighDocuments } from './weigh-documents.ts';

/** The factor by which hits of a modality weigh; 1 where none is given. */
export type ModalityWeights = Readonly<Partial<Record<Modality, number>>>;

/** Damps the lead of the very first ranks; the value of the paper. */
const rankConstant = 60;

/** A passage in the lists of one modality and space. */
interface Placed {
  readonly chunkId: string;
  readonly documentId: string;
  readonly modality: Modality;
  fused: number;
  readonly found: { readonly list: CandidateList; readonly rank: number; readonly score: number }[];
}

/** All lists of one modality and space: what they say of a passage can be compared by rank. */
interface Group {
  readonly lists: CandidateList[];
  readonly placed: readonly Placed[];
}

const nameOf = ({ modality, space, method }: Source): string =>
  space === 'TEXT' ? `${modality}/${method}` : `${modality}/${space}/${method}`;

const inOrder = (a: { fused: number; chunkId: string }, b: { fused: number; chunkId: string }): number =>
  b.fused - a.fused || (a.chunkId < b.chunkId ? -1 : 1);

/**
 * Reciprocal rank fusion of what can be compared, the lists of one modality and space: a passage's score is the sum,
 * over the lists it is in, of 1 / (60 + rank) (Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms
 * Condorcet and individual Rank Learning Methods", SIGIR 2009).
 */
function fuseGroup(lists: CandidateList[]): Group {
  const passages = new Map<string, Placed>();
  for (const list of lists) {
    // What a picture shows is not borne out by other pictures of its document.
    const candidates = list.source.space === 'TEXT' ? weighDocuments(list.candidates) : list.candidates;
    candidates.forEach(({ chunkId, documentId, modality, score }, index) => {
      const rank = index + 1;
      const known = passages.get(chunkId) ?? { chunkId, documentId, modality, fused: 0, found: [] };
      known.fused += 1 / (rankConstant + rank);
      known.found.push({ list, rank, score });
      passages.set(chunkId, known);
    });
  }
  return { lists, placed: [...passages.values()].sort(inOrder) };
}

/**
 * All passages in one order. Within a modality and a space it is that of their ranks. Where there are several of these
 * the scores are calibrated first: a passage's relevance is how likely it is that its scores are more than chance, and
 * never rises along the order of ranks; that of several spaces is one minus the chance that all of them err. In the score
 * a modality counts as if it had been seen as many times as it weighs: 1 - (1 - relevance) ^ weight. That is the weight
 * times a small relevance, and does not put what is just likely above what is certain. Equal scores are ordered by
 * ranks, then by id.
 */
export function fuse(lists: readonly CandidateList[], weights: ModalityWeights): Ranked[] {
  const byGroup = new Map<string, CandidateList[]>();
  for (const list of lists) {
    const { modality, space } = list.source;
    const key = `${modality}/${space}`;
    byGroup.set(key, [...(byGroup.get(key) ?? []), list]);
  }
  const groups = [...byGroup.values()].map(fuseGroup).filter(({ placed }) => placed.length > 0);
  const calibrated = groups.length > 1 ? calibrate(lists) : null;
  const passages = new Map<string, Ranked & { readonly doubt: number }>();
  for (const group of groups) {
    const relevances = calibrated === null ? null : relevancesOf(group, calibrated);
    group.placed.forEach((placed, index) => {
      const known = passages.get(placed.chunkId);
      const relevance = relevances?.[index] ?? null;
      passages.set(placed.chunkId, join(known, placed, relevance, calibrated, weights));
    });
  }
  return [...passages.values()]
    .map(({ doubt: _doubt, ...ranked }) => ranked)
    .sort((a, b) => b.score - a.score || inOrder(a, b));
}

/** How relevant the passages of a group are, in their order. */
function relevancesOf({ lists, placed }: Group, all: readonly CalibratedList[]): number[] {
  const own = all.filter(({ list }) => lists.includes(list));
  return neverRising(
    placed.map(({ found }) =>
      relevanceOf(
        found.flatMap(({ list, score }) => {
          const calibrated = own.find((each) => each.list === list);
          return calibrated === undefined ? [] : [{ calibrated, score }];
        }),
        own,
      ),
    ),
  );
}

/** What is known of a passage by now, with what one more group says of it. */
function join(
  known: (Ranked & { readonly doubt: number }) | undefined,
  { chunkId, documentId, modality, fused: part, found }: Placed,
  relevance: number | null,
  all: readonly CalibratedList[] | null,
  weights: ModalityWeights,
): Ranked & { readonly doubt: number } {
  const scoreIn = (space: Source['space'], method: Source['method']): number | null =>
    found.find(({ list: { source } }) => source.space === space && source.method === method)?.score ?? null;
  const boost = weights[modality] ?? 1;
  const fused = (known?.fused ?? 0) + part;
  const doubt = (known?.doubt ?? 1) * (1 - (relevance ?? 0));
  const calibrations = found.flatMap(({ list, score }): Calibration[] => {
    const calibrated = all?.find((each) => each.list === list);
    return calibrated === undefined ? [] : [calibrationOf({ calibrated, score })];
  });
  return {
    ...{ chunkId, documentId, modality },
    score: relevance === null ? fused * boost : 1 - doubt ** boost,
    dense: scoreIn('TEXT', 'DENSE') ?? known?.dense ?? null,
    sparse: scoreIn('TEXT', 'SPARSE') ?? known?.sparse ?? null,
    visual: scoreIn('VISUAL', 'DENSE') ?? known?.visual ?? null,
    sound: scoreIn('SOUND', 'DENSE') ?? known?.sound ?? null,
    ...{ fused, relevance: relevance === null ? null : 1 - doubt, boost, doubt },
    ranks: {
      ...known?.ranks,
      ...Object.fromEntries(found.map(({ list, rank }) => [nameOf(list.source), rank])),
    },
    calibrations: [...(known?.calibrations ?? []), ...calibrations],
  };
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
  const prefixes = lists.map((list) => ({ ...list, candidates: list.candidates.slice(0, headDepth) }));
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
