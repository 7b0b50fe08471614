import { stem } from './stem.ts';
import type { TextRange } from './types.ts';

/** Words that say nothing of what is looked for. */
const stopWords = new Set(
  `a about above after again all also an and any are as at be because been before being below between both but
  by can could did do does doing down during each few for from further had has have having he her here hers him
  his how i if in into is it its itself just me more most my no nor not now of off on once only or other our out
  over own same she should so some such than that the their theirs them then there these they this those through
  to too under until up very was we were what when where which while who whom why will with would you your yours`.split(
    /\s+/,
  ),
);

/** The most ranges of one passage. */
const maxHighlights = 200;

/** Scripts that are written without spaces: only a dictionary knows their words. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

interface Word {
  readonly text: string;
  readonly start: number;
}

function* words(text: string): Generator<Word> {
  if (!unspaced.test(text)) {
    for (const { 0: word, index } of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu))
      yield { text: word, start: index };
    return;
  }
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    if (isWordLike === true) yield { text: segment, start: index };
  }
}

/** A word as it is compared: in lower case, without accents, stemmed; null for a stop word. */
function termOf(word: string): string | null {
  const plain = word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return stopWords.has(plain) ? null : stem(plain);
}

/** The terms of a query that are highlighted: its words without stop words, stemmed, without accents. */
export const queryTerms = (query: string): ReadonlySet<string> =>
  new Set(Array.from(words(query), ({ text }) => termOf(text)).filter((term) => term !== null));

/** Where passages have words of the query, in whatever form. */
export function createHighlighter(terms: ReadonlySet<string>): (text: string) => TextRange[] {
  // The same words come again and again, in one passage and the next.
  const wanted = new Map<string, boolean>();
  const isWanted = (word: string): boolean => {
    const known = wanted.get(word);
    if (known !== undefined) return known;
    const term = termOf(word);
    const is = term !== null && terms.has(term);
    wanted.set(word, is);
    return is;
  };
  /** Ranges of UTF-16 code units, in order, at most 200. */
  return (text) => {
    const ranges: TextRange[] = [];
    if (terms.size === 0) return ranges;
    for (const { text: word, start } of words(text)) {
      if (!isWanted(word)) continue;
      ranges.push({ start, end: start + word.length });
      if (ranges.length === maxHighlights) break;
    }
    return ranges;
  };
}
