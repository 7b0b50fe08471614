import { extractHtml } from './extract/extract-html.ts';
import { extractMarkdown } from './extract/extract-markdown.ts';
import { extractPdf } from './extract/extract-pdf.ts';
import { extractText } from './extract/extract-text.ts';
import type { PdfReader } from './extract/pdf-reader.ts';
import type { Extracted, Inspected } from './types.ts';

/**
 * Reads text and structure. PDFs are read page by page as the caller asks for them.
 *
 * @throws TributaryError `REJECTED_INPUT` where the content cannot be read at all.
 */
export async function extract(inspected: Inspected, pdf: PdfReader, signal: AbortSignal): Promise<Extracted> {
  switch (inspected.mediaType) {
    case 'application/pdf':
      return extractPdf(inspected.bytes, pdf, signal);
    case 'text/html':
      return extractHtml(inspected.text ?? '');
    case 'text/markdown':
      return extractMarkdown(inspected.text ?? '');
    case 'text/plain':
      return extractText(inspected.text ?? '');
  }
}
