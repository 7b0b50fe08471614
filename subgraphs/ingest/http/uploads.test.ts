import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openFilesystemBlobStore } from '../../../platform/blobs/filesystem-blob-store.ts';
import { DisposableStack } from '../../../platform/disposable-stack.ts';
import { serveSubgraph } from '../../../platform/http/serve-subgraph.ts';
import type { BlobStore } from '../../../platform/ports/blob-store.ts';
import { eventually } from '../../../platform/testing/eventually.ts';
import { temporaryDirectory } from '../../../platform/testing/temporary-directory.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import { createIngestBench, createTestClock, type IngestBench } from '../testing/ingest-bench.ts';
import { ingest, ingestRaw, passages } from '../testing/operations.ts';

const maxUploadBytes = 1024;
const uploadLifetimeSeconds = 600;

let stack: DisposableStack;
let bench: IngestBench;
let origin: string;
let clock: ReturnType<typeof createTestClock>;
/** Turns to true: the blobs' disk has no room. */
let isFull = false;

beforeAll(async () => {
  stack = new DisposableStack();
  const { path } = stack.use(await temporaryDirectory());
  const directory = join(path, 'blobs');
  const roomy = stack.use(await openFilesystemBlobStore({ directory }));
  // The same folder, on a disk that never has as much room as must stay free.
  const full = stack.use(await openFilesystemBlobStore({ directory, reserveBytes: Number.MAX_SAFE_INTEGER }));
  const blobs: BlobStore = Object.assign(Object.create(roomy) as BlobStore, {
    put: (...all: Parameters<BlobStore['put']>) => (isFull ? full : roomy).put(...all),
    get: (...all: Parameters<BlobStore['get']>) => roomy.get(...all),
    delete: (...all: Parameters<BlobStore['delete']>) => roomy.delete(...all),
    list: (...all: Parameters<BlobStore['list']>) => roomy.list(...all),
  });
  clock = createTestClock();
  bench = stack.use(await createIngestBench({ blobs, clock, maxUploadBytes, uploadLifetimeSeconds }));
  const server = stack.use(
    await serveSubgraph(bench.subgraph, {
      ...{ host: '127.0.0.1', port: 0, secret: bench.secret, logger: bench.logger, maxBodyBytes: 1024 },
    }),
  );
  origin = server.url;
});
afterAll(() => stack[Symbol.asyncDispose]());
beforeEach(async () => {
  isFull = false;
  // What the test before has left to be removed is no change that this one makes.
  await eventually(async () => {
    const { rowCount } = await bench.database.forWorker((client) => client.query('select from outbox'));
    return rowCount === 0;
  });
});

async function ticket() {
  const { createUpload } = await bench.run<{ createUpload: { id: string; putUrl: string } }>(
    'mutation { createUpload(input: { fileName: "a.txt" }) { ... on UploadTicket { id putUrl } } }',
  );
  return createUpload;
}

/** Sends bytes over the network. @returns the status, and why it was refused. */
async function put(putUrl: string, body: string) {
  const response = await fetch(new URL(putUrl, origin), { method: 'PUT', body });
  const { error } = (await response.json()) as { error?: { reason?: string } };
  return { status: response.status, reason: error?.reason, retryAfter: response.headers.get('retry-after') };
}

/** Everything that a refusal must leave as it was. */
async function everything() {
  const keys: string[] = [];
  for await (const key of bench.blobs.list('documents/')) keys.push(key);
  const { rows } = await bench.database.forWorker((client) =>
    client.query(
      `select (select json_agg(row(id, state, blob_key) order by id) from uploads) as uploads,
              (select count(*) from documents) as documents, (select count(*) from jobs) as jobs`,
    ),
  );
  return { keys: keys.sort(), ...rows[0] };
}

