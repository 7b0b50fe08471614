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

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

function* words(
  text: string,
): Generator<{ readonly term: string; readonly start: number; readonly end: number }> {
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    if (isWordLike !== true) continue;
    const word = segment.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
    if (!stopWords.has(word)) yield { term: stem(word), start: index, end: index + segment.length };
  }
}

/** The terms of a query that are highlighted: its words without stop words, stemmed, without accents. */
export const queryTerms = (query: string): ReadonlySet<string> =>
  new Set(Array.from(words(query), ({ term }) => term));

/** Where a passage has words of the query, in whatever form: ranges of UTF-16 code units, in order, at most 200. */
export function highlight(text: string, terms: ReadonlySet<string>): TextRange[] {
  const ranges: TextRange[] = [];
  if (terms.size === 0) return ranges;
  for (const { term, start, end } of words(text)) {
    if (!terms.has(term)) continue;
    ranges.push({ start, end });
    if (ranges.length === maxHighlights) break;
  }
  return ranges;
}
