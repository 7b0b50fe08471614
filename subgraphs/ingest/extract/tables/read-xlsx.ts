import type { Gap } from '../../types.ts';
import type { Zip } from '../office/open-zip.ts';
import { scanPart, scanWhole } from '../office/scan-part.ts';
import { attribute } from '../office/xml-scanner.ts';
import { findHeader, headerSample, nameColumns } from './find-header.ts';
import { rowTooLarge, tooManyColumns } from './limits.ts';
import { type Cell, maxColumns, maxRowCharacters, type Row, type Sheet, type TablePart } from './types.ts';
import { dateTimeOf } from './value-formats.ts';
import { readWorkbook, type Workbook, type WorkbookSheet } from './xlsx-parts.ts';

const maxMerged = 20_000;

/**
 * Reads the sheets of a workbook, a row at a time. Of formulas it has the values that were computed last, of numbers
 * with the formats of dates the dates, and of cells that are joined across rows the value in each row. Hidden sheets
 * are not read, and said to be there.
 *
 * @throws TributaryError `REJECTED_INPUT` as `openZip` and the scanner do; `TOO_MANY_COLUMNS`; `ROW_TOO_LARGE`.
 */
export async function* readXlsx(zip: Zip, signal: AbortSignal): AsyncGenerator<TablePart> {
  const workbook = await readWorkbook(zip);
  for (const sheet of workbook.sheets) {
    if (sheet.hidden) yield hiddenSheet(sheet.name);
    else if (zip.has(sheet.part)) yield* readSheet(zip, sheet, workbook, signal);
  }
}

const hiddenSheet = (name: string): Gap => ({
  code: 'HIDDEN_SHEET',
  message: `The sheet ${JSON.stringify(name.slice(0, 100))} is hidden and was not read. Show it to have it searched.`,
  locator: null,
});

async function* readSheet(
  zip: Zip,
  { name, part }: WorkbookSheet,
  workbook: Workbook,
  signal: AbortSignal,
): AsyncGenerator<TablePart> {
  const merged = await readMerged(zip, part);
  const source = rowsOf(zip, part, workbook, merged, signal);
  const first: Row[] = [];
  while (first.length < headerSample) {
    const { value, done } = await source.next();
    if (done === true) break;
    first.push(value);
  }
  if (first.length === 0) return;
  const texts = first.map(({ cells }) => cells.map((cell) => cell?.text ?? ''));
  const header = findHeader(texts);
  const width = Math.max(...first.map(({ cells }) => cells.length));
  const columns = nameColumns(header === null ? [] : (texts[header] ?? []), width);
  const above = header === null ? [] : first.slice(0, header);
  const lines = above.map(({ cells }) =>
    cells.flatMap((cell) => (cell === null ? [] : [cell.text])).join(' '),
  );

  async function* rows(): AsyncGenerator<Row> {
    const grow = (row: Row): Row => {
      while (columns.length < row.cells.length) columns.push(`column ${columns.length + 1}`);
      return row;
    };
    for (const row of first.slice((header ?? -1) + 1)) yield grow(row);
    for await (const row of source) yield grow(row);
  }

  const sheet: Sheet = {
    name,
    columns,
    columnsKnown: true,
    preamble:
      above.length === 0
        ? null
        : {
            text: lines.join('\n'),
            firstRow: above[0]?.number ?? 1,
            lastRow: above[above.length - 1]?.number ?? 1,
          },
    rows: rows(),
  };
  yield { kind: 'sheet', sheet };
}

/** For cells that are joined across rows: the last row, by the address of the first cell. */
async function readMerged(zip: Zip, part: string): Promise<Map<string, number>> {
  const merged = new Map<string, number>();
  await scanWhole(zip, part, {
    open(name, attributes) {
      if (name !== 'mergeCell' || merged.size >= maxMerged) return;
      const [, column, from, to] =
        /^([A-Z]+)(\d+):[A-Z]+(\d+)$/.exec(attribute(attributes, 'ref') ?? '') ?? [];
      if (column !== undefined && Number(to) > Number(from)) merged.set(`${column}${from}`, Number(to));
    },
  });
  return merged;
}

