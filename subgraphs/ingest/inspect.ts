import { rejected } from '../../platform/errors.ts';
import { decodeText } from './extract/decode-text.ts';
import type { PdfReader } from './extract/pdf-reader.ts';
import type { Inspected, MediaType, Upload } from './types.ts';

/** Text is held in memory whole, so it has a limit of its own. */
const maxTextBytes = 64 * 1024 * 1024;

/** What other well-known formats begin with, so that a refusal can name them. */
const signatures: readonly (readonly [name: string, offset: number, bytes: string])[] = [
  ['a PNG picture', 0, '\x89PNG\r\n\x1a\n'],
  ['a JPEG picture', 0, '\xff\xd8\xff'],
  ['a GIF picture', 0, 'GIF8'],
  ['a WebP picture', 8, 'WEBP'],
  ['a WAV recording', 8, 'WAVE'],
  ['an MP3 recording', 0, 'ID3'],
  ['an Ogg recording', 0, 'OggS'],
  ['an MP4 or QuickTime film', 4, 'ftyp'],
  ['a Matroska or WebM film', 0, '\x1a\x45\xdf\xa3'],
  ['a ZIP archive, or an Office document, which is one', 0, 'PK\x03\x04'],
  ['a gzip archive', 0, '\x1f\x8b'],
  ['an old Office document', 0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['a program', 0, '\x7fELF'],
  ['a Parquet file', 0, 'PAR1'],
  ['an SQLite database', 0, 'SQLite format 3\0'],
];

/**
 * Finds out what the bytes are, by the bytes: the name and the claimed media type only tell kinds of text
 * apart. A PDF is opened, so that one that cannot be read is refused here.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `EMPTY_FILE`, `UNSUPPORTED_MEDIA_TYPE`, `TOO_LARGE`,
 * `ENCRYPTED_PDF` or `BROKEN_PDF`.
 */
export async function inspect(upload: Upload, pdf: PdfReader, signal: AbortSignal): Promise<Inspected> {
  const { bytes, fileName } = upload;
  if (bytes.length === 0) throw emptyFile('The file is empty.');
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).toString('latin1');
  if (head.includes('%PDF-')) {
    await pdf.check(bytes, signal);
    return { mediaType: 'application/pdf', fileName, bytes, text: null };
  }
  const known = signatures.find(([, offset, start]) => head.startsWith(start, offset));
  if (known) {
    throw rejected(
      'UNSUPPORTED_MEDIA_TYPE',
      `The content is ${known[0]}, whatever its name says. Plain text, Markdown, HTML and PDF are taken; send one of these.`,
    );
  }
  if (bytes.length > maxTextBytes) {
    throw rejected(
      'TOO_LARGE',
      `The text has ${bytes.length} bytes; at most ${maxTextBytes} are taken as one document of text. Split it.`,
    );
  }
  const mediaType = kindOfText(upload, head);
  const text = decodeText(bytes, declaredEncoding(upload.mediaType, mediaType === 'text/html' ? head : ''));
  if (!/\S/.test(text)) throw emptyFile('The file holds nothing but white space.');
  return { mediaType, fileName, bytes, text };
}

const emptyFile = (what: string) => rejected('EMPTY_FILE', `${what} Send one with content.`);

function kindOfText({ fileName, mediaType }: Upload, head: string): MediaType {
  const claimed = mediaType?.split(';')[0]?.trim().toLowerCase();
  const start = head
    .replaceAll('\0', '')
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
    .trimStart();
  if (/^<(?:!doctype html|html[\s>])/i.test(start)) return 'text/html';
  if (claimed === 'text/html' || claimed === 'application/xhtml+xml') return 'text/html';
  if (claimed === 'text/markdown' || claimed === 'text/x-markdown') return 'text/markdown';
  const extension = /\.([a-z]+)$/i.exec(fileName ?? '')?.[1]?.toLowerCase();
  if (extension === 'html' || extension === 'htm' || extension === 'xhtml') return 'text/html';
  if (extension === 'md' || extension === 'markdown') return 'text/markdown';
  return 'text/plain';
}

function declaredEncoding(mediaType: string | null, head: string): string | null {
  const byType = /charset\s*=\s*"?([\w-]+)/i.exec(mediaType ?? '')?.[1];
  return byType ?? /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(head)?.[1] ?? null;
}
