import type { Encoder } from '../../../platform/ports/encoder.ts';

/** What a window is made of and never cuts: a word with its punctuation. */
export interface Unit {
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
  /** What ends with it. */
  readonly ends: 'paragraph' | 'sentence' | 'word';
}

/** Text is tokenized in slices of about this many characters, so that a long one need not be held as tokens. */
const sliceLength = 16_384;

/** A word, or one character of a script that is written without spaces, with the punctuation behind it. */
const word =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*[\p{Po}\p{Pe}\p{Pf}]*|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])\S)+/gu;

/**
 * The words of a text in order, with their tokens counted. A word of more than `maxTokens` tokens comes in
 * pieces that end where tokens do.
 */
export function* splitUnits(
  text: string,
  tokenSpans: Encoder['tokenSpans'],
  maxTokens: number,
): Generator<Unit> {
  for (let start = 0; start < text.length; ) {
    const end = sliceEnd(text, start);
    yield* unitsOfSlice(text, start, end, tokenSpans, maxTokens);
    start = end;
  }
}

/** Where a slice ends: behind white space, or, where there is none, wherever it is full. */
function sliceEnd(text: string, start: number): number {
  const limit = start + sliceLength;
  if (limit >= text.length) return text.length;
  for (let end = limit; end > start + sliceLength / 2; end--) {
    if (/\s/.test(text.charAt(end - 1))) return end;
  }
  // Not between the two halves of one character.
  return /[\udc00-\udfff]/.test(text.charAt(limit)) ? limit - 1 : limit;
}

function* unitsOfSlice(
  text: string,
  from: number,
  to: number,
  tokenSpans: Encoder['tokenSpans'],
  maxTokens: number,
): Generator<Unit> {
  const slice = text.slice(from, to);
  const ends = tokenSpans(slice).map((span) => span.end);
  let token = 0;
  for (const match of slice.matchAll(word)) {
    const start = match.index;
    const end = start + match[0].length;
    let pieceStart = start;
    let tokens = 0;
    let last = start;
    for (let tokenEnd = ends[token]; tokenEnd !== undefined && tokenEnd <= end; tokenEnd = ends[++token]) {
      if (tokens === maxTokens) {
        yield { start: from + pieceStart, end: from + last, tokens, ends: 'word' };
        pieceStart = last;
        tokens = 0;
      }
      tokens++;
      last = Math.max(last, tokenEnd);
    }
    yield { start: from + pieceStart, end: from + end, tokens, ends: whatEnds(text, from + end, match[0]) };
  }
}

function whatEnds(text: string, end: number, wordText: string): Unit['ends'] {
  if (end >= text.length || /^[^\S\n]*\r?\n[^\S\n]*\r?\n/.test(text.slice(end, end + 64))) return 'paragraph';
  return /[.!?…。！？]["'”’)\]»]*$/.test(wordText) ? 'sentence' : 'word';
}
