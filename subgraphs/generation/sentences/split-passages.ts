import type { Excerpt, Passage } from '../types.ts';
import { hasHeader, splitPassage } from './split-passage.ts';

/** A sentence of a passage, with what stands before it there. */
export interface PlacedSentence extends Excerpt {
  /** Its words, white space collapsed. */
  readonly text: string;
  /** The heading that it stands under; empty where there is none. */
  readonly heading: string;
  /** The sentences before it under the same heading, the nearest first. */
  readonly before: readonly PlacedSentence[];
  /** Whether it is a sentence, and not the end of one that the passage's border cut off, a heading or a label. */
  readonly isWhole: boolean;
}

/** The most sentences of one answer that are looked at; the best passages' come first. */
const maxSentences = 400;
/** Longer lines without a full stop are sentences all the same. */
const longestHeading = 100;

/** Splits passages into sentences. Those without a letter are left out. */
export function splitPassages(passages: readonly Passage[]): PlacedSentence[] {
  return passages
    .flatMap((passage, index) =>
      passage.modality === 'TABLE' ? placeRows(passage, index) : placeSentences(passage, index),
    )
    .slice(0, maxSentences);
}

/** The rows of a table: each says all there is to it, under the names of the columns. */
function placeRows(table: Passage, passage: number): PlacedSentence[] {
  const rows = splitPassage(table).map((range) => ({
    range,
    text: table.text.slice(range.start, range.end).replace(/\s+/g, ' '),
  }));
  const heading = hasHeader(rows.map(({ text }) => text)) ? (rows[0]?.text ?? '') : '';
  return rows
    .slice(heading === '' ? 0 : 1)
    .map(({ range, text }) => ({ passage, range, text, heading, before: [], isWhole: true }));
}

function placeSentences(prose: Passage, passage: number): PlacedSentence[] {
  const { text } = prose;
  const sentences: PlacedSentence[] = [];
  // Where nothing begins with a capital, its lack says nothing.
  const isCased = /(?:^|[.!?]\s+)\p{Lu}/u.test(text);
  let heading = '';
  let before: PlacedSentence[] = [];
  for (const range of splitPassage(prose)) {
    const words = text.slice(range.start, range.end).replace(/\s+/g, ' ');
    if (!/\p{L}/u.test(words)) continue;
    const sentence = { passage, range, text: words, heading, before, isWhole: isWhole(words, isCased) };
    sentences.push(sentence);
    if (isHeading(words)) {
      heading = words.replace(/^#+\s*/, '');
      before = [];
    } else before = [sentence, ...before];
  }
  return sentences;
}

const isWhole = (text: string, isCased: boolean): boolean =>
  /[.!?…:;][)\]"'”’*_]*$/u.test(text) && text.split(' ').length >= 4 && !(isCased && /^\p{Ll}/u.test(text));

const isHeading = (text: string): boolean =>
  text.length < longestHeading && !/[.!?…:;][)\]"'”’*_]*$/u.test(text);
