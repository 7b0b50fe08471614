import type { TextRun } from './pdf-protocol.ts';

/** A table as it stands on a page. */
export interface PageTable {
  /** Its rows from the top, the header among them: the texts of the cells by column, empty where there is none. */
  readonly rows: readonly (readonly string[])[];
  /** Where each row stands, in the units of the runs. */
  readonly places: readonly Omit<TextRun, 'text'>[];
}

const minRows = 3;
const minColumns = 2;
/** Runs of one row are one cell where the gap between them is less than this many letter heights. */
const cellGap = 1;
/** Rows of one table follow each other within this many letter heights. */
const rowGap = 2.5;
/** So many cells of a column begin, end or have their middle at one place, within so much of a letter's height. */
const alignedShare = 0.8;
const alignedWithin = 0.6;
/** Where cells hold more letters than this on average, the columns are ones of running text. */
const maxMeanLetters = 32;

interface Row {
  readonly cells: readonly TextRun[];
  readonly top: number;
  readonly bottom: number;
}

/**
 * Finds tables by where text stands: rows of cells that stand apart, below each other in columns. Rather too few are
 * found than too many: at least three rows of two columns, and no running text in columns, lists, or tables of contents.
 */
export function findPageTables(runs: readonly TextRun[]): PageTable[] {
  const tables: PageTable[] = [];
  let block: Row[] = [];
  const finish = () => {
    const table = tableOf(block);
    if (table !== null) tables.push(table);
    block = [];
  };
  for (const row of rowsOf(runs)) {
    const above = block.at(-1);
    const height = row.bottom - row.top;
    if (above !== undefined && row.top - above.bottom > rowGap * height) finish();
    if (row.cells.length >= minColumns) block.push(row);
    else finish();
  }
  finish();
  return tables;
}

/** Runs beside each other as rows, and those that stand close together as cells. */
function rowsOf(runs: readonly TextRun[]): Row[] {
  const rows: TextRun[][] = [];
  for (const run of [...runs].sort((a, b) => a.bottom - b.bottom || a.left - b.left)) {
    const row = rows.at(-1);
    const first = row?.[0];
    const height = Math.min(run.bottom - run.top, (first?.bottom ?? 0) - (first?.top ?? 0));
    // Runs of one row stand on one line, whatever their sizes.
    if (row !== undefined && first !== undefined && Math.abs(first.bottom - run.bottom) <= 0.4 * height) {
      row.push(run);
    } else rows.push([run]);
  }
  return rows.map((row) => {
    const cells = cellsOf(row.sort((a, b) => a.left - b.left));
    return {
      cells,
      top: Math.min(...cells.map(({ top }) => top)),
      bottom: Math.max(...cells.map(({ bottom }) => bottom)),
    };
  });
}

function cellsOf(row: readonly TextRun[]): TextRun[] {
  const cells: TextRun[] = [];
  for (const run of row) {
    const before = cells.at(-1);
    const height = run.bottom - run.top;
    if (before === undefined || run.left - before.right > cellGap * height) {
      cells.push(run);
      continue;
    }
    const space = run.left - before.right > 0.1 * height ? ' ' : '';
    cells[cells.length - 1] = {
      text: `${before.text}${space}${run.text}`,
      left: before.left,
      right: Math.max(before.right, run.right),
      top: Math.min(before.top, run.top),
      bottom: Math.max(before.bottom, run.bottom),
    };
  }
  return cells;
}

function tableOf(block: readonly Row[]): PageTable | null {
  if (block.length < minRows) return null;
  const cells = block.flatMap((row) => row.cells);
  const columns = columnsOf(cells);
  if (columns.length < minColumns) return null;
  const height = cells.reduce((sum, { top, bottom }) => sum + bottom - top, 0) / cells.length;
  for (const { members } of columns) {
    if (!areAligned(members, height) || members.length < block.length / 2) return null;
  }
  if (isRunningText(cells) || isContents(block) || isList(columns)) return null;
  const rows = block.map((row) =>
    columns.map(({ members }) => row.cells.find((cell) => members.includes(cell))?.text.trim() ?? ''),
  );
  // Two cells of one row in one column: then these are no columns.
  const shown = rows.reduce((sum, row) => sum + row.filter((text) => text !== '').length, 0);
  if (shown !== cells.length) return null;
  const places = block.map(({ cells: own, top, bottom }) => ({
    ...{ top, bottom },
    left: Math.min(...own.map(({ left }) => left)),
    right: Math.max(...own.map(({ right }) => right)),
  }));
  return { rows, places };
}

interface Column {
  left: number;
  right: number;
  readonly members: TextRun[];
}

/** The cells in columns: those that stand over each other, in part at least. */
function columnsOf(cells: readonly TextRun[]): Column[] {
  const columns: Column[] = [];
  for (const cell of [...cells].sort((a, b) => a.left - b.left)) {
    const column = columns.at(-1);
    if (column !== undefined && cell.left < column.right) {
      column.members.push(cell);
      column.right = Math.max(column.right, cell.right);
    } else columns.push({ left: cell.left, right: cell.right, members: [cell] });
  }
  return columns;
}

/** Whether most cells of a column begin, end, or have their middle at one place. */
function areAligned(cells: readonly TextRun[], height: number): boolean {
  const isAt = (place: (cell: TextRun) => number): boolean => {
    const places = cells.map(place).sort((a, b) => a - b);
    const middle = places[Math.floor(places.length / 2)] ?? 0;
    const near = places.filter((value) => Math.abs(value - middle) <= alignedWithin * height);
    return near.length >= alignedShare * places.length;
  };
  return (
    isAt(({ left }) => left) || isAt(({ right }) => right) || isAt(({ left, right }) => (left + right) / 2)
  );
}

const isRunningText = (cells: readonly TextRun[]): boolean =>
  cells.reduce((sum, { text }) => sum + text.length, 0) / cells.length > maxMeanLetters;

const isContents = (rows: readonly Row[]): boolean =>
  rows.filter(({ cells }) => cells.some(({ text }) => /(?:\.\s?){4}/.test(text))).length > rows.length / 2;

const bullet = /^(?:[•‣▪●◦*–—-]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)])$/i;

/** Bullets or numbers with what they stand before. */
const isList = (columns: readonly Column[]): boolean =>
  columns.length === 2 && (columns[0]?.members.every(({ text }) => bullet.test(text.trim())) ?? false);
