import type { Meaning } from './sentences/meaning.ts';
import { leansOn, type RankedSentence, rankSentences } from './sentences/rank-sentences.ts';
import { readQuestion } from './sentences/read-question.ts';
import { splitPassage } from './sentences/split-passage.ts';
import { innerProduct } from './sentences/words.ts';
import type { Excerpt, Passage } from './types.ts';

/** Below this score no sentence is said to answer; measured in `docs/decisions`, "When an answer says that nothing was found". */
export const answerThreshold = 0.55;
/** A further sentence must come as near to the best one's score as this. */
const nearBest = 0.1;
/** Sentences more alike than this say the same. */
const sameThing = 0.9;
const maxExcerpts = 3;

/**
 * Picks the sentences of the passages that answer a question: the best, those that come near it without
 * saying the same, and what they need to be understood.
 *
 * @returns the sentences in the order to be read in: document by document, each document's in its own order.
 * Empty where nothing answers.
 */
export async function selectExcerpts(
  question: string,
  passages: readonly Passage[],
  meaning: Meaning,
  signal: AbortSignal,
): Promise<Excerpt[]> {
  const ranked = await rankSentences(question, passages, meaning, signal);
  const best = ranked[0];
  if (!best || best.score < answerThreshold) return [];
  const { asksWhy } = readQuestion(question);
  const excerpts = pick(ranked, best.score).map((picked) => withNeighbours(picked, asksWhy, passages));
  return inReadingOrder(excerpts, passages);
}

function pick(ranked: readonly RankedSentence[], best: number): RankedSentence[] {
  const picked: RankedSentence[] = [];
  for (const sentence of ranked) {
    if (picked.length === maxExcerpts || sentence.score < Math.max(answerThreshold, best - nearBest)) break;
    const saysTheSame = picked.some(
      (other) => overlaps(other, sentence) || innerProduct(other.vector, sentence.vector) > sameThing,
    );
    if (!saysTheSame) picked.push(sentence);
  }
  return picked;
}

/** Windows overlap, so that one sentence can be in two passages, whole or in part. */
function overlaps(one: RankedSentence, other: RankedSentence): boolean {
  const [shorter, longer] = one.text.length < other.text.length ? [one, other] : [other, one];
  return longer.text.includes(shorter.text);
}

/** A sentence with what it needs to be understood: the one it leans on, and the reason where that comes behind. */
function withNeighbours(sentence: RankedSentence, asksWhy: boolean, passages: readonly Passage[]): Excerpt {
  const { passage, range, text, before, isExpected } = sentence;
  const start = before[0] && leansOn(text) ? before[0].range.start : range.start;
  const lacksReason = asksWhy && isExpected === false;
  const whole = passages[passage];
  const behind =
    lacksReason && whole ? splitPassage(whole).find((other) => other.start >= range.end) : undefined;
  return { passage, range: { start, end: behind?.end ?? range.end } };
}

/** In the order of documents and places, without what another one of them contains. */
function inReadingOrder(picked: readonly Excerpt[], passages: readonly Passage[]): Excerpt[] {
  const documentOf = (excerpt: Excerpt) => passages[excerpt.passage]?.documentId;
  const textOf = ({ passage, range }: Excerpt) => passages[passage]?.text.slice(range.start, range.end) ?? '';
  const documents = [...new Set(picked.map(documentOf))];
  return picked
    .filter(
      (excerpt, index) =>
        !picked.some((other, place) => {
          const [own, others] = [textOf(excerpt), textOf(other)];
          return place !== index && others.includes(own) && (others !== own || place < index);
        }),
    )
    .sort(
      (one, other) =>
        documents.indexOf(documentOf(one)) - documents.indexOf(documentOf(other)) ||
        placeOf(one, passages) - placeOf(other, passages),
    );
}

/** Where an excerpt stands in its document, as a number that grows with the place: further down, later, a row below. */
function placeOf({ passage, range }: Excerpt, passages: readonly Passage[]): number {
  const locator = passages[passage]?.locator;
  switch (locator?.kind) {
    case 'TextRange':
      return locator.start + range.start;
    case 'PageRegion':
      return locator.page * 1e7 + (locator.box?.top ?? 0) * 1e6 + range.start;
    case 'ImageRegion':
      return locator.box.top * 1e7 + locator.box.left * 1e6 + range.start;
    case 'TimeSpan':
      return locator.startMs * 1e4 + range.start;
    case 'CellRange':
      return locator.firstRow * 1e7 + range.start;
    default:
      return range.start;
  }
}
