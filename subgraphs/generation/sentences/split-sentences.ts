import type { Range } from '../types.ts';

/** What is written with a full stop without ending a sentence. */
const abbreviation =
  /(?:^|[\s([{"'“‘/-])(?:e\.g|i\.e|cf|vs|viz|approx|ca|al|etc|fig|figs|eq|eqs|sec|secs|ch|chap|vol|vols|pp?|ref|refs|tab|dr|mr|mrs|ms|prof|st|inc|ltd|co|corp|dept|est|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|z\.b|d\.h|bzw|usw|nr|[A-Za-z]|(?:[A-Za-z]\.)+[A-Za-z])\.[)\]"'”’]*$/iu;
/** Abbreviations after which a sentence may end all the same, where a capital follows. */
const mayEnd = /(?:^|[\s([])(?:etc|inc|ltd|co|corp|usw)\.[)\]"'”’]*$/iu;
/** A line that begins something of its own: a heading, an item of a list, a row of a table. */
const ownLine = /^\s*(?:#{1,6}\s|[-*+•‣–]\s|\d{1,3}[.)]\s|\([a-z0-9]{1,3}\)\s|[|>])/u;
/** A line that is nothing but itself: a heading or a table's row is never continued. */
const wholeLine = /^\s*(?:#{1,6}\s|\|)/u;
const endsSentence = /[.!?…:;][)\]"'”’]*\s*$/u;

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/**
 * The sentences of a text, in order, without the white space around them, as ranges of the text in UTF-16
 * code units. Lines that were broken only because the page was narrow are read on; blank lines, headings,
 * items and rows end a sentence. Full stops in numbers and of abbreviations do not. Boundaries follow
 * Unicode Standard Annex 29 otherwise.
 */
export function splitSentences(text: string): Range[] {
  const ranges: Range[] = [];
  for (const block of blocks(text)) {
    // A space for each line break: the same length, so that places stay.
    const flat = text.slice(block.start, block.end).replace(/[\r\n\t\u2028\u2029\u0085\f\v]/g, ' ');
    let start = 0;
    for (const { index, segment } of segmenter.segment(flat)) {
      const end = index + segment.length;
      // Text that was taken apart before has its full stops alone, and may have no capitals.
      for (const { index: at, 0: stop } of segment.matchAll(/\s[.!?]\s+(?=\S)/g)) {
        push(ranges, text, block.start + start, block.start + index + at + stop.length);
        start = index + at + stop.length;
      }
      const soFar = flat.slice(start, end).trimEnd();
      const rest = flat.slice(end);
      if (rest.trim() !== '' && !isEnd(soFar, rest)) continue;
      push(ranges, text, block.start + start, block.start + end);
      start = end;
    }
    push(ranges, text, block.start + start, block.end);
  }
  return ranges;
}

/** Whether a sentence can end here, where the segmenter says that it does. */
function isEnd(soFar: string, rest: string): boolean {
  if (/^\s*\p{Ll}/u.test(rest)) return false;
  if (/\d\.$/.test(soFar) && /^\d/.test(rest)) return false;
  if (/\bnos?\.$/i.test(soFar) && /^\s*\d/.test(rest)) return false;
  if (!abbreviation.test(soFar.slice(-24))) return true;
  return mayEnd.test(soFar.slice(-12)) && /^\s*["'“‘([]?\p{Lu}/u.test(rest);
}

/** Adds the range without the white space around it, where anything is left. */
function push(ranges: Range[], text: string, from: number, to: number): void {
  let start = from;
  let end = to;
  while (start < end && /\s/.test(text.charAt(start))) start++;
  while (end > start && /\s/.test(text.charAt(end - 1))) end--;
  if (end > start) ranges.push({ start, end });
}

/** The stretches of a text that no sentence crosses the borders of. */
function blocks(text: string): Range[] {
  const lines = Array.from(text.matchAll(/[^\n]*(?:\n|$)/g), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
    words: match[0].trim(),
    line: match[0],
  })).filter((line) => line.end > line.start);
  const widest = Math.max(0, ...lines.map((line) => line.words.length));
  const found: { start: number; end: number }[] = [];
  let open: { start: number; end: number } | undefined;
  let before: (typeof lines)[number] | undefined;
  for (const line of lines) {
    const begins =
      !open ||
      !before ||
      line.words === '' ||
      ownLine.test(line.line) ||
      wholeLine.test(before.line) ||
      isParagraphEnd(before.words, line.words, widest);
    if (begins) open = undefined;
    if (line.words !== '') {
      if (open) open.end = line.end;
      else found.push((open = { start: line.start, end: line.end }));
    }
    before = line;
  }
  return found;
}

/** Whether a line that is followed by another one looks like a heading or the last one of its paragraph. */
function isParagraphEnd(words: string, next: string, widest: number): boolean {
  const isShort = words.length < widest * 0.6;
  if (!isShort || !/^["'“‘([]?[\p{Lu}\p{N}]/u.test(next)) return false;
  return (
    endsSentence.test(words) ||
    !/[,\-–—(]$|\b(?:a|an|and|as|at|by|for|from|in|is|of|on|or|per|than|the|to|with)$/iu.test(words)
  );
}
