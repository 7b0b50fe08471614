import { rejected } from '../../platform/errors.ts';

/**
 * The cursor of a hit: how many hits there are up to and with it, and of which search. Opaque to callers.
 */
export const writeCursor = (rank: number, fingerprint: string): string =>
  Buffer.from(`${rank}.${fingerprint}`).toString('base64url');

/**
 * How many hits stand before the page behind this cursor.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `BAD_CURSOR` when it is no cursor, or another search's.
 */
export function readCursor(cursor: string, fingerprint: string): number {
  const [, rank, asked] =
    /^([1-9]\d{0,3})\.([0-9a-f]{16})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (rank === undefined || asked === undefined) {
    throw rejected(
      'BAD_CURSOR',
      'This is not a cursor of a search. Pass the `cursor` of an edge, or `pageInfo.endCursor`, unchanged.',
      { field: 'after' },
    );
  }
  if (asked !== fingerprint) {
    throw rejected(
      'BAD_CURSOR',
      'This cursor belongs to another search. Ask with the same text, filter, mode, modalities and `perDocument` as before; only `first` may change.',
      { field: 'after' },
    );
  }
  return Number(rank);
}
