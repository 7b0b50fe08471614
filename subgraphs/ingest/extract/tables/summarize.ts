import type { Piece } from '../../types.ts';
import { estimateTokens } from './estimate-tokens.ts';
import type { CellType, Row, Sheet } from './types.ts';

/** So many different values are told apart, of all columns of a table together. */
const maxDistinct = 200_000;
const maxDistinctOfColumn = 10_000;
const maxValueLength = 60;
const topValues = 5;
const maxTokens = 200;

/** What is known of one column. */
class ColumnSummary {
  count = 0;
  readonly types = new Map<CellType, number>();
  readonly values = new Map<string, number>();
  hasMore = false;
  least: number | null = null;
  most: number | null = null;
  sum = 0;
  numbers = 0;
  first: string | null = null;
  last: string | null = null;
}

/** Gathers what each column of a table has, for passages that say so. */
export class TableSummary {
  readonly #sheet: Sheet;
  readonly #columns: ColumnSummary[] = [];
  #rows = 0;
  #firstRow = 0;
  #lastRow = 0;
  #distinct = 0;

  constructor(sheet: Sheet) {
    this.#sheet = sheet;
  }

  /** Takes in one row. */
  add({ number, cells }: Row): void {
    if (this.#rows === 0) this.#firstRow = number;
    this.#lastRow = number;
    this.#rows++;
    for (const [index, cell] of cells.entries()) {
      const column = (this.#columns[index] ??= new ColumnSummary());
      if (cell === null) continue;
      const { value, type } = cell;
      column.count++;
      column.types.set(type, (column.types.get(type) ?? 0) + 1);
      if (typeof value === 'number') {
        column.least = Math.min(column.least ?? value, value);
        column.most = Math.max(column.most ?? value, value);
        column.sum += value;
        column.numbers++;
      } else if (typeof value === 'string' && type.startsWith('date')) {
        if (column.first === null || value < column.first) column.first = value;
        if (column.last === null || value > column.last) column.last = value;
      }
      this.#note(column, String(value).slice(0, maxValueLength));
    }
  }

  #note(column: ColumnSummary, value: string): void {
    const seen = column.values.get(value);
    if (seen !== undefined) column.values.set(value, seen + 1);
    else if (column.values.size >= maxDistinctOfColumn || this.#distinct >= maxDistinct)
      column.hasMore = true;
    else {
      column.values.set(value, 1);
      this.#distinct++;
    }
  }

  /** What was gathered: its first passage says how large the table is, and each has so many columns as fit. */
  *pieces(): Generator<Piece> {
    if (this.#rows === 0) return;
    const { name, columns } = this.#sheet;
    const title = `Summary of ${name === null ? 'the table' : name.replace(/\s+/gu, ' ').trim()}`;
    const size = `${this.#rows} ${this.#rows === 1 ? 'row' : 'rows'}, ${columns.length} ${columns.length === 1 ? 'column' : 'columns'}`;
    let lines: string[] = [];
    let tokens = 0;
    let from = 0;
    let isFirst = true;
    const piece = (to: number): Piece => ({
      modality: 'TABLE',
      locator: {
        ...{ kind: 'CellRange', sheet: name, firstRow: this.#firstRow, lastRow: this.#lastRow },
        ...{ firstColumn: from + 1, lastColumn: to + 1 },
      },
      text: [isFirst ? `${title}: ${size}` : title, ...lines].join('\n'),
      digest: null,
    });
    for (const [index, column] of columns.entries()) {
      const summary = this.#columns[index];
      const line = summary === undefined ? `${column}: empty` : this.#describe(column, summary);
      const more = estimateTokens(line);
      if (lines.length > 0 && tokens + more > maxTokens - 20) {
        yield piece(index - 1);
        lines = [];
        tokens = 0;
        from = index;
        isFirst = false;
      }
      lines.push(line);
      tokens += more;
    }
    yield piece(Math.max(0, columns.length - 1));
  }

  #describe(name: string, column: ColumnSummary): string {
    const [type = 'text'] = [...column.types].sort((a, b) => b[1] - a[1]).map(([each]) => each);
    const parts: string[] = [type, `${column.count} ${column.count === 1 ? 'value' : 'values'}`];
    if (this.#rows > column.count) parts.push(`${this.#rows - column.count} empty`);
    if (column.least !== null && column.most !== null && column.numbers * 2 >= column.count) {
      parts.push(`from ${short(column.least)} to ${short(column.most)}`);
      parts.push(`mean ${short(column.sum / column.numbers)}`);
    } else if (column.first !== null) parts.push(`from ${column.first} to ${column.last}`);
    const distinct = column.values.size;
    if (distinct > 0) parts.push(`${column.hasMore ? 'more than ' : ''}${distinct} different`);
    const common = [...column.values].sort((a, b) => b[1] - a[1]).slice(0, topValues);
    if (type === 'text' || type === 'boolean') {
      const named = common.map(([value, count]) => (count > 1 ? `${value} (${count})` : value));
      if (named.length > 0) parts.push(`${distinct <= topValues ? 'values' : 'such as'} ${named.join(', ')}`);
    }
    return `${name}: ${parts.join('; ')}`;
  }
}

/** A number with at most six digits that count. */
const short = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e15 ? String(value) : String(Number(value.toPrecision(6)));
