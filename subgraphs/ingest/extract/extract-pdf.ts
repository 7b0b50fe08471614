import type { Extracted, Gap, Part } from '../types.ts';
import { lacking } from './lacking.ts';
import { type PagePictureReaders, pagePictures, shownPictures } from './page-pictures.ts';
import type { PdfPage } from './pdf-protocol.ts';
import type { PdfReader } from './pdf-reader.ts';
import { readScannedPage } from './read-scanned-page.ts';
import { tablePieces } from './table-pieces.ts';

/** What a PDF is read with. */
export interface PdfReaders extends PagePictureReaders {
  readonly pdf: PdfReader;
}

/** Titles that programs write without being asked. */
const emptyTitle =
  /^(?:untitled|document\d*|microsoft (?:word|powerpoint) - .*|.*\.(?:docx?|dvi|indd|qxd|pptx?|tex))$/i;

/**
 * Reads a PDF page by page as the caller asks for pages; only one page is held at a time. A page is its text, its
 * tables and its pictures; the text of a scanned page is read from its pictures. A page that cannot be read is a gap
 * `PAGE_UNREADABLE`, one without text and pictures a gap `NO_TEXT`, and pictures that cannot be decoded are a gap
 * `PICTURE_UNREADABLE`.
 */
export async function extractPdf(
  bytes: Uint8Array,
  readers: PdfReaders,
  signal: AbortSignal,
): Promise<Extracted> {
  const pdf = await readers.pdf.open(bytes, signal);
  const { title, author, pages } = pdf.outline;
  const { textReader = null } = readers;
  const seen = new Set<string>();
  let withUnreadPictures = 0;

  async function* parts(): AsyncGenerator<Part> {
    for (let number = 1; number <= pages; number++) {
      const page = await pdf.page(number, signal);
      if (page === null) {
        yield gap('PAGE_UNREADABLE', `Page ${number} cannot be read.`, number);
        continue;
      }
      if (/[\p{L}\p{N}]/u.test(page.text)) yield* written(page, number);
      else if (page.pictures.length > 0) yield* scanned(page, number);
      else if (page.lostPictures === 0) yield noText(number);
      if (page.lostPictures > 0) {
        yield gap(
          'PICTURE_UNREADABLE',
          `Page ${number} has pictures that cannot be decoded or are too large.`,
          number,
        );
      }
    }
    if (withUnreadPictures > 0) {
      const where = withUnreadPictures === 1 ? 'one page' : `${withUnreadPictures} pages`;
      yield lacking(
        'text-reader',
        `Text in the pictures of ${where} was not read: nothing that reads it is loaded.`,
      );
    }
  }

  async function* written(page: PdfPage, number: number): AsyncGenerator<Part> {
    yield { text: page.text, page: { number, lines: page.lines } };
    yield* tablePieces(page, number);
    yield* pagePictures(pdf, page, number, readers, seen, signal);
    if (textReader === null && shownPictures(page).length > 0) withUnreadPictures++;
  }

  /** A page that is a picture. Where nothing is written in it, or cannot be read, it is a picture like others. */
  async function* scanned(page: PdfPage, number: number): AsyncGenerator<Part> {
    const read = textReader && (await readScannedPage(pdf, page, number, { ...readers, textReader }, signal));
    if (read) {
      yield { text: read.text, page: { number, lines: read.lines } };
      yield* tablePieces(read, number);
      return;
    }
    yield* pagePictures(pdf, page, number, readers, seen, signal);
    if (textReader === null) {
      yield lacking(
        'text-reader',
        `Page ${number} is a picture, and its text was not read: nothing that reads it is loaded.`,
        { kind: 'PageRegion', page: number, box: null },
      );
    } else if (shownPictures(page).length === 0) yield noText(number);
  }

  return {
    title: title !== null && emptyTitle.test(title) ? null : title,
    author,
    parts: parts(),
    [Symbol.asyncDispose]: () => pdf[Symbol.asyncDispose](),
  };
}

const noText = (page: number): Gap =>
  gap('NO_TEXT', `Page ${page} has no text: it is empty or a picture.`, page);

const gap = (code: string, message: string, page: number): Gap => ({
  code,
  message,
  locator: { kind: 'PageRegion', page, box: null },
});
