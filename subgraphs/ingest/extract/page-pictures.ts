import type { PictureDecoder } from '../../../platform/ports/picture-decoder.ts';
import type { Pixels } from '../../../platform/ports/pixels.ts';
import type { TextReader } from '../../../platform/ports/text-reader.ts';
import { shrinkPixels } from '../../../platform/resize-pixels.ts';
import type { Box } from '../../../platform/types.ts';
import type { Derivations } from '../derivations.ts';
import type { Piece } from '../types.ts';
import { captionOfPicture } from './find-caption.ts';
import type { PdfPage, PdfPicture } from './pdf-protocol.ts';
import type { OpenPdf } from './pdf-reader.ts';
import { digestOf } from './picture-pieces.ts';
import { readLines } from './read-lines.ts';

/** What the pictures of pages are read with. */
export interface PagePictureReaders {
  readonly pictures?: PictureDecoder | null;
  readonly textReader?: TextReader | null;
  readonly derivations: Derivations;
}

/** The longer side of what is encoded. */
const shownSide = 768;
const previewSide = 512;
/** The longer side of what text is read in. */
export const readSide = 2560;
/** What has fewer pixels a side, or takes less of the page, is an ornament. */
const minSide = 64;
const minShare = 0.03;
/** What is longer than this many times its width is a line. */
const maxRatio = 12;
/** What covers more of a page with text lies behind the text. */
const backgroundShare = 0.85;
const maxWrittenCharacters = 500;

/** The places of those pictures of a page that show something. */
export function shownPictures({ pictures, text }: PdfPage): number[] {
  const hasText = /[\p{L}\p{N}]/u.test(text);
  return pictures.flatMap((picture, index) => (isShown(picture, hasText) ? [index] : []));
}

function isShown({ box, width, height }: PdfPicture, hasText: boolean): boolean {
  return (
    Math.min(width, height) >= minSide &&
    Math.min(box.width, box.height) >= minShare &&
    Math.max(width / height, height / width) <= maxRatio &&
    !(hasText && box.width * box.height >= backgroundShare)
  );
}

/**
 * The pictures of a page as pieces: each with its caption and what is written in it; then each line of text that was
 * read in it, with its region. One that was there before, such as a letterhead, is left out.
 *
 * @param seen the digests of the document's pictures so far.
 */
export async function* pagePictures(
  pdf: OpenPdf,
  page: PdfPage,
  number: number,
  readers: PagePictureReaders,
  seen: Set<string>,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const { pictures: decoder = null, textReader = null, derivations } = readers;
  for (const index of shownPictures(page)) {
    const large = await pdf.picture(number, index, readSide, signal);
    const box = page.pictures[index]?.box;
    if (large === null || box === undefined || isPlain(large)) continue;
    const pixels = shrinkPixels(large, shownSide);
    const digest = digestOf(pixels);
    if (seen.has(digest)) continue;
    seen.add(digest);
    const [preview, edges, lines] = await Promise.all([
      decoder?.preview(pixels, { maxSide: previewSide }, signal) ?? null,
      decoder?.edges(pixels, { always: false }, signal) ?? null,
      textReader === null ? [] : readLines(digest, async () => large, { textReader, derivations }, signal),
    ]);
    const caption = captionOfPicture(page.text, page.lines, box);
    const written = lines.map(({ text }) => text).join('\n');
    const words = [caption ?? '', cut(written)].filter((text) => text !== '');
    yield {
      modality: 'IMAGE',
      locator: { kind: 'PageRegion', page: number, box },
      text: words.length > 0 ? words.join('\n') : null,
      digest,
      ...{ pictures: [pixels], edges, preview },
    };
    for (const line of lines) {
      const region = { kind: 'PageRegion', page: number, box: inside(box, line.box) } as const;
      yield { modality: 'IMAGE', locator: region, text: line.text, digest: null };
    }
  }
}

/** The start of a text, up to the last whole line. */
const cut = (text: string): string =>
  text.length <= maxWrittenCharacters
    ? text
    : text
        .slice(0, maxWrittenCharacters)
        .replace(/\n[^\n]*$/u, '')
        .replace(/\p{Surrogate}/gu, '');

/** A box inside of another one. */
const inside = (outer: Box, inner: Box): Box => ({
  left: outer.left + inner.left * outer.width,
  top: outer.top + inner.top * outer.height,
  width: inner.width * outer.width,
  height: inner.height * outer.height,
});

/** Whether a picture is of one colour, or nearly. */
function isPlain({ data }: Pixels): boolean {
  const least = [255, 255, 255];
  const most = [0, 0, 0];
  for (let index = 0; index < data.length; index++) {
    const value = data[index] ?? 0;
    const channel = index % 3;
    if (value < (least[channel] ?? 0)) least[channel] = value;
    if (value > (most[channel] ?? 0)) most[channel] = value;
  }
  return most.every((value, channel) => value - (least[channel] ?? 0) < 24);
}
