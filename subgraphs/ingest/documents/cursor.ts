import { rejected } from '../../../platform/errors.ts';

/** Where an item stands in its list, as something opaque. */
export const encodeCursor = (...parts: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(parts.map(String))).toString('base64url');

/** @throws TributaryError `REJECTED_INPUT` with reason `INVALID_CURSOR`. */
export function decodeCursor(cursor: string, length: number): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === length && parts.every((part) => typeof part === 'string')) {
      return parts;
    }
  } catch {
    // Not even JSON: refused below.
  }
  throw rejected('INVALID_CURSOR', 'This is not a cursor of this list. Pass one that a page of it gave.', {
    field: 'after',
  });
}
