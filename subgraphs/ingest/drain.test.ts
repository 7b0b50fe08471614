import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { identityHeader, signIdentity } from '../../platform/http/identity-token.ts';
import { parseMetrics } from '../../platform/metrics/testing/parse-metrics.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import { eventually } from '../../platform/testing/eventually.ts';
import { temporaryDirectory } from '../../platform/testing/temporary-directory.ts';
import { createTestDatabase } from '../../platform/testing/test-database.ts';
import { PdfReader } from './extract/pdf-reader.ts';
import { startWorker } from './jobs/worker.ts';
import { createIngestBench } from './testing/ingest-bench.ts';
import { startIngestProcess } from './testing/ingest-process.ts';
import { ingestRaw } from './testing/operations.ts';

const secret = 'a secret of tests that has 32 characters';

/** Begins to send a document, and leaves the rest of it until `finish` is called. */
async function beginUpload(url: string) {
  const token = await signIdentity({ tenant: 'acme', subject: 'test', scopes: ['documents:write'] }, secret);
  const boundary = 'a-boundary';
  let finish = () => {};
  const answered = new Promise<number>((resolve, reject) => {
    const request = httpRequest(`${url}/v1/documents`, {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, [identityHeader]: token },
    });
    request.once('error', reject);
    request.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.write(
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="slow.txt"\r\n\r\nThe first half, `,
    );
    finish = () => request.end(`and the other one.\r\n--${boundary}--\r\n`);
  });
  // What becomes of it is looked at when it is finished.
  answered.catch(() => undefined);
  return { answered, finish: () => finish() };
}

describe('a process that is told to stop', () => {
  it('is not ready at once, serves on, ends what is under way, and exits with 0', {
    timeout: 60_000,
  }, async () => {
    await using folder = await temporaryDirectory();
    await using database = await createTestDatabase();
    await using api = await startIngestProcess('main.ts', {
      TRIBUTARY_DATA: folder.path,
      TRIBUTARY_DATABASE_URL: database.connection.connectionString,
      TRIBUTARY_INTERNAL_SECRET: secret,
      // No model is loaded: none is there.
      TRIBUTARY_INGEST_WORKERS: '0',
      TRIBUTARY_MODELS: `${folder.path}/no-models`,
      TRIBUTARY_OFFLINE: 'true',
      TRIBUTARY_DRAIN_SECONDS: '2',
      TRIBUTARY_GRACE_SECONDS: '30',
    });
    const ready = async () => {
      const response = await fetch(`${api.url}/ready`);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    expect(await ready()).toMatchObject({ status: 200, body: { ready: true } });
    const upload = await beginUpload(api.url);

    // Somebody asks on and on, as long as the service says that it is ready, and a moment longer.
    const statuses: number[] = [];
    let enough = false;
    const asking = (async () => {
      while (!enough) statuses.push((await fetch(`${api.url}/v1/receipts/key`)).status);
    })();
    await eventually(() => statuses.length > 5);
    api.signal('SIGTERM');
    await eventually(async () => (await ready()).status === 503);
    expect(await ready()).toMatchObject({ status: 503, body: { ready: false, draining: true } });
    const seen = statuses.length;
    await eventually(() => statuses.length > seen + 5);
    expect((await fetch(`${api.url}/v1/receipts/key`)).headers.get('connection')).toBe('close');
    enough = true;
    await asking;
    expect(new Set(statuses)).toEqual(new Set([200]));

    // Until it takes no connections any more, and waits for the upload alone.
    await eventually(async () =>
      fetch(`${api.url}/health`).then(
        () => false,
        () => true,
      ),
    );
    upload.finish();
    expect(await upload.answered).toBe(202);
    expect(await api.ended).toBe(0);
    const { rows } = await database.forWorker((client) =>
      client.query<{ state: string }>('select state from jobs'),
    );
    expect(rows).toEqual([{ state: 'QUEUED' }]);
  });

  it('says meanwhile what there is to do, and how long its requests took', { timeout: 60_000 }, async () => {
    await using folder = await temporaryDirectory();
    await using database = await createTestDatabase();
    await using api = await startIngestProcess('main.ts', {
      TRIBUTARY_DATA: folder.path,
      TRIBUTARY_DATABASE_URL: database.connection.connectionString,
      TRIBUTARY_INTERNAL_SECRET: secret,
      TRIBUTARY_INGEST_WORKERS: '0',
    });
    const scrape = async () => parseMetrics(await (await fetch(api.metricsUrl)).text());
    const before = await scrape();
    expect(before.value('tributary_jobs', { state: 'QUEUED' })).toBe(0);
    expect(before.value('tributary_job_backlog_age_seconds')).toBe(0);
    expect(before.value('tributary_dependency_up', { dependency: 'database' })).toBe(1);
    expect(before.value('tributary_database_pool', { state: 'waiting' })).toBe(0);
    const upload = await beginUpload(api.url);
    upload.finish();
    expect(await upload.answered).toBe(202);
    const labels = { service: 'ingest', route: '/v1/documents', status: '202' };
    await eventually(async () => {
      const after = await scrape();
      return (
        after.value('tributary_jobs', { state: 'QUEUED' }) === 1 &&
        (after.value('tributary_job_backlog_age_seconds') ?? 0) > 0 &&
        after.value('tributary_http_request_duration_seconds_count', labels) === 1
      );
    });
    // They are not where clients come.
    expect((await fetch(`${api.url}/metrics`)).status).toBe(404);
  });
});

describe('a worker that stops', () => {
  it.each([
    [30_000, 'SUCCEEDED'],
    [0, 'QUEUED'],
  ])('with %i ms of grace leaves its job %s', async (graceMs, state) => {
    await using bench = await createIngestBench({ workers: 0 });
    await using pdf = new PdfReader();
    let begun = () => {};
    const encoding = new Promise<void>((resolve) => {
      begun = resolve;
    });
    let goOn = () => {};
    const told = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const encoder: Encoder = {
      ...bench.encoder,
      tokenSpans: (text) => bench.encoder.tokenSpans(text),
      encode: async (texts, purpose, signal) => {
        begun();
        await Promise.race([
          told,
          new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
        ]);
        return bench.encoder.encode(texts, purpose, signal);
      },
    };
    const draining = new AbortController();
    const worker = await startWorker(
      { ...bench, pdf, encoder },
      { concurrency: 1, leaseMs: 10_000, pollMs: 20, graceMs, draining: draining.signal },
    );
    const accepted = await ingestRaw(bench, { text: 'Under way.' });
    await encoding;
    draining.abort();
    const later = await ingestRaw(bench, { text: 'Too late for this worker.' });
    const stopped = worker[Symbol.asyncDispose]();
    if (graceMs > 0) goOn();
    await stopped;
    const { rows } = await bench.database.forWorker((client) =>
      client.query<{ id: string; state: string; lease_id: string | null }>(
        'select id, state, lease_id from jobs',
      ),
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    expect(byId.get((accepted as { id: string }).id)).toMatchObject({ state, lease_id: null });
    expect(byId.get((later as { id: string }).id)).toMatchObject({ state: 'QUEUED', lease_id: null });
  });
});
