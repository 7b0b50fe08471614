import type { Meaning } from './sentences/meaning.ts';
import { rankSentences } from './sentences/rank-sentences.ts';
import type { Passage } from './types.ts';

/** A model is asked only where some sentence scores this; it can put together what no single sentence says. */
export const relevanceThreshold = 0.5;
/** A passage whose best sentence scores less than this does not help. */
const passageThreshold = 0.25;

/** The passages that a model may answer a question from, best first as they came. Empty where none is relevant. */
export async function judgeRelevance(
  question: string,
  passages: readonly Passage[],
  meaning: Meaning,
  signal: AbortSignal,
): Promise<Passage[]> {
  const ranked = await rankSentences(question, passages, meaning, signal);
  if ((ranked[0]?.score ?? 0) < relevanceThreshold) return [];
  const helping = new Set(
    ranked.filter(({ score }) => score >= passageThreshold).map(({ passage }) => passage),
  );
  return passages.filter((_, index) => helping.has(index));
}
