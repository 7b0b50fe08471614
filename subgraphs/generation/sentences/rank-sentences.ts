import type { Passage } from '../types.ts';
import { type Meaning, nearness, type Scales } from './meaning.ts';
import { type Asked, longQuestion, readQuestion } from './read-question.ts';
import { type PlacedSentence, splitPassages } from './split-passages.ts';
import { contentWords, innerProduct } from './words.ts';

/** A sentence, and how well it answers. */
export interface RankedSentence extends PlacedSentence {
  /** Up to 1.1 for a sentence that has all that is asked for; see `rankSentences`. */
  readonly score: number;
  /** Of shape [768], L2-normalised: the sentence, with the one before it where it cannot be understood alone. */
  readonly vector: Float32Array;
  /** Whether it has what such a question is answered with, such as a number; null where anything may answer. */
  readonly isExpected: boolean | null;
}

/** What the parts of a score weigh. */
const weight = { words: 0.6, meaning: 0.4, expected: 0.1 };
/** What is taken off a score, at most: for what was asked for missing, for being about another one, for no sentence. */
const loss = { focus: 0.3, name: 0.3, fragment: 0.12 };
/** What a word of the question counts that is not in the sentence, but near it. */
const credit = {
  before: 0.8,
  heading: 0.8,
  title: 0.7,
  section: 0.6,
  passage: 0.45,
  namePassage: 0.2,
  likeAtMost: 0.9,
};
/** Words less alike than this on the encoder's scale are different words. */
const leastLike = 0.35;
/** So many sentences are compared by meaning: those with most of the question's words, and the best passages' own. */
const compared = 16;
/** So many sentences' words are compared one by one with those of the question that they lack. */
const comparedByWord = 8;
/** As much of a sentence is encoded, in UTF-16 code units: lists and tables can be long. */
const longestEncoded = 400;

interface Candidate {
  readonly sentence: PlacedSentence;
  /** What each word of the question counts, by its stem, from 0 to 1. */
  readonly found: Map<string, number>;
  readonly own: ReadonlyMap<string, string>;
}

/**
 * Ranks the sentences of passages by how well they answer a question, best first. A score is made of
 *
 * - how much of the question's words the sentence has, rare ones counting more; a word in its surroundings, or
 *   one that means nearly the same, counts in part;
 * - how near it is to the question in meaning;
 * - whether it has what such a question is answered with.
 *
 * It is lowered where the thing asked for is named nowhere, and where the sentence is about another one of the
 * same kind (`P-102`, where `P-101` was asked for).
 */
export async function rankSentences(
  question: string,
  passages: readonly Passage[],
  meaning: Meaning,
  signal: AbortSignal,
): Promise<RankedSentence[]> {
  const asked = readQuestion(question);
  const all = findWords(asked, splitPassages(passages), passages);
  if (all.length === 0) return [];
  const rarity = rarityOf(asked, all);
  const coverage = coverageBy(asked, rarity);
  const byWords = [...all].sort((one, other) => coverage(other.found) - coverage(one.found));
  const firstOfAll = all.filter(({ sentence }) => sentence.passage === 0).slice(0, compared / 3);
  const candidates = [...new Set([...byWords.slice(0, compared), ...firstOfAll])];

  const texts = candidates.map(({ sentence }) => understandable(sentence).slice(0, longestEncoded));
  const [scales, vector, vectors] = await Promise.all([
    meaning.scales(),
    meaning.encodeQuestion(question, signal),
    meaning.encode(texts, signal),
  ]);
  await findLikeWords(asked, candidates.slice(0, comparedByWord), scales, meaning, signal);

  return candidates
    .flatMap(({ sentence, found }, index) => {
      const own = vectors.get(texts[index] ?? '');
      if (!own) return [];
      const isExpected = asked.expects?.(sentence.text) ?? null;
      const score =
        weight.words * coverage(found) +
        weight.meaning * nearness(innerProduct(vector, own), scales.sentences) +
        (isExpected === null ? 0 : isExpected ? weight.expected : -weight.expected) -
        lossOf(asked, sentence, found);
      return [{ ...sentence, score, vector: own, isExpected }];
    })
    .sort((one, other) => other.score - one.score);
}

/** What of the question's words stands in each sentence and around it. */
function findWords(
  asked: Asked,
  sentences: readonly PlacedSentence[],
  passages: readonly Passage[],
): Candidate[] {
  const known = new Map<string, Map<string, string>>();
  const wordsIn = (text: string) => {
    const words = known.get(text) ?? contentWords(text);
    known.set(text, words);
    return words;
  };
  return sentences.map((sentence) => {
    const { text, before, heading } = sentence;
    const passage = passages[sentence.passage];
    const own = wordsIn(text);
    const found = new Map<string, number>();
    for (const stem of asked.words.keys()) {
      const has = (other: string) => wordsIn(other).has(stem);
      if (own.has(stem)) found.set(stem, 1);
      else if (has(heading)) found.set(stem, credit.heading);
      else if (before.slice(0, 2).some((other) => has(other.text))) found.set(stem, credit.before);
      else if (has(passage?.title ?? '')) found.set(stem, credit.title);
      else if (before.some((other) => has(other.text))) found.set(stem, credit.section);
      else if (has(passage?.text ?? '')) found.set(stem, isName(stem) ? credit.namePassage : credit.passage);
    }
    return { sentence, found, own };
  });
}

