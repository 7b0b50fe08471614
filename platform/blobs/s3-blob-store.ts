import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { notFound, rejected } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { checkBlobKey, checkBlobPrefix } from './blob-key.ts';
import { isMissing, isUnreachable, translateS3Error } from './s3-errors.ts';
import { untilAborted } from './until-aborted.ts';

export interface S3BlobStoreOptions {
  readonly bucket: string;
  /** The server; Amazon's own where it is null. */
  readonly endpoint: string | null;
  /** The server's address for clients, in presigned addresses. */
  readonly publicEndpoint: string | null;
  readonly region: string;
  /** The SDK's own chain of credentials where it is null. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
  /** Whether the bucket stands in the path and not in the host name. */
  readonly pathStyle: boolean;
  /** Whether clients may put blobs by themselves. */
  readonly presignedUploads: boolean;
  readonly logger: Logger;
}

// The SDK warns once on standard error, when its first client is made, that Node 20 will not do for its versions of
// 2027. Ours is the version that is installed, which runs on it; the switch is the SDK's own, and an operator's stands.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** A blob over this size goes in parts of this size, a few at a time. */
const partBytes = 8 * 1024 * 1024;
const partsAtOnce = 3;

/**
 * Opens a blob store in a bucket of an S3-compatible server. A large blob goes in parts, and is there only when
 * the last of them is. In a bucket that keeps versions, deleting removes all of a blob's.
 *
 * @throws TributaryError `REJECTED_INPUT` where there is no such bucket or it may not be used. A server that
 * cannot be reached at present is no failure: it is asked again with the first call.
 */
