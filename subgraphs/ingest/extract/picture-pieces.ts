import { createHash } from 'node:crypto';
import type { DecodedPicture, PictureDecoder } from '../../../platform/ports/picture-decoder.ts';
import type { Pixels } from '../../../platform/ports/pixels.ts';
import type { TextReader } from '../../../platform/ports/text-reader.ts';
import type { Box, Locator } from '../../../platform/types.ts';
import type { Derivations } from '../derivations.ts';
import type { Gap, Piece } from '../types.ts';
import { lacking } from './lacking.ts';
import type { PictureHints } from './picture-hints.ts';
import { readLines } from './read-lines.ts';

/** The longer side of what is encoded: more than any encoder of pictures looks at. */
export const shownSide = 768;
/** The longer side of what text is read in: small lettering of large drawings is still there. */
const readSide = 2560;
const previewSide = 512;
/** So much of what is written in a picture stands in the words of the whole. */
const maxWrittenCharacters = 500;

const wholeBox: Box = { left: 0, top: 0, width: 1, height: 1 };

export interface PictureReaders {
  readonly pictures: PictureDecoder;
  readonly textReader?: TextReader | null;
  readonly derivations: Derivations;
}

/**
 * A picture as pieces: the whole, with its caption and what is written in it, an edge-detected copy where it is a technical
 * drawing, and a small copy for showing; then each line of text that was read in it, with its region.
 *
 * @param picture as it was decoded, its longer side at most `shownSide`.
 * @param bytes of its file; where it holds more than was decoded, text is read in a larger copy.
 * @param locate says where in the document a region of the picture stands.
 */
export async function* picturePieces(
  picture: DecodedPicture,
  bytes: Uint8Array,
  locate: (box: Box) => Locator,
  hints: PictureHints,
  { pictures, textReader = null, derivations }: PictureReaders,
  signal: AbortSignal,
): AsyncGenerator<Piece | Gap> {
  const { pixels, caption, lines: drawn = [] } = picture;
  const digest = digestOf(pixels);
  const [preview, edges, lines] = await Promise.all([
    pictures.preview(pixels, { maxSide: previewSide }, signal),
    hints.isDrawing === false ? null : pictures.edges(pixels, { always: hints.isDrawing === true }, signal),
    textReader && readLines(digest, enlarged, { textReader, derivations }, signal),
  ]);
  const written = (drawn.length > 0 ? drawn : (lines ?? []).map(({ text }) => text)).join('\n');
  const words = [...hints.said, caption ?? '', cut(written)].filter((text) => text !== '');
  yield {
    modality: 'IMAGE',
    locator: locate(wholeBox),
    text: words.length > 0 ? [...new Set(words)].join('\n') : null,
    digest,
    ...{ pictures: [pixels], edges, preview },
  };
  for (const { text, box } of lines ?? []) {
    yield { modality: 'IMAGE', locator: locate(box), text, digest: null };
  }
  if (lines === null) {
    yield lacking(
      'text-reader',
      'Text in the picture was not read: nothing that reads it is loaded.',
      locate(wholeBox),
    );
  }

  /** The picture in the size that text is read in. */
  async function enlarged(): Promise<Pixels> {
    // What is drawn of lines, as SVG is, has more to show however small it calls itself.
    const isDrawnAnew = drawn.length > 0 || pixels.width > picture.width;
    if (!isDrawnAnew && Math.max(picture.width, picture.height) <= shownSide) return pixels;
    return (await pictures.decode(bytes, { maxSide: readSide }, signal)).pixels;
  }
}

/** SHA-256 over what a picture shows. */
export function digestOf({ width, height, data }: Pixels): string {
  return createHash('sha256').update(`${width}x${height}:`).update(data).digest('hex');
}

/** The start of a text, up to the last whole word. */
function cut(text: string): string {
  if (text.length <= maxWrittenCharacters) return text;
  const start = text.slice(0, maxWrittenCharacters);
  return start.replace(/\S+$/u, '').trimEnd() || start.replace(/\p{Surrogate}/gu, '');
}
