import { cleanText } from '../clean-text.ts';
import { tooManyColumns } from './limits.ts';
import { type Cell, maxColumns } from './types.ts';
import { cellOfValue } from './value-cell.ts';

/** Columns that are known by the objects that name them, in the order in which they were named first. */
export class GrowingColumns {
  readonly names: string[] = [];
  readonly #indexes = new Map<string, number>();

  /** @throws TributaryError `REJECTED_INPUT` with reason `TOO_MANY_COLUMNS`. */
  indexOf(name: string): number {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    if (this.names.length >= maxColumns) throw tooManyColumns(maxColumns + 1);
    this.names.push(name);
    this.#indexes.set(name, this.names.length - 1);
    return this.names.length - 1;
  }
}

/**
 * An object as a row: what is nested in it becomes columns with dotted paths; a list of plain values is one cell, any
 * other list its JSON. A value that is no object is in a column of its own, `value`; a list is a row by places.
 */
export function flatten(value: unknown, columns: GrowingColumns): (Cell | null)[] {
  const cells: (Cell | null)[] = [];
  const put = (name: string, cell: Cell | null) => {
    const index = columns.indexOf(name === '' ? 'value' : cleanText(name));
    while (cells.length <= index) cells.push(null);
    cells[index] = cell;
  };
  const visit = (each: unknown, path: string, isRoot: boolean): void => {
    if (Array.isArray(each) && isRoot) {
      for (const [index, item] of each.entries()) visit(item, `column ${index + 1}`, false);
    } else if (Array.isArray(each)) put(path, listCell(each));
    else if (isRecord(each)) {
      for (const [key, item] of Object.entries(each))
        visit(item, path === '' ? key : `${path}.${key}`, false);
    } else put(path, cellOfValue(each));
  };
  visit(value, '', true);
  return cells;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

function listCell(list: readonly unknown[]): Cell | null {
  if (list.length === 0) return null;
  const cells = list.map(cellOfValue);
  const text = cells.every((cell) => cell !== null)
    ? cells.map((cell) => cell?.text).join(', ')
    : JSON.stringify(list, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  return { text, value: text, type: 'text' };
}
