import { type FileWords, noWords } from './join-captions.ts';

/** The tags that say in words what a picture shows; the names that Windows gives them are UTF-16. */
const imageDescription = 0x010e;
const windowsTitle = 0x9c9b;
const windowsComment = 0x9c9c;

/**
 * What the EXIF block of a picture says in words: title, description and comment.
 *
 * @param exif as it stands in files: with or without `Exif\0\0` before the TIFF header.
 * @see https://www.cipa.jp/std/documents/e/DC-008-Translation-2019-E.pdf section 4.6
 */
export function readExif(exif: Uint8Array): FileWords {
  const all = Buffer.from(exif.buffer, exif.byteOffset, exif.length);
  const tiff = all.toString('latin1', 0, 6) === 'Exif\0\0' ? all.subarray(6) : all;
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 14 || (order !== 'II' && order !== 'MM')) return noWords;
  const isLittle = order === 'II';
  const short = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = (at: number) => (isLittle ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const directory = long(4);
  if (directory + 2 > tiff.length) return noWords;
  const found = new Map<number, string>();
  const entries = short(directory);
  for (let index = 0; index < entries; index++) {
    const at = directory + 2 + index * 12;
    if (at + 12 > tiff.length) break;
    const tag = short(at);
    if (tag !== imageDescription && tag !== windowsTitle && tag !== windowsComment) continue;
    // Both kinds of text have one byte a unit; up to four of them stand in the entry itself.
    const length = long(at + 4);
    const start = length <= 4 ? at + 8 : long(at + 8);
    if (start + length > tiff.length) continue;
    const bytes = tiff.subarray(start, start + length);
    found.set(tag, tag === imageDescription ? utf8OrLatin1(bytes) : bytes.toString('utf16le'));
  }
  const of = (tag: number) => found.get(tag) ?? '';
  return { titles: [of(windowsTitle)], descriptions: [of(imageDescription), of(windowsComment)] };
}

/** ASCII is what the standard wants; programs write UTF-8, and old ones Latin-1. */
export function utf8OrLatin1(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
