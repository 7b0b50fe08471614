import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A value of a cell: a text (dates are text, `2026-11-23` or `2026-11-23T02:55:42`, in UTC), a number or a boolean. */
export type CellValue = string | number | boolean;

/** The rows of a passage of a table: by `columnKey`, what each has there. Cells that are empty are left out. */
export interface Cells {
  readonly rows: readonly Readonly<Record<string, CellValue>>[];
}

/** Under this key of its metadata a passage of a table has what stores filter by; uploaders cannot filter by one so. */
export const cellsKey = '$cells';

const cellsSchema = z.object({
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
});

/** A column's name as it is compared: neither its case nor its spacing counts. */
export const columnKey = (name: string): string =>
  name.normalize('NFC').replace(/\s+/gu, ' ').trim().toLowerCase();

const isoDate = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)?$/;

/** A date, or date and time, as a number that can be compared: milliseconds since the epoch; null for other text. */
export function instantOf(value: string): number | null {
  if (!isoDate.test(value)) return null;
  const at = Date.parse(value.length === 10 ? value : `${value}Z`);
  return Number.isNaN(at) ? null : at;
}

/** The names under which `indexCells` has things; a vector store filters by their paths. */
export const indexNames = {
  /** Columns in which there is a value. */
  columns: 'c',
  /** Values: texts and booleans. */
  values: 'v',
  /** The smallest and the largest number. */
  least: 'lo',
  most: 'hi',
  /** The first and the last date. */
  first: 'from',
  last: 'to',
  /** Is there where there are too many values to name, so that anything may match. */
  anything: 'any',
} as const;

/** A column's name or a value as a key that every store can name in a path. */
export const indexKey = (...parts: readonly CellValue[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);

/** More names than this are not kept of one passage. */
const maxNames = 800;

/**
 * What a vector store can rule passages out by: a small summary of the rows, in the form of metadata. Whatever holds
 * for one of the rows, it does not rule out; it may let through what holds for none.
 *
 * @param cells `Cells`, as they were stored.
 */
export function indexCells(cells: unknown): Readonly<Record<string, unknown>> {
  const { rows } = cellsSchema.parse(cells);
  const columns: Record<string, null> = {};
  const values: Record<string, null> = {};
  const least: Record<string, number> = {};
  const most: Record<string, number> = {};
  const first: Record<string, number> = {};
  const last: Record<string, number> = {};
  for (const row of rows) {
    for (const [column, value] of Object.entries(row)) {
      const key = indexKey(column);
      columns[key] = null;
      if (typeof value === 'number') widen(least, most, key, value);
      else {
        values[indexKey(column, value)] = null;
        const instant = typeof value === 'string' ? instantOf(value) : null;
        if (instant !== null) widen(first, last, key, instant);
      }
    }
  }
  const names = [columns, values, least, most, first, last].reduce(
    (sum, each) => sum + Object.keys(each).length,
    0,
  );
  if (names > maxNames) return { [indexNames.anything]: null };
  return {
    [indexNames.columns]: columns,
    [indexNames.values]: values,
    [indexNames.least]: least,
    [indexNames.most]: most,
    [indexNames.first]: first,
    [indexNames.last]: last,
  };
}

function widen(low: Record<string, number>, high: Record<string, number>, key: string, value: number): void {
  low[key] = Math.min(low[key] ?? value, value);
  high[key] = Math.max(high[key] ?? value, value);
}
