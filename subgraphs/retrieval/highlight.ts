import { termOf, wordsOf } from '../../platform/text/terms.ts';
import type { TextRange } from './types.ts';

/** The most ranges of one passage. */
const maxHighlights = 200;

/** The terms of a query that are highlighted: its words without stop words, stemmed, without accents. */
export const queryTerms = (query: string): ReadonlySet<string> =>
  new Set(Array.from(wordsOf(query), ({ text }) => termOf(text)).filter((term) => term !== null));

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
    for (const { text: word, start } of wordsOf(text)) {
      if (!isWanted(word)) continue;
      ranges.push({ start, end: start + word.length });
      if (ranges.length === maxHighlights) break;
    }
    return ranges;
  };
}