/** The rows that have anything in them. */
async function* rowsOf(
  zip: Zip,
  part: string,
  workbook: Workbook,
  merged: ReadonlyMap<string, number>,
  signal: AbortSignal,
): AsyncGenerator<Row, undefined> {
  let ready: Row[] = [];
  let number = 0;
  let cells: (Cell | null)[] = [];
  let characters = 0;
  let column = 0;
  let type = '';
  let style = 0;
  let value = '';
  let reading = false;
  /** Values that go on in the next rows, by column. */
  const lasting = new Map<number, { readonly cell: Cell; readonly lastRow: number }>();

  const finishRow = () => {
    for (const [at, { cell, lastRow }] of lasting) {
      if (number > lastRow) lasting.delete(at);
      else if ((cells[at] ?? null) === null) put(at, cell);
    }
    if (cells.some((cell) => cell !== null)) ready.push({ number, cells });
  };
  const put = (at: number, cell: Cell) => {
    if (at >= maxColumns) throw tooManyColumns(at + 1);
    while (cells.length <= at) cells.push(null);
    cells[at] = cell;
  };
  const pieces = scanPart(zip, part, {
    open(name, attributes) {
      if (name === 'row') {
        const given = Number(attribute(attributes, 'r') ?? Number.NaN);
        number = Number.isInteger(given) && given > number ? given : number + 1;
        cells = [];
        characters = 0;
        column = -1;
      } else if (name === 'c') {
        const letters = /^[A-Z]{1,3}/.exec(attribute(attributes, 'r') ?? '')?.[0];
        column = letters === undefined ? column + 1 : columnOf(letters);
        type = attribute(attributes, 't') ?? 'n';
        style = Number(attribute(attributes, 's') ?? 0);
        value = '';
      } else reading = name === 'v' || name === 't';
    },
    close(name) {
      reading = false;
      if (name === 'row') finishRow();
      if (name !== 'c' || value === '') return;
      characters += value.length;
      if (characters > maxRowCharacters) throw rowTooLarge(number);
      const cell = cellOf(value, type, style, workbook);
      if (cell === null) return;
      put(column, cell);
      const lastRow = merged.get(`${lettersOf(column)}${number}`);
      if (lastRow !== undefined) lasting.set(column, { cell, lastRow });
    },
    text(text) {
      if (reading) value += text;
    },
  });
  for await (const _ of pieces) {
    signal.throwIfAborted();
    yield* ready;
    ready = [];
  }
}

/** `A` is 0, `AA` is 26. */
function columnOf(letters: string): number {
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

function lettersOf(column: number): string {
  let letters = '';
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters;
}

function cellOf(
  raw: string,
  type: string,
  style: number,
  { strings, kinds, from1904 }: Workbook,
): Cell | null {
  switch (type) {
    case 's':
      return ofText(strings[Number(raw)] ?? '');
    case 'b':
      return { text: raw === '1' ? 'true' : 'false', value: raw === '1', type: 'boolean' };
    case 'd': {
      const value = dateTimeOf(raw);
      return value === null ? ofText(raw) : { text: value, value, type: 'date and time' };
    }
    case 'n': {
      const value = Number(raw);
      return Number.isFinite(value) ? ofNumber(value, kinds[style] ?? 'number', from1904) : ofText(raw);
    }
    default:
      return ofText(raw);
  }
}

function ofText(raw: string): Cell | null {
  const text = raw.trim();
  return text === '' ? null : { text, value: text, type: 'text' };
}

const msPerDay = 86_400_000;

function ofNumber(raw: number, kind: string, from1904: boolean): Cell {
  const value = Number(raw.toPrecision(15));
  switch (kind) {
    case 'percent':
      return { text: `${Number((value * 100).toPrecision(12))}%`, value, type: 'percent' };
    case 'currency':
      return { text: String(value), value, type: 'currency' };
    case 'date':
    case 'date and time':
    case 'time':
      return ofDays(value, kind, from1904) ?? { text: String(value), value, type: 'number' };
    default:
      return { text: String(value), value, type: 'number' };
  }
}

/** A number of days as a date: from 1899-12-30, which makes up for a 29th of February 1900 that there never was. */
function ofDays(days: number, kind: 'date' | 'date and time' | 'time', from1904: boolean): Cell | null {
  if (days < 0 || days > 2_958_466) return null;
  const epoch = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30);
  // Seconds are what people enter; what is finer is an error of floating point.
  const at = new Date(epoch + Math.round((days * msPerDay) / 1000) * 1000).toISOString();
  if (kind === 'time' && days < 1) return { text: at.slice(11, 19), value: at.slice(11, 19), type: 'time' };
  if (kind === 'date' || at.endsWith('T00:00:00.000Z')) {
    return { text: at.slice(0, 10), value: at.slice(0, 10), type: 'date' };
  }
  return { text: at.slice(0, 19), value: at.slice(0, 19), type: 'date and time' };
}
