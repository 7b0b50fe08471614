import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type S3Server, startS3Server } from '../servers/s3-server.ts';
import { collect } from '../testing/collect.ts';
import { eventually } from '../testing/eventually.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { describeBlobStore, disposedWith } from './blob-store.contract.ts';
import { openS3BlobStore, type S3BlobStoreOptions } from './s3-blob-store.ts';

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: S3Server;
let admin: S3Client;

beforeAll(async () => {
  folder = await temporaryDirectory();
  server = await startS3Server({ directory: join(folder.path, 's3') });
  const { accessKeyId, secretAccessKey } = server;
  admin = new S3Client({
    region: 'us-east-1',
    endpoint: server.url,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
});
afterAll(async () => {
  admin.destroy();
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

let buckets = 0;

/** A store in a new bucket. */
async function open(options: Partial<S3BlobStoreOptions> = {}) {
  const bucket = options.bucket ?? `bucket-${++buckets}`;
  if (options.bucket === undefined) await admin.send(new CreateBucketCommand({ Bucket: bucket }));
  const { accessKeyId, secretAccessKey } = server;
  const store = await openS3BlobStore({
    bucket,
    endpoint: server.url,
    publicEndpoint: null,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    pathStyle: true,
    presignedUploads: true,
    logger: silentLogger,
    ...options,
  });
  const unfinished = async () =>
    (await admin.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? [];
  return { store, bucket, unfinished };
}

describeBlobStore('S3', async () => {
  const { store, unfinished } = await open();
  return disposedWith(store, async () => {
    // Whatever a test did, no part is left that would be paid for and never seen.
    await eventually(async () => expect(await unfinished()).toEqual([]));
  });
});

async function* pieces(bytes: Buffer, size = 64 * 1024): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}

describe('the S3 blob store', () => {
  it('sends a large blob in parts, and gives it back whole', async () => {
    const { store } = await open();
    await using _ = store;
    const bytes = randomBytes(40 * 1024 * 1024 + 17);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await store.put('large', pieces(bytes), { maxBytes: 1e9 })).toEqual({
      byteSize: bytes.length,
      sha256,
    });
    const { byteSize, stream } = await store.get('large');
    expect(byteSize).toBe(bytes.length);
    const hash = createHash('sha256');
    for await (const piece of stream) hash.update(piece);
    expect(hash.digest('hex')).toBe(sha256);
  });

  it('leaves no part of a large blob that breaks off', async () => {
    const { store, unfinished } = await open();
    await using _ = store;
    async function* broken() {
      yield* pieces(randomBytes(20 * 1024 * 1024));
      throw new Error('the client went away');
    }
    await expect(store.put('large', broken(), { maxBytes: 1e9 })).rejects.toThrow('the client went away');
    expect(await collect(store.list(''))).toEqual([]);
    await eventually(async () => expect(await unfinished()).toEqual([]));
  });

  it('lists more blobs than come in one answer', async () => {
    const { store } = await open();
    await using _ = store;
    const keys = Array.from({ length: 1005 }, (__, index) => `many/${String(index).padStart(4, '0')}`);
    for (let start = 0; start < keys.length; start += 50) {
      await Promise.all(
        keys.slice(start, start + 50).map((key) => store.put(key, pieces(Buffer.from('x')), { maxBytes: 9 })),
      );
    }
    expect((await collect(store.list('many/'))).sort()).toEqual(keys);
  });

  it('lets a client put exactly the bytes that were signed for, past us', async () => {
    const { store } = await open();
    await using _ = store;
    const signed = await store.presignPut('uploads/a', { byteSize: 5, expiresSeconds: 60 });
    const send = (body: string) => fetch(signed?.url ?? '', { method: 'PUT', body });
    expect((await send('too many bytes')).status).toBeGreaterThanOrEqual(400);
    expect(await store.size('uploads/a')).toBeNull();
    expect((await send('right')).status).toBe(200);
    expect(await store.size('uploads/a')).toBe(5);
    const elsewhere = new URL(signed?.url ?? '');
    elsewhere.pathname = elsewhere.pathname.replace('uploads/a', 'uploads/b');
    expect((await fetch(elsewhere, { method: 'PUT', body: 'right' })).status).toBe(403);
  });

  it('signs for the address that clients reach it at, and not at all where that is not wanted', async () => {
    const { store, bucket } = await open({ publicEndpoint: 'https://files.example.org' });
    await using _ = store;
    const signed = await store.presignPut('a', { byteSize: 1, expiresSeconds: 60 });
    expect(signed?.url).toMatch(new RegExp(`^https://files\\.example\\.org/${bucket}/a\\?`));
    const closed = await open({ presignedUploads: false });
    await using __ = closed.store;
    expect(await closed.store.presignPut('a', { byteSize: 1, expiresSeconds: 60 })).toBeNull();
  });

  it('removes every version of a blob from a bucket that keeps them', async () => {
    const first = await open();
    await first.store[Symbol.asyncDispose]();
    const { bucket: Bucket } = first;
    await admin.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    const { store } = await open({ bucket: Bucket });
    await using _ = store;
    for (const text of ['first', 'second']) {
      await store.put('a/b', pieces(Buffer.from(text)), { maxBytes: 9 });
      await store.put('a/bc', pieces(Buffer.from(text)), { maxBytes: 9 });
    }
    const kept = async () =>
      (await admin.send(new ListObjectVersionsCommand({ Bucket }))).Versions?.map(({ Key }) => Key) ?? [];
    expect((await kept()).sort()).toEqual(['a/b', 'a/b', 'a/bc', 'a/bc']);
    expect(await store.delete('a/b')).toBe(true);
    expect(await kept()).toEqual(['a/bc', 'a/bc']);
    expect(await store.delete('a/b')).toBe(false);
  });

  it('refuses a bucket that is not there, and a key that is wrong, and says which settings to look at', async () => {
    await expect(open({ bucket: 'missing' })).rejects.toMatchObject({
      code: 'REJECTED_INPUT',
      publicMessage: expect.stringContaining('TRIBUTARY_S3_BUCKET'),
    });
    const wrong = { accessKeyId: 'tributary', secretAccessKey: 'wrong' };
    await expect(open({ bucket: 'bucket-1', credentials: wrong })).rejects.toMatchObject({
      reason: 'S3_BUCKET',
    });
  });

  it('opens while the server is away, says what fails meanwhile, and works when it is back', async () => {
    await using away = await temporaryDirectory();
    await using other = await startS3Server({ directory: join(away.path, 's3') });
    await other.kill();
    const { store } = await open({ endpoint: other.url, bucket: other.bucket });
    await using _ = store;
    await expect(store.size('a')).rejects.toMatchObject({ code: 'UPSTREAM', service: 's3' });
    await other.start();
    await store.put('a', pieces(Buffer.from('back')), { maxBytes: 9 });
    expect(await store.size('a')).toBe(4);
    await other.kill();
    await expect(store.put('b', pieces(Buffer.from('x')), { maxBytes: 9 })).rejects.toMatchObject({
      code: 'UPSTREAM',
      retryable: true,
    });
  });
});
