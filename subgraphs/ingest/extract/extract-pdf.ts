import type { Extracted, Gap, Section } from '../types.ts';
import type { PdfReader } from './pdf-reader.ts';

/** Titles that programs write without being asked. */
const emptyTitle =
  /^(?:untitled|document\d*|microsoft (?:word|powerpoint) - .*|.*\.(?:docx?|dvi|indd|qxd|pptx?|tex))$/i;

/**
 * Reads a PDF page by page as the caller asks for pages; only one page is held at a time. A page that cannot
 * be read is a gap `PAGE_UNREADABLE`, one without text a gap `NO_TEXT`.
 */
export async function extractPdf(
  bytes: Uint8Array,
  reader: PdfReader,
  signal: AbortSignal,
): Promise<Extracted> {
  const pdf = await reader.open(bytes, signal);
  const { title, author, pages } = pdf.outline;

  async function* parts(): AsyncGenerator<Section | Gap> {
    for (let number = 1; number <= pages; number++) {
      const page = await pdf.page(number, signal);
      if (page === null) yield gap('PAGE_UNREADABLE', `Page ${number} cannot be read.`, number);
      else if (!/[\p{L}\p{N}]/u.test(page.text)) {
        yield gap('NO_TEXT', `Page ${number} has no text: it is empty or a picture.`, number);
      } else yield { text: page.text, page: { number, lines: page.lines } };
    }
  }

  return {
    title: title !== null && emptyTitle.test(title) ? null : title,
    author,
    parts: parts(),
    [Symbol.asyncDispose]: () => pdf[Symbol.asyncDispose](),
  };
}

const gap = (code: string, message: string, page: number): Gap => ({
  code,
  message,
  locator: { kind: 'PageRegion', page, box: null },
});
