import { createHash } from 'node:crypto';
import { type CellValue, columnKey } from '../../../../platform/tables/cells.ts';
import type { Piece } from '../../types.ts';
import { estimateTokens } from './estimate-tokens.ts';
import type { Cell, Row, Sheet } from './types.ts';

/** How much of a table is one passage: so much that the usual encoders see all of it, its title included. */
const maxTokens = 200;
const maxRows = 20;
/** Of rows that fill a group by so much together, one says that it ends there. */
const spread = 0.55;
/** The names of columns stand above the rows where they take no more than this. */
const maxHeaderTokens = 40;
/** Of a row that is too wide for one passage, each part has the values of the first columns, too. */
const sharedColumns = 50;

interface Line {
  readonly row: Row;
  readonly text: string;
  readonly tokens: number;
}

/**
 * The rows of a table in groups, each a passage: a line that names sheet and columns, and each row as a line
 * `column: value; column: value`. Where a group ends is decided by its rows' contents and not by their numbers, which
 * are not a part of its text either: around a row that is inserted or removed, the other groups stay what they are
 * (content-defined chunking: Muthitacharoen et al., “A Low-bandwidth Network File System”, 2001).
 *
 * @param see is told every row once.
 */
export async function* groupRows(sheet: Sheet, see: (row: Row) => void): AsyncGenerator<Piece> {
  let group: Line[] = [];
  let full = 0;
  let known = -1;
  let room = maxTokens;
  for await (const row of sheet.rows) {
    see(row);
    const text = lineOf(row.cells, sheet.columns);
    if (text === '') continue;
    const tokens = estimateTokens(text);
    if (sheet.columns.length !== known) {
      known = sheet.columns.length;
      room = maxTokens - headerTokens(sheet);
    }
    if (tokens > room) {
      if (group.length > 0) yield pieceOf(group, sheet);
      group = [];
      full = 0;
      yield* partsOf(row, sheet, room);
      continue;
    }
    const share = Math.max(tokens / room, 1 / maxRows);
    if (group.length > 0 && (full + share > 1 + 1e-9 || group.length >= maxRows)) {
      yield pieceOf(group, sheet);
      group = [];
      full = 0;
    }
    group.push({ row, text, tokens });
    full += share;
    if (endsGroup(text, share)) {
      yield pieceOf(group, sheet);
      group = [];
      full = 0;
    }
  }
  if (group.length > 0) yield pieceOf(group, sheet);
}

/**
 * Whether the row with this text is one that a group ends with: a matter of chance, but the same every time. There is
 * no least size of a group: it would carry a change on, from the end of one group to that of the next.
 */
function endsGroup(text: string, share: number): boolean {
  const hash = createHash('sha256').update(text).digest().readUInt32BE(0);
  return hash / 2 ** 32 < share / spread;
}

const lineOf = (cells: readonly (Cell | null)[], columns: readonly string[]): string =>
  cells
    .flatMap((cell, index) => (cell === null ? [] : [`${columns[index] ?? ''}: ${oneLine(cell.text)}`]))
    .join('; ');

const oneLine = (text: string): string => text.replace(/\s+/gu, ' ').trim();

/** The line above the rows: the sheet and its columns, as far as they are short. */
function headerOf({ name, columns, columnsKnown }: Sheet): string | null {
  const names = columnsKnown && columns.length <= maxHeaderTokens ? columns.join(', ') : '';
  const listed = estimateTokens(names) <= maxHeaderTokens ? names : '';
  const title = name === null ? '' : oneLine(name);
  return [title, listed].filter((part) => part !== '').join(': ') || null;
}

const headerTokens = (sheet: Sheet): number => Math.min(estimateTokens(headerOf(sheet) ?? ''), maxTokens / 2);

function pieceOf(group: readonly Line[], sheet: Sheet): Piece {
  const header = headerOf(sheet);
  const rows = group.map(({ row }) => row);
  return {
    modality: 'TABLE',
    locator: rangeOf(rows, sheet),
    text: [...(header === null ? [] : [header]), ...group.map(({ text }) => text)].join('\n'),
    digest: null,
    cells: { rows: rows.map(({ cells }) => valuesOf(cells, sheet.columns)) },
  };
}

/** What filters compare: by column, what is not empty. */
function valuesOf(
  cells: readonly (Cell | null)[],
  columns: readonly string[],
  wanted: (column: number) => boolean = () => true,
): Record<string, CellValue> {
  return Object.fromEntries(
    cells.flatMap((cell, index) => {
      if (cell === null || !wanted(index)) return [];
      // No text that is longer can be asked for.
      const value = typeof cell.value === 'string' ? cell.value.slice(0, 1_001) : cell.value;
      return [[columnKey(columns[index] ?? ''), value]];
    }),
  );
}

function rangeOf(rows: readonly Row[], { name, columns }: Sheet): Piece['locator'] {
  const numbers = rows.map(({ number }) => number);
  return {
    ...{ kind: 'CellRange', sheet: name },
    ...{ firstRow: Math.min(...numbers), lastRow: Math.max(...numbers) },
    ...{ firstColumn: 1, lastColumn: Math.max(1, columns.length) },
  };
}

/** A row that is too long for one passage: some of its columns in each; a cell that alone is too long, in parts. */
function* partsOf(row: Row, sheet: Sheet, room: number): Generator<Piece> {
  const header = headerOf(sheet);
  let text = '';
  let first = 0;
  let last = -1;
  const piece = (): Piece => {
    const [from, to] = [first, last];
    return {
      modality: 'TABLE',
      locator: {
        ...{ kind: 'CellRange', sheet: sheet.name, firstRow: row.number, lastRow: row.number },
        ...{ firstColumn: from + 1, lastColumn: to + 1 },
      },
      text: header === null ? text : `${header}\n${text}`,
      digest: null,
      cells: {
        rows: [
          valuesOf(
            row.cells,
            sheet.columns,
            (column) => column < sharedColumns || (column >= from && column <= to),
          ),
        ],
      },
    };
  };
  for (const [column, cell] of row.cells.entries()) {
    if (cell === null) continue;
    const name = sheet.columns[column] ?? '';
    const room2 = Math.max(20, room - estimateTokens(name) - 2);
    for (const words of splitText(oneLine(cell.text), room2)) {
      const entry = `${name}: ${words}`;
      if (text !== '' && estimateTokens(`${text}; ${entry}`) > room) {
        yield piece();
        text = '';
      }
      if (text === '') first = column;
      text = text === '' ? entry : `${text}; ${entry}`;
      last = column;
    }
  }
  if (text !== '') yield piece();
}

/** A text in parts of at most so many tokens, cut between words where there are any. */
function* splitText(text: string, tokens: number): Generator<string> {
  if (estimateTokens(text) <= tokens) {
    yield text;
    return;
  }
  let part = '';
  let count = 0;
  for (const [word] of text.matchAll(/\S{1,40}\s*/gu)) {
    const more = estimateTokens(word);
    if (part !== '' && count + more > tokens) {
      yield part.trim();
      part = '';
      count = 0;
    }
    part += word;
    count += more;
  }
  if (part.trim() !== '') yield part.trim();
}
