import type { Encoder } from '../../platform/ports/encoder.ts';
import { locatorOf } from './quote-excerpts.ts';
import type { Sentence } from './sentences/encode-sentences.ts';
import { contentStems, innerProduct, overlap } from './sentences/words.ts';
import type { Citation, Passage } from './types.ts';

/** A sentence of a passage nearer in meaning than this may bear a statement out. */
export const supportThreshold = 0.6;
/** A statement of fewer words than this is found in too many places to be a quotation. */
const leastQuotedWords = 3;

/**
 * Finds what a statement rests on. `VERIFIED`: its words stand in a passage, letter by letter but for case,
 * white space and punctuation. `SUPPORTED`: a sentence of a passage is close in meaning, and the passage has
 * every number and every name of the statement. `UNSUPPORTED` otherwise, resting on nothing.
 *
 * Closeness in meaning alone is never enough: "every 500 hours" and "every 2,000 hours" are as close as can be.
 */
export async function verifyCitation(
  statement: string,
  sentences: readonly Sentence[],
  passages: readonly Passage[],
  encoder: Encoder,
  signal: AbortSignal,
): Promise<Omit<Citation, 'index' | 'answerRange'>> {
  const said = withoutMarks(statement);
  const quoted = findQuoted(said, passages);
  if (quoted) return { ...quoted, support: 'VERIFIED' };

  const [vector] = await encoder.encode([said], 'passage', signal);
  const facts = factsOf(said);
  const stems = contentStems(said);
  let best: { readonly sentence: Sentence; readonly score: number } | undefined;
  for (const sentence of sentences) {
    const passage = passages[sentence.passage];
    if (!vector || !passage || !hasAll(facts, `${passage.title}\n${passage.text}`)) continue;
    const closeness = innerProduct(vector, sentence.vector);
    if (closeness < supportThreshold) continue;
    const score = closeness + 0.1 * overlap(stems, sentence.stems);
    if (!best || score > best.score) best = { sentence, score };
  }
  const passage = best && passages[best.sentence.passage];
  if (!best || !passage) return { chunkId: null, locator: null, quote: null, support: 'UNSUPPORTED' };
  const { range } = best.sentence;
  return {
    chunkId: passage.chunkId,
    locator: locatorOf(passage, range),
    quote: passage.text.slice(range.start, range.end),
    support: 'SUPPORTED',
  };
}

/** A statement without the marks that a model may have put behind it. */
const withoutMarks = (statement: string): string =>
  statement
    .replace(/\s*\[(?:\d+(?:\s*[,–-]\s*\d+)*)\]/g, '')
    .replace(/[*_`#]+/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** A text's letters and digits in one case, with where each stood. */
function normalize(text: string): { readonly words: string; readonly places: readonly number[] } {
  let words = '';
  const places: number[] = [];
  for (const match of text.matchAll(/\p{N}+(?:[.,]\p{N}+)*|[\p{L}\p{M}]+/gu)) {
    if (words !== '') {
      words += ' ';
      places.push(match.index);
    }
    // Letter by letter, so that places stay even where a letter's lower case is longer.
    let place = match.index;
    for (const letter of match[0]) {
      const lower = letter.toLowerCase();
      words += lower;
      for (let unit = 0; unit < lower.length; unit++) places.push(place);
      place += letter.length;
    }
  }
  return { words, places };
}

/** Where the statement's words stand in a passage, one behind the other. */
function findQuoted(
  statement: string,
  passages: readonly Passage[],
): Pick<Citation, 'chunkId' | 'locator' | 'quote'> | null {
  const { words } = normalize(statement);
  if (words.split(' ').length < leastQuotedWords) return null;
  for (const passage of passages) {
    const text = normalize(passage.text);
    const at = ` ${text.words} `.indexOf(` ${words} `);
    const start = text.places[at];
    const last = text.places[at + words.length - 1];
    if (at < 0 || start === undefined || last === undefined) continue;
    // Its closing punctuation is the sentence's too.
    const closing = /^[\p{L}\p{N}\p{M}]*[.!?…]*/u.exec(passage.text.slice(last))?.[0].length ?? 1;
    const range = { start, end: last + closing };
    return {
      chunkId: passage.chunkId,
      locator: locatorOf(passage, range),
      quote: passage.text.slice(range.start, range.end),
    };
  }
  return null;
}

interface Facts {
  readonly numbers: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

/** The numbers and the proper names of a text. A word is a name where it is written large inside a sentence. */
function factsOf(text: string): Facts {
  const names = new Set<string>();
  for (const match of text.matchAll(/(?<![\p{L}\p{N}])\p{Lu}[\p{L}\p{N}]*(?:[-’'.&/]\p{L}*\p{N}*)*/gu)) {
    const [name] = match;
    const before = text.slice(0, match.index).trimEnd();
    const opens = before === '' || /[.!?:]["'”’)]*$/.test(before);
    // A large letter that opens the sentence says nothing, but `P-101` and `NASA` are names anywhere.
    if (!opens || /\p{N}|\p{Lu}.*\p{Lu}/u.test(name))
      names.add(name.toLowerCase().replace(/[^\p{L}\p{N}]+$/u, ''));
  }
  names.delete('i');
  return { numbers: numbersOf(text), names };
}

const numberWords =
  `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
  seventeen eighteen nineteen twenty`.split(/\s+/);

/** The numbers of a text, however they are written: `2,000`, `2000`, `2000.0` and, up to twenty, in words. */
function numbersOf(text: string): Set<string> {
  const numbers = new Set<string>();
  for (const [written] of text.matchAll(/\d+(?:[.,]\d+)*/g)) {
    const plain = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(written) ? written.replaceAll(',', '') : written;
    numbers.add(Number.isNaN(Number(plain)) ? plain : String(Number(plain)));
  }
  for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) {
    const value = numberWords.indexOf(word);
    // "One" is mostly no number.
    if (value >= 0 && value !== 1) numbers.add(String(value));
  }
  return numbers;
}

function hasAll({ numbers, names }: Facts, text: string): boolean {
  const there = numbersOf(text);
  for (const number of numbers) if (!there.has(number)) return false;
  const lower = text.toLowerCase();
  for (const name of names) if (!lower.includes(name)) return false;
  return true;
}
