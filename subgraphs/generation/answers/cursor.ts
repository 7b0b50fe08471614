import { rejected } from '../../../platform/errors.ts';
import { type AnswerId, isId } from '../../../platform/ids.ts';

/** Where a reader of an answer's events stands. */
export interface EventCursor {
  readonly answerId: AnswerId;
  readonly sequence: number;
}

/** A cursor as a text that nobody need understand. */
export const encodeCursor = ({ answerId, sequence }: EventCursor): string =>
  Buffer.from(`${answerId}/${sequence}`).toString('base64url');

/** Reads a cursor of `encodeCursor`. @throws TributaryError `REJECTED_INPUT` with reason `INVALID_CURSOR`. */
export function decodeCursor(cursor: string): EventCursor {
  const [id = '', sequence = ''] = Buffer.from(cursor, 'base64url').toString().split('/');
  const number = /^\d{1,9}$/.test(sequence) ? Number(sequence) : Number.NaN;
  if (
    !isId('ans', id) ||
    Number.isNaN(number) ||
    encodeCursor({ answerId: id, sequence: number }) !== cursor
  ) {
    throw rejected(
      'INVALID_CURSOR',
      'The cursor is not one that an event of an answer carried. Pass `cursor` of the last event that arrived, or leave it out to get every event.',
      { field: 'after' },
    );
  }
  return { answerId: id, sequence: number };
}

/** Where a reader of the list of answers stands: when the answer was asked for, in microseconds, and its id. */
export interface ListCursor {
  readonly createdAt: string;
  readonly id: string;
}

/** A place in the list of answers as a text that nobody need understand. */
export const encodeListCursor = ({ createdAt, id }: ListCursor): string =>
  Buffer.from(`${createdAt}/${id}`).toString('base64url');

/** Reads a cursor of `encodeListCursor`. @throws TributaryError `REJECTED_INPUT` with reason `INVALID_CURSOR`. */
export function decodeListCursor(cursor: string): ListCursor {
  const [createdAt = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split('/');
  if (!/^\d{1,19}$/.test(createdAt) || !isId('ans', id) || encodeListCursor({ createdAt, id }) !== cursor) {
    throw rejected(
      'INVALID_CURSOR',
      'The cursor is not one that a list of answers carried. Pass `endCursor` of the page before, or leave it out to begin.',
      { field: 'after' },
    );
  }
  return { createdAt, id };
}
