import { rejected } from '../../../platform/errors.ts';

/** The bytes before the text, and the encoding they stand for. */
const byteOrderMarks: readonly (readonly [encoding: string, mark: readonly number[]])[] = [
  ['utf-32', [0xff, 0xfe, 0x00, 0x00]],
  ['utf-32', [0x00, 0x00, 0xfe, 0xff]],
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

const sampleBytes = 64 * 1024;

const notText = () =>
  rejected(
    'UNSUPPORTED_MEDIA_TYPE',
    'The content is neither text nor a PDF. Plain text, Markdown and HTML (in UTF-8, UTF-16 or Windows-1252) and PDF are taken; send one of these.',
  );

/**
 * Decodes text whose encoding nobody vouches for: by byte order mark, as UTF-8 where the bytes are valid,
 * as UTF-16 where every other byte is zero, by the encoding that was declared, and else as Windows-1252,
 * which Latin-1 is a part of. The byte order mark is not a part of the text.
 *
 * @param declared the encoding that the content or its sender names.
 * @throws TributaryError `REJECTED_INPUT` with reason `UNSUPPORTED_MEDIA_TYPE` where the bytes are not text.
 */
export function decodeText(bytes: Uint8Array, declared: string | null = null): string {
  for (const [encoding, mark] of byteOrderMarks) {
    if (mark.every((byte, index) => bytes[index] === byte)) {
      if (encoding === 'utf-32') throw notText();
      return checked(new TextDecoder(encoding).decode(bytes));
    }
  }
  const zeros = countZeros(bytes.subarray(0, sampleBytes));
  if (zeros.even + zeros.odd > 0) {
    if (zeros.odd > 0.3 * zeros.pairs && zeros.even <= 0.05 * zeros.pairs) return utf16(bytes, 'utf-16le');
    if (zeros.even > 0.3 * zeros.pairs && zeros.odd <= 0.05 * zeros.pairs) return utf16(bytes, 'utf-16be');
    throw notText();
  }
  try {
    return checked(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const decoder = decoderFor(declared);
  return checked(decoder === null ? decodeWindows1252(bytes) : decoder.decode(bytes));
}

function utf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): string {
  try {
    return checked(new TextDecoder(encoding, { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) throw notText();
    throw error;
  }
}

/** The declared encoding where it is known and can be right for what is not valid UTF-8; null for Windows-1252. */
function decoderFor(declared: string | null): TextDecoder | null {
  if (declared === null) return null;
  try {
    const decoder = new TextDecoder(declared);
    return /^(?:utf-|windows-1252$)/.test(decoder.encoding) ? null : decoder;
  } catch {
    return null;
  }
}

/** The characters of 0x80 to 0x9f; those that stand for nothing are kept as they are, as the Encoding Standard says. */
const windows1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** Done here because Node 20's own decoder takes Windows-1252 for Latin-1: https://github.com/nodejs/node/issues/56542 */
function decodeWindows1252(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .replace(/[\u0080-\u009f]/g, (character) => windows1252.charAt(character.charCodeAt(0) - 0x80));
}

function countZeros(bytes: Uint8Array): { pairs: number; even: number; odd: number } {
  let even = 0;
  let odd = 0;
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] !== 0) continue;
    if (index % 2 === 0) even++;
    else odd++;
  }
  return { pairs: Math.max(1, bytes.length >> 1), even, odd };
}

/** Control characters that no text has; a few strays in a long text are let pass, and become spaces. */
const controls = /(?![\t\n\v\f\r\u0085])\p{Cc}|[\ufffe\uffff]/gu;

function checked(text: string): string {
  const sample = text.length > sampleBytes ? text.slice(0, sampleBytes) : text;
  const strays = sample.match(controls)?.length ?? 0;
  if (strays > 2 && strays > sample.length * 0.002) throw notText();
  return text.replace(controls, ' ');
}
