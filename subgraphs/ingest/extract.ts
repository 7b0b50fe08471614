import { rejected } from '../../platform/errors.ts';
import type { MediaDecoder } from '../../platform/ports/media-decoder.ts';
import type { PictureDecoder } from '../../platform/ports/picture-decoder.ts';
import type { TextReader } from '../../platform/ports/text-reader.ts';
import type { Transcriber } from '../../platform/ports/transcriber.ts';
import type { Derivations } from './derivations.ts';
import { extractFilm } from './extract/extract-film.ts';
import { extractHtml } from './extract/extract-html.ts';
import { extractMarkdown } from './extract/extract-markdown.ts';
import { extractOffice } from './extract/extract-office.ts';
import { extractPdf } from './extract/extract-pdf.ts';
import { extractPicture } from './extract/extract-picture.ts';
import { extractRecording } from './extract/extract-recording.ts';
import { extractTable } from './extract/extract-table.ts';
import { extractText } from './extract/extract-text.ts';
import type { PdfReader } from './extract/pdf-reader.ts';
import { takenKinds } from './media-types.ts';
import type { Attributes, Extracted, Inspected } from './types.ts';

/** What content other than text is read with. What is left out is missing here: what needs it is a gap, and the rest is read. */
export interface MediaReaders {
  readonly pictures?: PictureDecoder | null;
  readonly media?: MediaDecoder | null;
  readonly textReader?: TextReader | null;
  readonly transcriber?: Transcriber | null;
}

/** What the content of one document is read with. */
export interface Readers extends MediaReaders {
  readonly pdf: PdfReader;
  /** What was found out about parts of this document before, and need not be found out again. */
  readonly derivations: Derivations;
  /** What the uploader says of the document: there may be hints in it of how to read it. */
  readonly attributes?: Pick<Attributes, 'tags' | 'metadata'>;
}

/**
 * Reads text and structure. Pages, frames and rows are read as the caller asks for them.
 *
 * @throws TributaryError `REJECTED_INPUT` where the content cannot be read at all.
 */
export async function extract(
  inspected: Inspected,
  readers: Readers,
  signal: AbortSignal,
): Promise<Extracted> {
  switch (inspected.mediaType) {
    case 'application/pdf':
      return extractPdf(inspected.bytes, readers, signal);
    case 'text/html':
      return extractHtml(inspected.text ?? '');
    case 'text/markdown':
      return extractMarkdown(inspected.text ?? '');
    case 'text/plain':
      return extractText(inspected.text ?? '');
    case 'text/csv':
    case 'text/tab-separated-values':
    case 'application/json':
    case 'application/x-ndjson':
    case 'application/vnd.apache.parquet':
    case 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet':
      return extractTable(inspected, signal);
    case 'application/vnd.openxmlformats-officedocument.wordprocessingml.document':
    case 'application/vnd.openxmlformats-officedocument.presentationml.presentation':
    case 'message/rfc822':
      return extractOffice(inspected, readers, signal);
    case 'audio/wav':
    case 'audio/mpeg':
    case 'audio/flac':
    case 'audio/ogg':
    case 'audio/mp4':
      return extractRecording(inspected, readers, signal);
    case 'image/jpeg':
    case 'image/png':
    case 'image/webp':
    case 'image/tiff':
    case 'image/gif':
    case 'image/avif':
    case 'image/svg+xml':
      return extractPicture(inspected.bytes, readers, signal);
    case 'video/mp4':
    case 'video/webm':
    case 'video/x-matroska':
    case 'video/quicktime':
      return extractFilm(inspected, readers, signal);
    default:
      throw rejected(
        'UNSUPPORTED_MEDIA_TYPE',
        `The content is of the kind ${inspected.mediaType}, which cannot be read here. ${takenKinds} are taken.`,
      );
  }
}
