import { headDepth } from '../plan.ts';
import type { Background, Calibration, CandidateList, VectorSpace } from '../types.ts';

/** How the scores of one list compare with those of what has nothing to do with the query. */
export interface CalibratedList {
  readonly list: CandidateList;
  readonly background: Background;
  /** What scores this many deviations above the mean is as likely as not to be more than chance. */
  readonly middle: number;
}

/** The cohort counts for as much as so many passages. */
const cohortWeight = 20;
/** Of the best this share is taken to have to do with the query, and is no background. */
const relevantShare = 0.25;
/** BM25 says little of how much better the very best is: one rare word may be so many deviations out. */
const mostSparse = 6;
/** Fewer passages than this are taken for so many: those without any word of the query belong to the background. */
const leastPassages = 20;
/**
 * Measured on Cranfield and on held-out drawings, what has nothing to do with a query is at most 3.0 deviations out (on
 * the samples once 3.5), and three quarters of what answers one are 3.8 or more.
 */
const leastMiddle = 3;
const slope = 0.6;
/** How the two deviations are put together where words bear out what the meaning says. */
const together = { dense: 0.65, sparse: 0.45 };

/** How likely it is, 0 to 1, that a score of so many deviations is more than chance. */
export const logistic = (deviations: number, middle: number): number =>
  1 / (1 + Math.exp(-(deviations - middle) / slope));

/** How many deviations above the mean a score is. */
export const deviationsOf = (score: number, { mean, deviation }: Background): number =>
  (score - mean) / deviation;

/** Calibrates every list by its own space and method. */
export function calibrate(lists: readonly CandidateList[]): CalibratedList[] {
  const spaces = new Map<VectorSpace, SpaceStatistics>();
  const statisticsOf = (space: VectorSpace) => {
    let statistics = spaces.get(space);
    if (statistics === undefined) {
      statistics = measureSpace(lists.filter(({ source }) => source.space === space));
      spaces.set(space, statistics);
    }
    return statistics;
  };
  return lists.map((list) => {
    const { space, method } = list.source;
    const { strangers, words } = statisticsOf(space);
    const middle = Math.max(leastMiddle, Math.sqrt(2 * Math.log(Math.max(1, list.candidates.length))));
    if (method === 'SPARSE') return { list, background: words, middle };
    const { mean, deviation } = list.background ?? { mean: 0, deviation: 1 };
    return {
      list,
      background: {
        mean: mean + strangers.mean * deviation,
        deviation: deviation * strangers.deviation,
      },
      middle,
    };
  });
}

interface SpaceStatistics {
  /** Of the passages that have nothing to do with the query, in deviations of the cohort. */
  readonly strangers: Background;
  /** Of the BM25 scores of all passages, most of which have no word of the query. */
  readonly words: Background;
}

function measureSpace(lists: readonly CandidateList[]): SpaceStatistics {
  const dense = lists.filter(({ source }) => source.method === 'DENSE');
  // Of a list that has an end to it the tail is the background; one that is cut off has the best alone.
  const scores = dense
    .filter(({ candidates }) => candidates.length < headDepth)
    .flatMap(({ candidates, background = { mean: 0, deviation: 1 } }) =>
      candidates.map(({ score }) => deviationsOf(score, background)),
    )
    .sort((a, b) => b - a);
  const tail = scores.slice(Math.ceil(scores.length * relevantShare));
  const found = tail.length === 0 ? { mean: 0, deviation: 0 } : spreadOf(tail, tail.length);
  const share = tail.length / (tail.length + cohortWeight);
  const sparse = lists
    .filter(({ source }) => source.method === 'SPARSE')
    .flatMap(({ candidates }) => candidates.map(({ score }) => score));
  const passages = dense.reduce((sum, { candidates }) => sum + candidates.length, 0);
  const words = spreadOf(sparse, Math.max(passages, sparse.length, leastPassages));
  // A library that has nothing to do with the query at all is no measure: what is nearest in it would stand out.
  return {
    strangers: {
      mean: Math.max(0, share * found.mean),
      deviation: Math.max(1, Math.sqrt(share * found.deviation ** 2 + (1 - share))),
    },
    words: words.deviation > 0 ? words : { mean: 0, deviation: 1 },
  };
}

/** The spread of so many values, of which those that are not given are 0. */
function spreadOf(values: readonly number[], count: number): Background {
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + value * value, 0) / count;
  return { mean, deviation: Math.sqrt(Math.max(0, squares - mean * mean)) };
}

/** The scores of one passage in the lists of one modality and space. */
export interface ScoredIn {
  readonly calibrated: CalibratedList;
  readonly score: number;
}

/** How a score compares with its background. */
export const calibrationOf = ({ calibrated, score }: ScoredIn): Calibration => ({
  space: calibrated.list.source.space,
  method: calibrated.list.source.method,
  score,
  ...calibrated.background,
  calibrated: logistic(deviationsOf(score, calibrated.background), calibrated.middle),
});

/**
 * How likely a passage is to be more than chance by what one space says of it: by the meaning of its words, more where
 * the words themselves bear it out; or by what it shows, or how it sounds.
 *
 * @param scores in the lists it is in.
 * @param lists all lists of this modality and space.
 */
export function relevanceOf(scores: readonly ScoredIn[], lists: readonly CalibratedList[]): number {
  const inList = (method: 'DENSE' | 'SPARSE') =>
    scores.find(({ calibrated }) => calibrated.list.source.method === method);
  const [dense, sparse] = [inList('DENSE'), inList('SPARSE')];
  const words =
    sparse === undefined ? 0 : Math.min(mostSparse, deviationsOf(sparse.score, sparse.calibrated.background));
  const byMeaning = lists.find(({ list }) => list.source.method === 'DENSE');
  const middle = (byMeaning ?? sparse?.calibrated)?.middle ?? leastMiddle;
  if (byMeaning === undefined) return logistic(words, middle);
  // What is not in the list is at most as near as the last that is.
  const score = dense?.score ?? byMeaning.list.candidates.at(-1)?.score ?? byMeaning.background.mean;
  const meaning = deviationsOf(score, byMeaning.background);
  return logistic(Math.max(meaning, together.dense * meaning + together.sparse * words), middle);
}