/** How much each word of the question tells: the more, the fewer sentences have it (inverse document frequency). */
function rarityOf(asked: Asked, all: readonly Candidate[]): Map<string, number> {
  const rarity = new Map<string, number>();
  for (const stem of asked.words.keys()) {
    const having = all.filter(({ own }) => own.has(stem)).length;
    rarity.set(stem, Math.log(1 + all.length / (1 + having)));
  }
  return rarity;
}

/** How much of a question is found, 0 to 1. No text has all of a long question: what is beyond counts less. */
function coverageBy(asked: Asked, rarity: ReadonlyMap<string, number>) {
  const count = asked.words.size;
  const expected = count <= longQuestion ? 1 : (longQuestion + 0.4 * (count - longQuestion)) / count;
  let whole = 0;
  for (const value of rarity.values()) whole += value;
  return (found: ReadonlyMap<string, number>): number => {
    let sum = 0;
    for (const [stem, share] of found) sum += share * (rarity.get(stem) ?? 0);
    return whole === 0 ? 0 : Math.min(1, sum / (whole * expected));
  };
}

/** Adds what the sentences have instead of the question's words: others that mean nearly the same. */
async function findLikeWords(
  asked: Asked,
  candidates: readonly Candidate[],
  { words: scale }: Scales,
  meaning: Meaning,
  signal: AbortSignal,
): Promise<void> {
  const isPlain = (word: string) => !/\p{N}/u.test(word);
  const lacking = candidates.map(({ found }) =>
    [...asked.words].filter(([stem, word]) => isPlain(word) && (found.get(stem) ?? 0) < credit.likeAtMost),
  );
  const compare = candidates.map(({ own }, index) =>
    (lacking[index] ?? []).length > 0 ? [...own.values()].filter(isPlain) : [],
  );
  const vectors = await meaning.encode(
    [...lacking.flat().map(([, word]) => word), ...compare.flat()],
    signal,
  );
  candidates.forEach(({ found }, index) => {
    for (const [stem, word] of lacking[index] ?? []) {
      const wanted = vectors.get(word);
      if (!wanted) continue;
      let best = found.get(stem) ?? 0;
      for (const other of compare[index] ?? []) {
        const vector = vectors.get(other);
        if (!vector) continue;
        const likeness = (nearness(innerProduct(wanted, vector), scale) - leastLike) / (1 - leastLike);
        best = Math.max(best, credit.likeAtMost * likeness);
      }
      if (best > 0) found.set(stem, best);
    }
  });
}

function lossOf(asked: Asked, sentence: PlacedSentence, found: ReadonlyMap<string, number>): number {
  let focus = 0;
  for (const [stem, share] of asked.focus) focus = Math.max(focus, share * (1 - (found.get(stem) ?? 0)));
  const isOther = [...asked.words].some(([stem]) => isName(stem) && (found.get(stem) ?? 0) < 0.5);
  return (
    loss.focus * focus +
    (isOther || namesAnother(asked, sentence) ? loss.name : 0) +
    (sentence.isWhole ? 0 : loss.fragment)
  );
}

/** Whether a word names one of several things of a kind, such as `P-101`. */
const isName = (word: string): boolean => /\p{L}/u.test(word) && /\p{N}/u.test(word);

/** Whether a sentence names things of a kind that was asked for, but not the one. */
function namesAnother(asked: Asked, { text, heading, before }: PlacedSentence): boolean {
  const kindOf = (name: string) => name.replace(/[^\p{L}].*$/u, '');
  const here = new Set(
    [...contentWords(`${heading}\n${before[0]?.text ?? ''}\n${text}`).keys()].filter(isName),
  );
  const kinds = new Set([...here].map(kindOf));
  return [...asked.words.keys()].some((stem) => isName(stem) && !here.has(stem) && kinds.has(kindOf(stem)));
}

/** Whether a sentence rests on the one before it: it begins with a pronoun, or is very short. */
export const leansOn = (text: string): boolean =>
  /^["'“‘(]?(?:\d\d:\d\d\s+)?(?:it|its|they|their|them|this|that|these|those|he|his|she|her|such|both|the (?:cause|reason|former|latter)|cause|reason)\b/iu.test(
    text,
  );

/** A sentence with what it needs to be understood: the one before it, where it leans on that. */
const understandable = ({ text, before, heading }: PlacedSentence): string =>
  leansOn(text) ? `${before[0]?.text ?? heading} ${text}`.trim() : text;
