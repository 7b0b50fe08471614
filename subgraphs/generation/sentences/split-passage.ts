import type { Passage, Range } from '../types.ts';
import { splitSentences } from './split-sentences.ts';

/** What can be quoted of a passage: its sentences, or the rows of a table, one a line. Ranges of its text, in order. */
export const splitPassage = ({ modality, text }: Pick<Passage, 'modality' | 'text'>): Range[] =>
  modality === 'TABLE' ? splitLines(text) : splitSentences(text);

/** The lines that have something in them, without the white space around them. */
function splitLines(text: string): Range[] {
  return Array.from(text.matchAll(/\S(?:[^\n]*\S)?/gu), ({ index, 0: line }) => ({
    start: index,
    end: index + line.length,
  }));
}

/** Whether the first line of a table's passage names its columns, as the lines below name them with a value each. */
export function hasHeader(lines: readonly string[]): boolean {
  const [first, second] = lines;
  if (first === undefined || second === undefined) return false;
  const named = (line: string) => line.split(/:\s/u).length;
  return named(first) < named(second);
}
