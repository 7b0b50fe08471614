import { rejected } from '../../platform/errors.ts';
import type { BlobStore } from '../../platform/ports/blob-store.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { accept, acceptAttributes, noDocument, type Target } from './documents/accept.ts';
import { type GivenAttributes, parseName } from './documents/attributes.ts';
import { newBlobKey } from './documents/blob-key.ts';
import { checkQueue, type QueueLimits } from './documents/check-queue.ts';
import { readBlob } from './documents/read-blob.ts';
import type { PdfReader } from './extract/pdf-reader.ts';
import { takeDirectUpload } from './http/direct-uploads.ts';
import { type FetchUrlOptions, fetchUrl } from './http/fetch-url.ts';
import { findUpload } from './http/uploads.ts';
import { inspect } from './inspect.ts';
import type { ByteBudget } from './jobs/byte-budget.ts';
import type { MediaType } from './media-types.ts';
import type { IngestJobModel } from './models.ts';

export interface ReceiveDependencies extends QueueLimits {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly pdf: PdfReader;
  /** The bytes that are held in memory to be looked at. */
  readonly heldBytes: ByteBudget;
  readonly maxUploadBytes: number;
  readonly fetch: FetchUrlOptions;
}

/** Where content comes from. */
export type Origin =
  | { readonly kind: 'upload'; readonly uploadId: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'text'; readonly text: string; readonly mediaType: string | null }
  | {
      readonly kind: 'stream';
      readonly bytes: AsyncIterable<Uint8Array>;
      readonly fileName: string | null;
      readonly mediaType: string | null;
    };

/** What is said of a document by whoever puts it in. */
export interface Description {
  /** The name by which a later version is recognised; the URL or the file name where it is null. */
  readonly source: string | null;
  readonly attributes: GivenAttributes;
}

/** Bytes in the blob store that no row refers to yet. */
interface Arrived {
  readonly blobKey: string;
  readonly byteSize: number;
  readonly sha256: string;
  readonly fileName: string | null;
  readonly mediaType: string | null;
}

const maxInlineBytes = 1024 * 1024;

/**
 * Takes a document in: its bytes are kept, looked at, and become a version with a job, or nothing is changed.
 *
 * @param describe is asked when the bytes are there: in a form what is said of them may stand behind them.
 * @throws TributaryError `REJECTED_INPUT` or `BUSY`.
 */
export async function receive(
  tenant: string,
  origin: Origin,
  describe: () => Description | Promise<Description>,
  dependencies: ReceiveDependencies,
  signal: AbortSignal,
): Promise<IngestJobModel> {
  await checkQueue(dependencies);
  return withArrived(tenant, origin, dependencies, signal, async (arrived) => {
    const { source, attributes } = await describe();
    const named = source ?? (origin.kind === 'url' ? origin.url : arrived.fileName);
    const fallbackTitle = (arrived.fileName ?? named ?? 'Untitled').slice(0, 1000);
    return { target: { kind: 'source', source: named, fallbackTitle }, attributes };
  });
}

/**
 * Takes new content in for a document that is there, or what is newly said of it, or both.
 *
 * @throws TributaryError `REJECTED_INPUT`, `NOT_FOUND` or `BUSY`.
 */
export async function receiveChange(
  tenant: string,
  documentId: string,
  origin: Origin | null,
  attributes: GivenAttributes,
  dependencies: ReceiveDependencies,
  signal: AbortSignal,
): Promise<IngestJobModel> {
  const { database } = dependencies;
  await checkQueue(dependencies);
  if (origin === null) return acceptAttributes(database, tenant, documentId, attributes);
  const exists = await database.forTenant(tenant, async (client) => {
    const { rowCount } = await client.query(
      'select from documents where tenant = $1 and id = $2 and deleted_at is null',
      [tenant, documentId],
    );
    return rowCount === 1;
  });
  if (!exists) throw noDocument(documentId);
  const target: Target = { kind: 'document', id: documentId };
  return withArrived(tenant, origin, dependencies, signal, async () => ({ target, attributes }));
}

async function withArrived(
  tenant: string,
  origin: Origin,
  dependencies: ReceiveDependencies,
  signal: AbortSignal,
  describe: (arrived: Arrived) => Promise<{ readonly target: Target; readonly attributes: GivenAttributes }>,
): Promise<IngestJobModel> {
  const { database, blobs } = dependencies;
  const arrived = await arrive(tenant, origin, dependencies, signal);
  try {
    const { target, attributes } = await describe(arrived);
    const mediaType = await lookAt(arrived, dependencies, signal);
    return await accept(database, {
      tenant,
      target,
      content: { ...arrived, mediaType },
      attributes,
      uploadId: origin.kind === 'upload' ? origin.uploadId : null,
    });
  } catch (error) {
    // What came by an upload is the upload's still: it is removed when that expires.
    if (origin.kind !== 'upload') await blobs.delete(arrived.blobKey);
    throw error;
  }
}

async function lookAt(
  arrived: Arrived,
  { blobs, pdf, heldBytes }: ReceiveDependencies,
  signal: AbortSignal,
): Promise<MediaType> {
  using _room = await heldBytes.take(arrived.byteSize, signal);
  const bytes = await readBlob(blobs, arrived.blobKey, signal);
  const { mediaType } = await inspect({ ...arrived, bytes }, pdf, signal);
  return mediaType;
}

async function arrive(
  tenant: string,
  origin: Origin,
  dependencies: ReceiveDependencies,
  signal: AbortSignal,
): Promise<Arrived> {
  const { blobs, clock, maxUploadBytes } = dependencies;
  const put = async (bytes: AsyncIterable<Uint8Array>, fileName: string | null, mediaType: string | null) => {
    const blobKey = newBlobKey(tenant, clock);
    const kept = await blobs.put(blobKey, bytes, { maxBytes: maxUploadBytes, signal });
    return { blobKey, ...kept, fileName, mediaType };
  };
  switch (origin.kind) {
    case 'upload':
      await takeDirectUpload(tenant, origin.uploadId, dependencies, signal);
      return findUpload(dependencies.database, tenant, origin.uploadId);
    case 'text': {
      const bytes = Buffer.from(origin.text);
      const limit = Math.min(maxInlineBytes, maxUploadBytes);
      if (bytes.length > limit) {
        throw rejected(
          'TOO_LARGE',
          `The text has ${bytes.length} bytes; at most ${limit} are taken inline. Send it as an upload.`,
          { field: 'text' },
        );
      }
      return put(once(bytes), null, origin.mediaType);
    }
    case 'url':
      return fetchUrl(origin.url, dependencies.fetch, signal, ({ body, fileName, mediaType }) =>
        put(body, parseName(fileName, 'url'), mediaType),
      );
    case 'stream':
      return put(origin.bytes, origin.fileName, origin.mediaType);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