describe('bytes for an upload', () => {
  it('that come too late are refused as gone', async () => {
    const { id, putUrl } = await ticket();
    clock.advance(uploadLifetimeSeconds * 1000);
    const before = await everything();
    expect(await put(putUrl, 'late')).toMatchObject({ status: 410, reason: 'UPLOAD_EXPIRED' });
    expect(await everything()).toEqual(before);
    expect(await ingestRaw(bench, { uploadId: id })).toMatchObject({
      __typename: 'Rejected',
      code: 'UPLOAD_INCOMPLETE',
    });
  });

  it('that come a second time are refused as a conflict, and the first stay', async () => {
    const { id, putUrl } = await ticket();
    expect(await put(putUrl, 'the first')).toMatchObject({ status: 201 });
    const before = await everything();
    expect(await put(putUrl, 'the second')).toMatchObject({ status: 409, reason: 'UPLOAD_USED' });
    expect(await everything()).toEqual(before);
    const { document } = await ingest(bench, { uploadId: id });
    expect(await passages(bench, document.id)).toMatchObject([{ text: 'the first' }]);
  });

  it('sent twice at once are taken once', async () => {
    const { id, putUrl } = await ticket();
    const answers = await Promise.all(['one', 'two', 'six'].map((body) => put(putUrl, body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect((await ingest(bench, { uploadId: id })).state).toBe('SUCCEEDED');
  });

  it('that are too many are refused, and the right ones taken then', async () => {
    const { putUrl } = await ticket();
    const before = await everything();
    expect(await put(putUrl, 'x'.repeat(maxUploadBytes + 1))).toMatchObject({
      status: 413,
      reason: 'TOO_LARGE',
    });
    expect(await put(putUrl, '')).toMatchObject({ status: 422, reason: 'EMPTY_FILE' });
    expect(await everything()).toEqual(before);
    expect(await put(putUrl, 'right')).toMatchObject({ status: 201 });
  });
});

describe('on a full disk', () => {
  it('bytes for an upload are put off, and taken when there is room', async () => {
    const { putUrl } = await ticket();
    const before = await everything();
    isFull = true;
    expect(await put(putUrl, 'for later')).toEqual({ status: 503, reason: 'STORAGE_FULL', retryAfter: '60' });
    expect(await everything()).toEqual(before);
    isFull = false;
    expect(await put(putUrl, 'for later')).toMatchObject({ status: 201 });
  });

  it('a document is put off as busy', async () => {
    const before = await everything();
    isFull = true;
    expect(await ingestRaw(bench, { text: 'no room for this' })).toMatchObject({
      __typename: 'Busy',
      code: 'STORAGE_FULL',
    });
    const form = new FormData();
    form.append('file', new Blob(['nor for this']), 'a.txt');
    await expect(bench.fetch('POST', '/v1/documents', { body: form })).rejects.toMatchObject({
      code: 'BUSY',
      reason: 'STORAGE_FULL',
    });
    expect(await everything()).toEqual(before);
  });
});

describe('an upload that nobody takes in', () => {
  it('is removed with its bytes a while after it has expired, and only then', async () => {
    const { id, putUrl } = await ticket();
    await put(putUrl, 'left lying');
    const sweep = () =>
      reconcile({ ...bench, blobGraceMs: 1000 * uploadLifetimeSeconds }, new AbortController().signal);
    const keysOf = async () => (await everything()).keys;
    const before = await keysOf();
    expect((await sweep()).uploadsRemoved).toBe(0);
    expect(await keysOf()).toEqual(before);
    clock.advance(2000 * uploadLifetimeSeconds + 1);
    expect((await sweep()).uploadsRemoved).toBeGreaterThan(0);
    expect(await keysOf()).not.toEqual(before);
    expect(await ingestRaw(bench, { uploadId: id })).toMatchObject({ code: 'UPLOAD_USED' });
    clock.advance(25 * 60 * 60 * 1000);
    await sweep();
    expect(await ingestRaw(bench, { uploadId: id })).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  });
});
