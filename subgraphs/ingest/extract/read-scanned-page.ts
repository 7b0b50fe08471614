import type { TextReader } from '../../../platform/ports/text-reader.ts';
import type { Derivations } from '../derivations.ts';
import { joinLines } from './lay-out-page.ts';
import { readSide } from './page-pictures.ts';
import type { PdfPage } from './pdf-protocol.ts';
import type { OpenPdf } from './pdf-reader.ts';
import { digestOf } from './picture-pieces.ts';
import { readLines } from './read-lines.ts';

/**
 * A page that is a picture, or several, such as the strips of a scanner: they are put together as they stand on the
 * page, and its text is read from that.
 *
 * @returns the page with text; null where none is written on it.
 */
export async function readScannedPage(
  pdf: OpenPdf,
  page: PdfPage,
  number: number,
  readers: { readonly textReader: TextReader; readonly derivations: Derivations },
  signal: AbortSignal,
): Promise<PdfPage | null> {
  const pixels = await pdf.picture(number, 'all', readSide, signal);
  if (pixels === null) return null;
  const read = await readLines(digestOf(pixels), async () => pixels, readers, signal);
  if (read.length === 0) return null;
  const { text, lines } = joinLines(read);
  const runs = read.map(({ text: words, box }) => ({
    text: words,
    ...{ left: box.left * page.width, right: (box.left + box.width) * page.width },
    ...{ top: box.top * page.height, bottom: (box.top + box.height) * page.height },
  }));
  return { ...page, text, lines, runs };
}
