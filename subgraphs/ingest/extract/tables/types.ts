import type { CellValue } from '../../../../platform/tables/cells.ts';
import type { Gap, Section } from '../../types.ts';

/** What a cell holds, as summaries name it. */
export type CellType =
  | 'number'
  | 'percent'
  | 'currency'
  | 'boolean'
  | 'date'
  | 'date and time'
  | 'time'
  | 'text';

/** One cell that is not empty. */
export interface Cell {
  /** As people see it. */
  readonly text: string;
  /** As it is compared: a percentage is a fraction, a date is `2026-11-23`. */
  readonly value: CellValue;
  readonly type: CellType;
}

/** One row of a table. */
export interface Row {
  /** Its number in the file's table, from 1; where there is a header, that is row 1 or wherever it stands. */
  readonly number: number;
  /** By column, from 0; null where there is nothing. */
  readonly cells: readonly (Cell | null)[];
}

/** One table of a document. */
export interface Sheet {
  /** Null where the file has one table, without a name. */
  readonly name: string | null;
  /** The names of its columns. */
  readonly columns: readonly string[];
  /** Whether these are all; where each row names its own columns, there may be more after every row. */
  readonly columnsKnown: boolean;
  /** What stands above the header. */
  readonly preamble: { readonly text: string; readonly firstRow: number; readonly lastRow: number } | null;
  /** Can be gone through once. */
  readonly rows: AsyncIterable<Row>;
}

/** What a reader of tables gives: tables, text beside them, and what could not be read. */
export type TablePart = { readonly kind: 'sheet'; readonly sheet: Sheet } | Section | Gap;

/** More columns than this are no table that anyone reads. */
export const maxColumns = 2_000;

/** More characters than this are not taken as one row. */
export const maxRowCharacters = 1024 * 1024;
