import { setImmediate } from 'node:timers/promises';
import { TributaryError } from '../../../../platform/errors.ts';
import { flatten, GrowingColumns } from './flatten.ts';
import { rowTooLarge } from './limits.ts';
import { brokenJson, endOfValue, parseRange, skipSpace } from './scan-json.ts';
import { maxRowCharacters, type Row, type TablePart } from './types.ts';

const linesAtOnce = 500;

/**
 * Reads lines of JSON, each a row of one table. Lines that cannot be read are left out, and one gap says how many.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `ROW_TOO_LARGE`, `TOO_MANY_COLUMNS`, or `BROKEN_JSON` where no
 * line can be read.
 */
export async function* readJsonLines(text: string, signal: AbortSignal): AsyncGenerator<TablePart> {
  const columns = new GrowingColumns();
  const broken: number[] = [];
  let read = 0;

  async function* rows(): AsyncGenerator<Row> {
    let number = 0;
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf('\n', start);
      const end = newline === -1 ? text.length : newline;
      number++;
      const from = skipSpace(text, start);
      start = end + 1;
      if (from >= end) continue;
      if (end - from > maxRowCharacters) throw rowTooLarge(number);
      if (number % linesAtOnce === 0) await setImmediate();
      signal.throwIfAborted();
      const line = text.slice(from, end).trim();
      const value = tryParse(line);
      if (value === undefined) {
        broken.push(number);
        continue;
      }
      read++;
      const cells = flatten(value, columns);
      if (cells.some((cell) => cell !== null)) yield { number, cells };
    }
    if (read === 0) throw brokenJson('no line of it can be read');
  }

  yield {
    kind: 'sheet',
    sheet: { name: null, columns: columns.names, columnsKnown: false, preamble: null, rows: rows() },
  };
  const [first = 0] = broken;
  if (broken.length > 0) {
    yield {
      code: 'ROW_UNREADABLE',
      message: `${broken.length} of ${broken.length + read} lines are not JSON and were left out; the first of them is line ${first}.`,
      locator: {
        ...{ kind: 'CellRange', sheet: null, firstRow: first, lastRow: broken[broken.length - 1] ?? first },
        ...{ firstColumn: 1, lastColumn: Math.max(1, columns.names.length) },
      },
    };
  }
}

/** The value of a line; undefined where it has none, or one that is nested too deep. */
function tryParse(line: string): unknown {
  try {
    const end = endOfValue(line, 0);
    return end === line.length ? parseRange(line, { start: 0, end }) : undefined;
  } catch (error) {
    if (error instanceof TributaryError) return undefined;
    throw error;
  }
}
