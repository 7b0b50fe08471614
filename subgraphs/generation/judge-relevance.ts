import type { Passage } from './types.ts';
import { contentStems, overlap } from './words.ts';

/** A passage whose score is below this is not shown to a model. See docs/decisions for how it was found. */
export const relevanceThreshold = 0.3;

/**
 * The passages that may answer a question, best first as they came: near to it in meaning or with its words.
 * Where a passage's nearness is not known, its words alone decide.
 */
export function judgeRelevance(question: string, passages: readonly Passage[]): Passage[] {
  const wanted = contentStems(question);
  return passages.filter(({ text, title, parts }) => {
    const shared = overlap(wanted, contentStems(`${title}\n${text}`));
    const score = parts.dense === null ? shared * 0.6 : parts.dense * 0.75 + shared * 0.25;
    return score >= relevanceThreshold;
  });
}
