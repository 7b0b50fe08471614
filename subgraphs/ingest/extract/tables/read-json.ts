import { setImmediate } from 'node:timers/promises';
import { rejected } from '../../../../platform/errors.ts';
import { cleanText } from '../clean-text.ts';
import { flatten, GrowingColumns } from './flatten.ts';
import { rowTooLarge } from './limits.ts';
import { readJsonLines } from './read-json-lines.ts';
import {
  brokenJson,
  elementsOf,
  endOfValue,
  membersOf,
  parseRange,
  skipSpace,
  type ValueRange,
} from './scan-json.ts';
import { type Cell, maxRowCharacters, type Row, type Sheet, type TablePart } from './types.ts';
import { cellOfValue } from './value-cell.ts';

/** JSON that is no table is taken as text up to this size. */
const maxTextCharacters = 8 * 1024 * 1024;
const maxMembers = 10_000;
/** After so many rows, others get their turn. */
const rowsAtOnce = 500;

/**
 * Reads JSON: a list is a table whose rows are its elements; an object of lists of plain values is a table by columns;
 * in any other object every list of objects is a table of its own, and the rest is text. Rows are parsed one by one,
 * so that never more than one is in memory beside the text.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `BROKEN_JSON`, `JSON_TOO_DEEP`, `ROW_TOO_LARGE`,
 * `TOO_MANY_COLUMNS` or `TOO_LARGE`.
 */
export async function* readJson(text: string, signal: AbortSignal): AsyncGenerator<TablePart> {
  const start = skipSpace(text, 0);
  const first = text.charAt(start);
  if (first !== '[' && first !== '{') {
    parseRange(text, { start, end: text.length });
    yield prettyText(text.slice(start).trim());
    return;
  }
  if (first === '[') {
    yield { kind: 'sheet', sheet: listSheet(text, start, null, true, signal) };
    return;
  }
  const end = endOfValue(text, start);
  if (skipSpace(text, end) < text.length) {
    // Values one after the other: lines of JSON under another name.
    yield* readJsonLines(text, signal);
    return;
  }
  yield* readObject(text, start, signal);
}

async function* readObject(text: string, start: number, signal: AbortSignal): AsyncGenerator<TablePart> {
  const members: (ValueRange & { readonly key: string })[] = [];
  for (const member of membersOf(text, start)) {
    members.push(member);
    if (members.length > maxMembers) break;
  }
  const kinds = members.map((member) => kindOf(text, member));
  if (members.length > 0 && members.length <= maxMembers && kinds.every((kind) => kind === 'values')) {
    yield { kind: 'sheet', sheet: columnSheet(text, members, signal) };
    return;
  }
  const isTable = (index: number) => members.length <= maxMembers && kinds[index] === 'records';
  const rest: [string, ValueRange][] = members.flatMap(({ key, ...range }, index) =>
    isTable(index) ? [] : [[key, range]],
  );
  if (rest.length === members.length) yield prettyText(text.slice(start).trim());
  else if (rest.length > 0) {
    const written = rest.map(
      ([key, { start: from, end }]) => `${JSON.stringify(key)}:${text.slice(from, end)}`,
    );
    yield prettyText(`{${written.join(',')}}`);
  }
  for (const [index, member] of members.entries()) {
    if (isTable(index))
      yield { kind: 'sheet', sheet: listSheet(text, member.start, cleanText(member.key), false, signal) };
  }
}

/** What a value is a table of: a list of objects, or a list of plain values; null where it is neither. */
function kindOf(text: string, { start, end }: ValueRange): 'records' | 'values' | null {
  if (text.charAt(start) !== '[') return null;
  const at = skipSpace(text, start + 1);
  if (at >= end - 1) return null;
  const first = text.charAt(at);
  return first === '{' ? 'records' : first === '[' ? null : 'values';
}

function prettyText(json: string): TablePart {
  if (json.length > maxTextCharacters) {
    throw rejected(
      'TOO_LARGE',
      `The JSON is no table, and has more than ${maxTextCharacters} characters; no more are taken as text. Split it, or send a list of records.`,
    );
  }
  const value = parseRange(json, { start: 0, end: json.length });
  return { text: typeof value === 'string' ? cleanText(value) : JSON.stringify(value, null, 2), page: null };
}

/** A list as a table. @param alone whether there is nothing behind it. */
function listSheet(
  text: string,
  start: number,
  name: string | null,
  alone: boolean,
  signal: AbortSignal,
): Sheet {
  const columns = new GrowingColumns();
  async function* rows(): AsyncGenerator<Row> {
    const elements = elementsOf(text, start);
    for (let number = 1; ; number++) {
      const { value: range, done } = elements.next();
      if (done === true) {
        if (alone && skipSpace(text, range) < text.length) throw brokenJson('there is more behind its end');
        return;
      }
      if (range.end - range.start > maxRowCharacters) throw rowTooLarge(number);
      if (number % rowsAtOnce === 0) await setImmediate();
      signal.throwIfAborted();
      const cells = flatten(parseRange(text, range), columns);
      if (cells.some((cell) => cell !== null)) yield { number, cells };
    }
  }
  return { name, columns: columns.names, columnsKnown: false, preamble: null, rows: rows() };
}

/** An object of lists, each a column. */
function columnSheet(
  text: string,
  members: readonly (ValueRange & { readonly key: string })[],
  signal: AbortSignal,
): Sheet {
  const columns = new GrowingColumns();
  for (const { key } of members) columns.indexOf(cleanText(key));
  async function* rows(): AsyncGenerator<Row> {
    const lists = members.map(({ start }) => elementsOf(text, start));
    for (let number = 1; ; number++) {
      const ranges = lists.map((list) => list.next());
      if (ranges.every(({ done }) => done === true)) return;
      if (number % rowsAtOnce === 0) await setImmediate();
      signal.throwIfAborted();
      const cells = ranges.map(({ value, done }): Cell | null => {
        if (done === true || typeof value === 'number') return null;
        if (value.end - value.start > maxRowCharacters) throw rowTooLarge(number);
        const parsed = parseRange(text, value);
        return typeof parsed === 'object' && parsed !== null
          ? cellOfValue(JSON.stringify(parsed))
          : cellOfValue(parsed);
      });
      if (cells.some((cell) => cell !== null)) yield { number, cells };
    }
  }
  return { name: null, columns: columns.names, columnsKnown: true, preamble: null, rows: rows() };
}