export async function openS3BlobStore(options: S3BlobStoreOptions): Promise<BlobStore> {
  const { bucket, endpoint, publicEndpoint, region, credentials, pathStyle, logger } = options;
  const connect = (address: string | null) =>
    new S3Client({
      region,
      forcePathStyle: pathStyle,
      ...(address !== null && { endpoint: address }),
      ...(credentials !== null && { credentials }),
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 3_000, requestTimeout: 30_000 },
      // Older servers do not know the newer checksums; every blob is hashed by us as it passes.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  const client = connect(endpoint);
  const signer = publicEndpoint === null ? client : connect(publicEndpoint);
  const store = new S3BlobStore(client, signer, options);
  try {
    await store.prepare();
  } catch (error) {
    if (isUnreachable(error)) {
      logger.warn({ err: error }, `the object store at ${endpoint ?? 'Amazon S3'} cannot be reached yet`);
      return store;
    }
    await store[Symbol.asyncDispose]();
    throw rejected(
      'S3_BUCKET',
      `The bucket ${bucket} cannot be used (${error instanceof Error ? error.name : 'unknown'}). Make it, and let the ` +
        'access key read, write, list and delete in it (TRIBUTARY_S3_BUCKET, TRIBUTARY_S3_ACCESS_KEY_ID).',
      { cause: error },
    );
  }
  return store;
}

class S3BlobStore implements BlobStore {
  readonly #client: S3Client;
  readonly #signer: S3Client;
  readonly #bucket: string;
  readonly #presigns: boolean;
  /** Whether the bucket keeps versions; null until it was asked. */
  #versioned: boolean | null = null;

  constructor(client: S3Client, signer: S3Client, { bucket, presignedUploads }: S3BlobStoreOptions) {
    this.#client = client;
    this.#signer = signer;
    this.#bucket = bucket;
    this.#presigns = presignedUploads;
  }

  async prepare(): Promise<void> {
    const abortSignal = AbortSignal.timeout(10_000);
    await this.#client.send(new HeadBucketCommand({ Bucket: this.#bucket }), { abortSignal });
    await this.#isVersioned(abortSignal);
  }

  async put(
    key: string,
    bytes: AsyncIterable<Uint8Array>,
    options: { readonly maxBytes: number; readonly signal?: AbortSignal },
  ): Promise<{ readonly byteSize: number; readonly sha256: string }> {
    const { maxBytes, signal } = options;
    checkBlobKey(key);
    signal?.throwIfAborted();
    const hash = createHash('sha256');
    let byteSize = 0;
    let failure: { readonly error: unknown } | null = null;
    async function* counted() {
      try {
        for await (const piece of untilAborted(bytes, signal)) {
          byteSize += piece.byteLength;
          if (byteSize > maxBytes) {
            throw rejected('TOO_LARGE', `This is larger than ${maxBytes} bytes, the most that is accepted.`);
          }
          hash.update(piece);
          yield piece;
        }
      } catch (error) {
        failure = { error };
        throw error;
      }
    }
    const upload = new Upload({
      client: this.#client,
      params: { Bucket: this.#bucket, Key: key, Body: Readable.from(counted(), { objectMode: false }) },
      partSize: partBytes,
      queueSize: partsAtOnce,
      leavePartsOnError: false,
    });
    const abort = () => void upload.abort().catch(() => undefined);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await upload.done();
    } catch (error) {
      // What went wrong with the bytes counts, not what the upload made of it.
      const source = failure as { readonly error: unknown } | null;
      if (source !== null) throw source.error;
      signal?.throwIfAborted();
      throw translateS3Error(error);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    return { byteSize, sha256: hash.digest('hex') };
  }

  async get(
    key: string,
    signal?: AbortSignal,
    range?: { readonly start: number; readonly end: number },
  ): Promise<{ readonly byteSize: number; readonly stream: AsyncIterable<Uint8Array> }> {
    const found = await this.#head(key, signal);
    if (found === null) throw missing(key);
    return { byteSize: found.byteSize, stream: this.#read(key, found.etag, signal, range) };
  }

  async delete(key: string, signal?: AbortSignal): Promise<boolean> {
    const found = await this.#head(key, signal);
    return this.#run(signal, async (abortSignal) => {
      if (await this.#isVersioned(abortSignal)) return (await this.#deleteVersions(key, abortSignal)) > 0;
      if (found === null) return false;
      await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }), { abortSignal });
      return true;
    });
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<string> {
    checkBlobPrefix(prefix);
    let token: string | undefined;
    do {
      const page = await this.#run(signal, (abortSignal) =>
        this.#client.send(
          new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: prefix, ContinuationToken: token }),
          { abortSignal },
        ),
      );
      for (const { Key: key } of page.Contents ?? []) if (key !== undefined && !key.endsWith('/')) yield key;
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async size(key: string, signal?: AbortSignal): Promise<number | null> {
    return (await this.#head(key, signal))?.byteSize ?? null;
  }

  async copy(from: string, to: string, signal?: AbortSignal): Promise<void> {
    checkBlobKey(from);
    checkBlobKey(to);
    await this.#run(signal, async (abortSignal) => {
      try {
        await this.#client.send(
          // Keys of ours need no escaping.
          new CopyObjectCommand({ Bucket: this.#bucket, Key: to, CopySource: `${this.#bucket}/${from}` }),
          { abortSignal },
        );
      } catch (error) {
        if (isMissing(error)) throw missing(from);
        throw error;
      }
    });
  }

  async presignPut(
    key: string,
    { byteSize, expiresSeconds }: { readonly byteSize: number; readonly expiresSeconds: number },
  ): Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> } | null> {
    if (!this.#presigns) return null;
    checkBlobKey(key);
    // The length is signed with the address: the server takes exactly so many bytes.
    const url = await getSignedUrl(
      this.#signer,
      new PutObjectCommand({ Bucket: this.#bucket, Key: key, ContentLength: byteSize }),
      { expiresIn: expiresSeconds, signableHeaders: new Set(['content-length']) },
    );
    return { url, headers: { 'content-length': String(byteSize) } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#signer !== this.#client) this.#signer.destroy();
    this.#client.destroy();
  }

  async #head(
    key: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly byteSize: number; readonly etag: string | undefined } | null> {
    checkBlobKey(key);
    return this.#run(signal, async (abortSignal) => {
      try {
        const found = await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }), {
          abortSignal,
        });
        return { byteSize: found.ContentLength ?? 0, etag: found.ETag };
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    });
  }

  /** Asked for when it is read, so that a stream that nobody reads holds no connection. */
  async *#read(
    key: string,
    etag: string | undefined,
    signal: AbortSignal | undefined,
    range?: { readonly start: number; readonly end: number },
  ): AsyncIterable<Uint8Array> {
    if (range !== undefined && range.end <= range.start) return;
    try {
      const { Body: body } = await this.#client.send(
        new GetObjectCommand({
          ...{ Bucket: this.#bucket, Key: key, IfMatch: etag },
          ...(range && { Range: `bytes=${range.start}-${range.end - 1}` }),
        }),
        signal === undefined ? {} : { abortSignal: signal },
      );
      if (!(body instanceof Readable)) throw new Error('The object store sent no body.');
      yield* body as AsyncIterable<Uint8Array>;
    } catch (error) {
      signal?.throwIfAborted();
      throw isMissing(error) ? missing(key) : translateS3Error(error);
    }
  }

  async #isVersioned(abortSignal: AbortSignal): Promise<boolean> {
    if (this.#versioned === null) {
      const { Status: status } = await this.#client
        .send(new GetBucketVersioningCommand({ Bucket: this.#bucket }), { abortSignal })
        .catch((error: unknown) => {
          // A server without versions may not know the question.
          if (isUnreachable(error)) throw error;
          return { Status: undefined };
        });
      this.#versioned = status !== undefined;
    }
    return this.#versioned;
  }

  /** Removes every version of a blob. @returns how many there were. */
  async #deleteVersions(key: string, abortSignal: AbortSignal): Promise<number> {
    const Bucket = this.#bucket;
    let removed = 0;
    for (let more = true; more; ) {
      const page = await this.#client.send(new ListObjectVersionsCommand({ Bucket, Prefix: key }), {
        abortSignal,
      });
      const versions = (page.Versions ?? []).filter((version) => version.Key === key);
      const markers = (page.DeleteMarkers ?? []).filter((marker) => marker.Key === key);
      for (const { VersionId } of [...versions, ...markers]) {
        await this.#client.send(new DeleteObjectCommand({ Bucket, Key: key, VersionId }), { abortSignal });
      }
      removed += versions.length;
      more = page.IsTruncated === true && versions.length + markers.length > 0;
    }
    return removed;
  }

  async #run<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work(signal ?? AbortSignal.timeout(60_000));
    } catch (error) {
      signal?.throwIfAborted();
      throw translateS3Error(error);
    }
  }
}

const missing = (key: string) => notFound(`There is no blob ${key}.`);
