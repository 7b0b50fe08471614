/** Bytes from `start` up to and without `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The range that a request asks for. Several ranges at once, other units, and what cannot be read are asked for in vain: then
 * all of it is sent, as the standard allows.
 *
 * @param header the value of `Range`.
 * @param byteSize of what there is.
 * @returns null where all of it is to be sent; `unsatisfiable` where nothing is there that was asked for.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2
 */
export function byteRange(header: string | null, byteSize: number): ByteRange | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.replace(/\s+/g, '') ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    const length = Math.min(Number(last), byteSize);
    return length === 0 ? 'unsatisfiable' : { start: byteSize - length, end: byteSize };
  }
  const start = Number(first);
  const end = last === '' ? byteSize : Math.min(Number(last) + 1, byteSize);
  if (last !== '' && Number(last) < start) return null;
  return start >= byteSize ? 'unsatisfiable' : { start, end };
}
