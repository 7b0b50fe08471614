import type { Locator } from '../../platform/types.ts';
import type { AnswerEvent, Citation, Context, Excerpt, Passage, Range } from './types.ts';

/** Where in its document a part of a passage stands: exactly in a text, by the row in a table, else where the passage stands. */
export function locatorOf({ locator, text }: Passage, range: Range): Locator {
  if (locator.kind === 'CellRange') return rowsOf(locator, text, range);
  if (locator.kind !== 'TextRange' || locator.end - locator.start !== text.length) return locator;
  return { kind: 'TextRange', start: locator.start + range.start, end: locator.start + range.end };
}

/** The rows that a part of a table's passage is of, where each row has one line, with one above them at most. */
function rowsOf(table: Extract<Locator, { kind: 'CellRange' }>, text: string, range: Range): Locator {
  const count = table.lastRow - table.firstRow + 1;
  const above = text.split('\n').length - count;
  if (above !== 0 && above !== 1) return table;
  const rowAt = (place: number) => table.firstRow + text.slice(0, place).split('\n').length - 1 - above;
  const [firstRow, lastRow] = [rowAt(range.start), rowAt(range.end)];
  return firstRow < table.firstRow ? table : { ...table, firstRow, lastRow };
}

/**
 * An answer of the passages' own sentences: each sentence as it stands there but for line breaks, and behind it its
 * citation, whose quote is the passage's letter by letter. The same context always gives the same events.
 */
export function quoteExcerpts(
  context: Pick<Context, 'passages'>,
  excerpts: readonly Excerpt[],
): AnswerEvent[] {
  const events: AnswerEvent[] = [];
  let length = 0;
  let before: Passage | undefined;
  for (const { passage: index, range } of excerpts) {
    const passage = context.passages[index];
    if (!passage) continue;
    const quote = passage.text.slice(range.start, range.end);
    const words = quote.replace(/\s+/g, ' ');
    const separator = before ? (before.documentId === passage.documentId ? ' ' : '\n\n') : '';
    before = passage;
    const start = length + separator.length;
    length = start + words.length;
    const citation: Citation = {
      index: events.length / 2 + 1,
      chunkId: passage.chunkId,
      locator: locatorOf(passage, range),
      quote,
      answerRange: { start, end: length },
      support: 'VERIFIED',
    };
    events.push({ kind: 'TokenDelta', text: separator + words }, { kind: 'CitationAdded', citation });
  }
  return events;
}
