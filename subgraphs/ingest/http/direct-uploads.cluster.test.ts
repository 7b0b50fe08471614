import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openS3BlobStore } from '../../../platform/blobs/s3-blob-store.ts';
import { DisposableStack } from '../../../platform/disposable-stack.ts';
import type { BlobStore } from '../../../platform/ports/blob-store.ts';
import { startS3Server } from '../../../platform/servers/s3-server.ts';
import { collect } from '../../../platform/testing/collect.ts';
import { silentLogger } from '../../../platform/testing/silent-logger.ts';
import { temporaryDirectory } from '../../../platform/testing/temporary-directory.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import { createIngestBench, createTestClock, type IngestBench } from '../testing/ingest-bench.ts';
import { ingest, ingestRaw, passages } from '../testing/operations.ts';

const maxUploadBytes = 20 * 1024 * 1024;
const uploadLifetimeSeconds = 600;

let stack: DisposableStack;
let bench: IngestBench;
let blobs: BlobStore;
let clock: ReturnType<typeof createTestClock>;

beforeAll(async () => {
  stack = new DisposableStack();
  const { path } = stack.use(await temporaryDirectory());
  const { url, bucket, accessKeyId, secretAccessKey } = stack.use(
    await startS3Server({ directory: join(path, 's3') }),
  );
  blobs = stack.use(
    await openS3BlobStore({
      ...{ bucket, endpoint: url, publicEndpoint: null, region: 'us-east-1', pathStyle: true },
      ...{ credentials: { accessKeyId, secretAccessKey }, presignedUploads: true, logger: silentLogger },
    }),
  );
  clock = createTestClock();
  bench = stack.use(await createIngestBench({ blobs, clock, maxUploadBytes, uploadLifetimeSeconds }));
});
afterAll(() => stack[Symbol.asyncDispose]());

async function ticket(byteSize: number | null) {
  const { createUpload } = await bench.run<{ createUpload: { id: string; putUrl: string } }>(
    /* GraphQL */ `
      mutation ($byteSize: Int) {
        createUpload(input: { fileName: "pier.txt", byteSize: $byteSize }) { ... on UploadTicket { id putUrl } }
      }
    `,
    { byteSize },
  );
  return createUpload;
}

const put = async (url: string, body: string) => (await fetch(url, { method: 'PUT', body })).status;
const waiting = () => collect(blobs.list('uploads/'));

describe('an upload straight to the object store', () => {
  const text = 'The pier at Harrow Weir is 212 metres long.';

  it('is offered where the size is known, and becomes a document without passing through us', async () => {
    const { id, putUrl } = await ticket(text.length);
    expect(putUrl).toMatch(/^http:.*X-Amz-Signature=/);
    expect(await ingestRaw(bench, { uploadId: id })).toMatchObject({ code: 'UPLOAD_INCOMPLETE' });
    expect(await put(putUrl, text)).toBe(200);
    const { document } = await ingest(bench, { uploadId: id });
    expect(await passages(bench, document.id)).toMatchObject([{ text }]);
    expect(await waiting()).toEqual([]);
  });

  it('comes through us where the size is not known', async () => {
    expect((await ticket(null)).putUrl).toMatch(/^\/v1\/uploads\//);
  });

  it('can be used for one document only, whatever comes to its address afterwards', async () => {
    const { id, putUrl } = await ticket(text.length);
    await put(putUrl, text);
    const { document } = await ingest(bench, { uploadId: id, source: 'once' });
    const other = text.replace('212', '999');
    expect(await put(putUrl, other)).toBe(200);
    expect(await ingestRaw(bench, { uploadId: id, source: 'twice' })).toMatchObject({ code: 'UPLOAD_USED' });
    expect(await passages(bench, document.id)).toMatchObject([{ text }]);
    // What came behind is nobody's, and is swept.
    expect(await waiting()).toHaveLength(1);
    await reconcile({ ...bench, blobGraceMs: 60_000 }, new AbortController().signal);
    expect(await waiting()).toEqual([]);
  });

  it('is taken once by two requests at the same time', async () => {
    const { id, putUrl } = await ticket(text.length);
    await put(putUrl, text);
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => ingestRaw(bench, { uploadId: id, source: 'race' })),
    );
    const made = outcomes.filter((outcome) => outcome.__typename === 'IngestJob');
    expect(made).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.__typename !== 'IngestJob')
        expect(['UPLOAD_USED', 'CONFLICT', 'UPLOAD_INCOMPLETE']).toContain(outcome.code);
    }
  });

  it('takes exactly the size that was said, and none over the limit', async () => {
    const { putUrl } = await ticket(text.length);
    expect(await put(putUrl, `${text} And more.`)).toBeGreaterThanOrEqual(400);
    const refused = await bench.run<{ createUpload: { code: string } }>(
      `mutation { createUpload(input: { fileName: "a", byteSize: ${maxUploadBytes + 1} }) { ... on Problem { code } } }`,
    );
    expect(refused.createUpload.code).toBe('TOO_LARGE');
  });

  it('is swept where nobody takes it in before it expires', async () => {
    const { id, putUrl } = await ticket(text.length);
    await put(putUrl, text);
    clock.advance(uploadLifetimeSeconds * 1000 + 2 * 60 * 60 * 1000);
    await reconcile({ ...bench, blobGraceMs: 60_000 }, new AbortController().signal);
    expect(await waiting()).toEqual([]);
    expect(await ingestRaw(bench, { uploadId: id })).toMatchObject({ code: 'UPLOAD_EXPIRED' });
  });
});
