import { fileTypeFromBuffer } from 'file-type';
import { rejected } from '../../platform/errors.ts';
import { checkPicture } from './extract/check-picture.ts';
import { decodeText } from './extract/decode-text.ts';
import { encryptedOffice } from './extract/office/open-zip.ts';
import type { PdfReader } from './extract/pdf-reader.ts';
import { isJson } from './extract/tables/scan-json.ts';
import { type MediaType, takenKinds } from './media-types.ts';
import { refuseMisnamed } from './refuse-misnamed.ts';
import type { Inspected, Upload } from './types.ts';

/** Text is held in memory whole, so it has a limit of its own. */
const maxTextBytes = 64 * 1024 * 1024;

/** What is told apart by its first bytes: the detector's names, and ours. */
const detected: Readonly<Record<string, MediaType>> = {
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document':
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation':
    'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet':
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.apache.parquet': 'application/vnd.apache.parquet',
  'image/jpeg': 'image/jpeg',
  'image/png': 'image/png',
  'image/apng': 'image/png',
  'image/webp': 'image/webp',
  'image/tiff': 'image/tiff',
  'image/gif': 'image/gif',
  'image/avif': 'image/avif',
  'audio/wav': 'audio/wav',
  'audio/mpeg': 'audio/mpeg',
  'audio/flac': 'audio/flac',
  'audio/ogg': 'audio/ogg',
  'audio/ogg; codecs=opus': 'audio/ogg',
  'audio/mp4': 'audio/mp4',
  'audio/x-m4a': 'audio/mp4',
  'video/mp4': 'video/mp4',
  'video/x-m4v': 'video/mp4',
  'video/quicktime': 'video/quicktime',
  'video/webm': 'video/webm',
  'video/matroska': 'video/x-matroska',
};

/** Formats that are not taken, as people call them. */
const namesOfOthers: Readonly<Record<string, string>> = {
  'application/zip': 'a ZIP archive',
  'application/gzip': 'a gzip archive',
  'application/x-cfb': 'an old Office document',
  'application/x-elf': 'a program',
  'application/x-sqlite3': 'an SQLite database',
};

/**
 * Finds out what the bytes are, by the bytes: the name and the claimed media type only tell kinds of text
 * apart. A PDF is opened, so that one that cannot be read is refused here.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `EMPTY_FILE`, `UNSUPPORTED_MEDIA_TYPE`, `TOO_LARGE`,
 * `CONTENT_MISMATCH`, `ENCRYPTED_OFFICE`, `ENCRYPTED_PDF`, `BROKEN_PDF`, `TOO_MANY_PIXELS`, `EXTERNAL_REFERENCE` or `BROKEN_PICTURE`.
 */
export async function inspect(upload: Upload, pdf: PdfReader, signal: AbortSignal): Promise<Inspected> {
  const { bytes, fileName } = upload;
  if (bytes.length === 0) throw emptyFile('The file is empty.');
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).toString('latin1');
  if (head.includes('%PDF-')) {
    await pdf.check(bytes, signal);
    return { mediaType: 'application/pdf', fileName, bytes, text: null };
  }
  // A byte order mark is text, which the detector takes for sound.
  // So are lines whose first letters are by chance those of another kind, such as `BMI,age`, which is taken for a bitmap.
  const isMarked = /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/.test(head) || isNamedText(upload, head);
  const found = isMarked ? undefined : await fileTypeFromBuffer(bytes).catch(() => undefined);
  // What begins like text and is of no kind that is taken here is text: XML, for one.
  if (found !== undefined && !/^(?:text\/|application\/(?:xml|rtf|x-ns-proxy-autoconfig))/.test(found.mime)) {
    const mediaType = detected[found.mime];
    if (mediaType !== undefined) return checked({ mediaType, fileName, bytes, text: null });
    if (found.mime === 'application/x-cfb' && isEncryptedOffice(bytes)) throw encryptedOffice();
    throw rejected(
      'UNSUPPORTED_MEDIA_TYPE',
      `The content is ${namesOfOthers[found.mime] ?? `of the kind ${found.mime}`}, whatever its name says. ${takenKinds} are taken; send one of these.`,
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
  refuseMisnamed(upload, mediaType === 'text/html');
  if (mediaType === 'text/plain' && isUnnamed(upload) && isJson(text)) {
    return { mediaType: 'application/json', fileName, bytes, text };
  }
  return checked({ mediaType, fileName, bytes, text });
}

/** An Office document with a password is an old container with a stream of this name in it. */
const isEncryptedOffice = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(
    Buffer.from('EncryptedPackage', 'utf16le'),
  );

/** Whether the content is named as a kind of text, and begins like one: without bytes that no text has. */
const isNamedText = (upload: Upload, head: string): boolean =>
  namedKind(upload) !== undefined && !/(?![\t\n\v\f\r])\p{Cc}/u.test(head.replace(/[\x7f-\x9f]/g, ''));

/** Whether neither the file's name nor its media type says what a text is. */
const isUnnamed = ({ fileName, mediaType }: Upload): boolean =>
  fileName !== null && !/\.[a-z]+$/i.test(fileName) && !/^text\//i.test(mediaType ?? '');

function checked(inspected: Inspected): Inspected {
  checkPicture(inspected);
  return inspected;
}

const emptyFile = (what: string) => rejected('EMPTY_FILE', `${what} Send one with content.`);

/** Kinds of text, by the media types that name them. */
const textByClaim: Readonly<Record<string, MediaType>> = {
  'text/html': 'text/html',
  'application/xhtml+xml': 'text/html',
  'text/markdown': 'text/markdown',
  'text/x-markdown': 'text/markdown',
  'image/svg+xml': 'image/svg+xml',
  'text/csv': 'text/csv',
  'text/tab-separated-values': 'text/tab-separated-values',
  'application/json': 'application/json',
  'application/x-ndjson': 'application/x-ndjson',
  'application/jsonl': 'application/x-ndjson',
  'message/rfc822': 'message/rfc822',
};

/** The same, by the endings of file names. */
const textByEnding: Readonly<Record<string, MediaType>> = {
  html: 'text/html',
  htm: 'text/html',
  xhtml: 'text/html',
  md: 'text/markdown',
  markdown: 'text/markdown',
  svg: 'image/svg+xml',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  tab: 'text/tab-separated-values',
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  ndjson: 'application/x-ndjson',
  eml: 'message/rfc822',
};

/** The kind of text that the media type or the file's name says. */
function namedKind({ fileName, mediaType }: Upload): MediaType | undefined {
  const claimed = mediaType?.split(';')[0]?.trim().toLowerCase() ?? '';
  const ending = /\.([a-z]+)$/i.exec(fileName ?? '')?.[1]?.toLowerCase() ?? '';
  return textByClaim[claimed] ?? textByEnding[ending];
}

function kindOfText(upload: Upload, head: string): MediaType {
  const start = head
    .replaceAll('\0', '')
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
    .trimStart();
  if (/^<(?:!doctype html|html[\s>])/i.test(start)) return 'text/html';
  if (/^(?:<\?xml[^>]*>\s*|<!--[\s\S]*?-->\s*|<!doctype svg[\s\S]*?>\s*)*<svg[\s>]/i.test(start))
    return 'image/svg+xml';
  return namedKind(upload) ?? 'text/plain';
}

function declaredEncoding(mediaType: string | null, head: string): string | null {
  const byType = /charset\s*=\s*"?([\w-]+)/i.exec(mediaType ?? '')?.[1];
  return byType ?? /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(head)?.[1] ?? null;
}
