import { rejected } from '../../../../platform/errors.ts';
import { maxColumns, maxRowCharacters } from './types.ts';

/** The refusal of a table that is too wide. */
export const tooManyColumns = (count: number) =>
  rejected(
    'TOO_MANY_COLUMNS',
    `The table has ${count} columns or more; at most ${maxColumns} are taken. Send the columns that matter, or turn the table so that they are rows.`,
  );

/** The refusal of a row, or of one value, that is too long. */
export const rowTooLarge = (row: number) =>
  rejected(
    'ROW_TOO_LARGE',
    `Row ${row} has more than ${maxRowCharacters} characters; no row may have more. If it is no table, send it as plain text.`,
  );
