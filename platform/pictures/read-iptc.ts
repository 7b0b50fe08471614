import { type FileWords, noWords } from './join-captions.ts';
import { utf8OrLatin1 } from './read-exif.ts';

/** Record 2, data set 120: “Caption/Abstract”. */
const caption = [0x1c, 2, 120] as const;

/**
 * The caption in the IPTC block of a picture, as agencies write it; none where there is none.
 *
 * @see https://www.iptc.org/std/IIM/4.2/specification/IIMV4.2.pdf
 */
export function readIptc(iptc: Uint8Array): FileWords {
  const bytes = Buffer.from(iptc.buffer, iptc.byteOffset, iptc.length);
  const at = bytes.indexOf(Buffer.from(caption));
  if (at < 0 || at + 5 > bytes.length) return noWords;
  const length = bytes.readUInt16BE(at + 3);
  // The highest bit would announce a longer form, which captions do not need.
  if (length > 0x7fff || at + 5 + length > bytes.length) return noWords;
  return { titles: [], descriptions: [utf8OrLatin1(bytes.subarray(at + 5, at + 5 + length))] };
}
