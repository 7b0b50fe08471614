import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { rejected } from '../../../../platform/errors.ts';
import { type CsvDialect, detectCsv } from './detect-csv.ts';
import { findHeader, headerSample, nameColumns } from './find-header.ts';
import { rowTooLarge, tooManyColumns } from './limits.ts';
import { ColumnType, cellOf } from './type-columns.ts';
import { maxColumns, maxRowCharacters, type Row, type TablePart } from './types.ts';
import type { ValueFormat } from './value-formats.ts';

/**
 * Reads values separated by characters as a table, a row at a time: how it is written, where its header is and what
 * its columns hold is found out by going through it once before.
 *
 * @param delimiter where the kind of the file names it.
 * @throws TributaryError `REJECTED_INPUT` with reason `TOO_MANY_COLUMNS`, `ROW_TOO_LARGE` or `BROKEN_CSV`.
 */
export async function* readCsv(
  text: string,
  delimiter: string | null,
  signal: AbortSignal,
): AsyncGenerator<TablePart> {
  checkWidth(text);
  const detected = detectCsv(text, delimiter);
  const { dialect, header, formats, columns, first } = await survey(text, detected, signal);

  async function* rows(): AsyncGenerator<Row> {
    for await (const { number, values } of records(text, dialect, signal)) {
      if (number <= header) continue;
      const cells = columns.map((_, index) => cellOf(values[index] ?? '', formats[index] ?? null));
      if (cells.some((cell) => cell !== null)) yield { number, cells };
    }
  }

  const above = first.slice(0, Math.max(0, header - 1)).map((values) =>
    values
      .map((value) => value.trim())
      .filter((value) => value !== '')
      .join(' '),
  );
  const preamble = above.filter((line) => line !== '').join('\n');
  yield {
    kind: 'sheet',
    sheet: {
      name: null,
      columns,
      columnsKnown: true,
      preamble: preamble === '' ? null : { text: preamble, firstRow: 1, lastRow: header - 1 },
      rows: rows(),
    },
  };
}

/** Ends early where the first line alone has too many columns: it need not be parsed to see that. */
function checkWidth(text: string): void {
  const end = text.indexOf('\n');
  const line = end === -1 ? text : text.slice(0, end);
  for (const delimiter of [',', ';', '\t', '|']) {
    let count = 0;
    for (let at = line.indexOf(delimiter); at !== -1; at = line.indexOf(delimiter, at + 1)) {
      // Prose has commas, too, but no line of it has so many of them.
      if (++count > maxColumns && count * 200 > at) throw tooManyColumns(count + 1);
    }
  }
}

interface Survey {
  readonly dialect: CsvDialect;
  /** The number of the row that is the header; 0 where there is none. */
  readonly header: number;
  readonly columns: readonly string[];
  readonly formats: readonly (ValueFormat | null)[];
  readonly first: readonly (readonly string[])[];
}

/** Goes through all of it once. Where quotes are not closed, they are taken for characters like others. */
async function survey(text: string, dialect: CsvDialect, signal: AbortSignal): Promise<Survey> {
  const first: string[][] = [];
  let types: ColumnType[] = [];
  let header = 0;
  let width = 0;
  const add = (values: readonly string[]) => {
    for (const [index, value] of values.entries()) {
      const type = (types[index] ??= new ColumnType(dialect.delimiter === ';'));
      if (value.trim() !== '') type.add(value.trim());
    }
  };
  const settle = () => {
    header = (findHeader(first) ?? -1) + 1;
    types = [];
    for (const values of first.slice(header)) add(values);
  };
  let count = 0;
  try {
    for await (const { values } of records(text, dialect, signal)) {
      count++;
      width = Math.max(width, lastFilled(values));
      if (count <= headerSample) first.push(values);
      if (count === headerSample) settle();
      else if (count > headerSample) add(values);
    }
  } catch (error) {
    const unclosed = error instanceof CsvError && /QUOTE|RECORD_SIZE/.test(error.code);
    if (unclosed && dialect.quote !== null) return survey(text, { ...dialect, quote: null }, signal);
    if (error instanceof CsvError) throw asRefusal(error, count + 1);
    throw error;
  }
  if (count < headerSample) settle();
  const columns = nameColumns(header === 0 ? [] : (first[header - 1] ?? []), width).slice(0, width);
  return { dialect, header, columns, formats: columns.map((_, i) => types[i]?.format() ?? null), first };
}

const lastFilled = (values: readonly string[]): number => {
  let length = values.length;
  while (length > 0 && (values[length - 1] ?? '').trim() === '') length--;
  return length;
};

function asRefusal(error: CsvError, row: number) {
  if (error.code === 'CSV_MAX_RECORD_SIZE') return rowTooLarge(row);
  return rejected(
    'BROKEN_CSV',
    `The table cannot be read: row ${row} is not written as the others are. Export it anew, or send it as plain text.`,
    { cause: error },
  );
}

/** After so many records, others get their turn. */
const recordsAtOnce = 500;

/** Text is given to the parser in slices, so that others get their turn in between. */
function* slices(text: string, from: number): Generator<string> {
  const length = 64 * 1024;
  for (let start = from; start < text.length; start += length) yield text.slice(start, start + length);
}

/** The records in their order, numbered from 1. */
async function* records(
  text: string,
  { delimiter, quote, skippedLines }: CsvDialect,
  signal: AbortSignal,
): AsyncGenerator<{ readonly number: number; readonly values: string[] }> {
  const parser = parse({
    delimiter,
    quote: quote ?? false,
    escape: quote ?? '"',
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: false,
    max_record_size: maxRowCharacters,
    record_delimiter: ['\r\n', '\n', '\r'],
  });
  const source = Readable.from(slices(text, skippedLines === 0 ? 0 : text.indexOf('\n') + 1));
  source.pipe(parser);
  let number = 0;
  try {
    for await (const values of parser as AsyncIterable<string[]>) {
      number++;
      if (number % recordsAtOnce === 0) {
        await setImmediate();
        signal.throwIfAborted();
      }
      if (values.length > maxColumns && lastFilled(values) > maxColumns) throw tooManyColumns(values.length);
      yield { number, values };
    }
  } finally {
    source.destroy();
    parser.destroy();
  }
}
