import { Readable } from 'node:stream';
import { notFound } from '../../../platform/errors.ts';
import type { BlobStore } from '../../../platform/ports/blob-store.ts';
import { byteRange } from './byte-range.ts';

/** A blob as it is shown to a browser. */
export interface ShownBlob {
  readonly key: string;
  /** The kind that was found in the bytes. */
  readonly mediaType: string;
  readonly name: string;
  /** The same for the same bytes, and for no others. */
  readonly etag: string;
  readonly cacheControl: string;
}

/** Kinds that a browser shows by itself without running anything. Beside them, text of every kind is sent as plain text. */
const shown =
  /^(?:application\/pdf|image\/(?:jpeg|png|webp|gif|avif|tiff|svg\+xml)|(?:audio|video)\/[\w.+-]+)$/;
const plainText = /^(?:text\/|application\/(?:json|x-ndjson)$|message\/rfc822$)/;

/** Only what the kind needs is allowed, and never a script. */
function contentSecurityPolicy(mediaType: string): string {
  const allowed = mediaType.startsWith('image/svg')
    ? "; style-src 'unsafe-inline'; img-src data:"
    : /^(?:audio|video)\//.test(mediaType)
      ? '; media-src *'
      : '';
  return `sandbox; default-src 'none'${allowed}`;
}

/**
 * Sends a blob, or the part of it that is asked for, so that a browser neither runs it nor guesses what it is: players seek by
 * ranges.
 *
 * @throws TributaryError `NOT_FOUND` where the blob is not there any more.
 */
export async function sendBlob(
  request: Request,
  { key, mediaType, name, etag, cacheControl }: ShownBlob,
  blobs: BlobStore,
): Promise<Response> {
  const byteSize = await blobs.size(key, request.signal);
  if (byteSize === null) throw notFound('The bytes are not there any more.');
  const isShown = shown.test(mediaType);
  const isText = plainText.test(mediaType);
  const disposition = isShown || isText ? 'inline' : 'attachment';
  const tag = `"${etag}"`;
  const headers = {
    // HTML is sent as text: it would run in this server's origin.
    'content-type': isShown ? mediaType : isText ? 'text/plain' : 'application/octet-stream',
    'content-disposition': `${disposition}; filename*=UTF-8''${encodeURIComponent(name)}`,
    'accept-ranges': 'bytes',
    etag: tag,
    'x-content-type-options': 'nosniff',
    'content-security-policy': contentSecurityPolicy(mediaType),
    'cache-control': cacheControl,
    'referrer-policy': 'no-referrer',
  };
  const condition = request.headers.get('if-range');
  const wanted = condition === null || condition === tag ? request.headers.get('range') : null;
  const range = byteRange(wanted, byteSize);
  if (range === 'unsatisfiable') {
    return new Response(null, {
      status: 416,
      headers: { ...headers, 'content-range': `bytes */${byteSize}` },
    });
  }
  const { stream } = await blobs.get(key, request.signal, range ?? undefined);
  const body = Readable.toWeb(Readable.from(stream)) as unknown as ReadableStream;
  if (range === null) return new Response(body, { headers: { ...headers, 'content-length': `${byteSize}` } });
  const { start, end } = range;
  return new Response(body, {
    status: 206,
    headers: {
      ...headers,
      'content-length': `${end - start}`,
      'content-range': `bytes ${start}-${end - 1}/${byteSize}`,
    },
  });
}
