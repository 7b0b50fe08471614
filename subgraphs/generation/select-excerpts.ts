import type { Encoder } from '../../platform/ports/encoder.ts';
import { encodeSentences, type Sentence } from './encode-sentences.ts';
import { judgeRelevance } from './judge-relevance.ts';
import type { Excerpt, Passage } from './types.ts';
import { contentStems, innerProduct, overlap } from './words.ts';

/** How much the parts of a sentence's score weigh. */
const weight = { meaning: 0.6, words: 0.3, passage: 0.1 };
/**
 * Below this score no sentence is said to answer. In the measurement of `relevanceThreshold`, 2 % of the questions
 * that have nothing to do with the collection found a sentence with it.
 */
export const answerThreshold = 0.32;
/** A further sentence must reach this share of the best one's score. */
const shareOfBest = 0.72;
/** How much likeness to what is already said counts against a sentence (maximal marginal relevance). */
const redundancy = 0.35;
/** Sentences more alike than this say the same. */
const sameThing = 0.9;
const maxExcerpts = 4;

interface Scored extends Sentence {
  readonly score: number;
}

/**
 * Picks the sentences of the passages that answer a question: near to it in meaning, with its words, from
 * passages that rank high, and unlike each other (maximal marginal relevance, Carbonell and Goldstein 1998).
 *
 * @returns the sentences in the order to be read in: document by document, each document's in its own order.
 * Empty where nothing answers.
 */
export async function selectExcerpts(
  question: string,
  passages: readonly Passage[],
  encoder: Encoder,
  signal: AbortSignal,
): Promise<Excerpt[]> {
  const relevant = new Set(judgeRelevance(question, passages));
  if (relevant.size === 0) return [];
  const [found, [asked]] = await Promise.all([
    encodeSentences(passages, encoder, signal),
    encoder.encode([question], 'query', signal),
  ]);
  if (!asked) return [];
  const sentences = found.filter(({ passage }) => relevant.has(passages[passage] as Passage));
  const scored = scoreSentences(question, asked, sentences, passages);
  const best = scored[0];
  if (!best || best.score < answerThreshold) return [];
  return inReadingOrder(pick(scored, best.score), passages);
}

/** Scores sentences against a question, best first. */
export function scoreSentences(
  question: string,
  asked: Float32Array,
  sentences: readonly Sentence[],
  passages: readonly Passage[],
): Scored[] {
  const wanted = contentStems(question);
  const topScore = Math.max(...passages.map((passage) => passage.score));
  return sentences
    .map((sentence) => {
      const passage = passages[sentence.passage];
      const ranking = passage && topScore > 0 ? passage.score / topScore : 0;
      const score =
        weight.meaning * innerProduct(asked, sentence.vector) +
        weight.words * overlap(wanted, sentence.stems) +
        weight.passage * ranking;
      return { ...sentence, score: score * (sentence.isWhole ? 1 : 0.8) * brevity(sentence.text) };
    })
    .sort((one, other) => other.score - one.score);
}

/** Very long sentences are mostly lists and tables: they hold the words without answering. */
const brevity = (text: string): number => (text.length <= 400 ? 1 : Math.max(0.6, 400 / text.length));

function pick(scored: readonly Scored[], best: number): Scored[] {
  const picked: Scored[] = [];
  const left = scored.filter(
    (sentence) => sentence.score >= answerThreshold && sentence.score >= best * shareOfBest,
  );
  while (picked.length < maxExcerpts) {
    let next: Scored | undefined;
    let nextValue = Number.NEGATIVE_INFINITY;
    for (const sentence of left) {
      if (picked.includes(sentence)) continue;
      const likeness = Math.max(0, ...picked.map((other) => innerProduct(other.vector, sentence.vector)));
      if (likeness > sameThing || picked.some((other) => overlaps(other, sentence))) continue;
      const value = (1 - redundancy) * sentence.score - redundancy * likeness;
      if (value > nextValue) [next, nextValue] = [sentence, value];
    }
    if (!next) break;
    picked.push(next);
  }
  return picked;
}

/** Windows overlap, so that one sentence can be in two passages, whole or in part. */
function overlaps(one: Sentence, other: Sentence): boolean {
  const [shorter, longer] = one.text.length < other.text.length ? [one, other] : [other, one];
  return longer.text.includes(shorter.text);
}

function inReadingOrder(picked: readonly Scored[], passages: readonly Passage[]): Excerpt[] {
  const documentOf = (excerpt: Excerpt) => passages[excerpt.passage]?.documentId;
  const placeOf = (excerpt: Excerpt) => {
    const locator = passages[excerpt.passage]?.locator;
    const base =
      locator?.kind === 'TextRange'
        ? locator.start
        : locator?.kind === 'PageRegion'
          ? locator.page * 1e7 + (locator.box?.top ?? 0) * 1e6
          : 0;
    return base + excerpt.range.start;
  };
  const documents = [...new Set(picked.map(documentOf))];
  return [...picked]
    .sort(
      (one, other) =>
        documents.indexOf(documentOf(one)) - documents.indexOf(documentOf(other)) ||
        placeOf(one) - placeOf(other),
    )
    .map(({ passage, range }) => ({ passage, range }));
}
