import { stem } from './stem.ts';

/** English words that say nothing of what is looked for. */
const stopWords = new Set(
  `a about above after again all also an and any are as at be because been before being below between both but
  by can could did do does doing down during each few for from further had has have having he her here hers him
  his how i if in into is it its itself just me more most my no nor not now of off on once only or other our out
  over own same she should so some such than that the their theirs them then there these they this those through
  to too under until up very was we were what when where which while who whom why will with would you your yours`.split(
    /\s+/,
  ),
);

/** Scripts that are written without spaces: only a dictionary knows their words. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/** A word, and where it begins in its text, in UTF-16 code units. */
export interface Word {
  readonly text: string;
  readonly start: number;
}

/** The words of a text, in order, as they are written. */
export function* wordsOf(text: string): Generator<Word> {
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
export function termOf(word: string): string | null {
  const plain = word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return stopWords.has(plain) ? null : stem(plain);
}
