import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { busy } from '../../platform/errors.ts';
import { eventually } from '../../platform/testing/eventually.ts';
import { PdfReader } from './extract/pdf-reader.ts';
import { startWorker } from './jobs/worker.ts';
import { createIngestBench, type IngestBench } from './testing/ingest-bench.ts';
import { finish, ingestRaw, search } from './testing/operations.ts';

let bench: IngestBench;
let pdf: PdfReader;
beforeAll(async () => {
  bench = await createIngestBench({ workers: 0, maxBacklogAgeSeconds: 60 });
  pdf = new PdfReader();
});
afterAll(async () => {
  await pdf[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

/** Lets a minute and more pass for what waits. */
const wait = () =>
  bench.database.forWorker((client) =>
    client.query(`update jobs set run_after = run_after - interval '61 seconds' where state = 'QUEUED'`),
  );

describe('a backlog that grows old', () => {
  it('is said to whoever puts in, wherever, and what was accepted is done later', async () => {
    const first = await ingestRaw(bench, { text: 'Accepted in time.' });
    if (first.__typename !== 'IngestJob') throw new Error(first.message);
    const { createUpload } = await bench.run<{ createUpload: { putUrl: string } }>(
      'mutation { createUpload(input: { fileName: "a.txt" }) { ... on UploadTicket { putUrl } } }',
    );
    await wait();
    expect(await ingestRaw(bench, { text: 'Too late.' })).toMatchObject({
      __typename: 'Busy',
      code: 'BACKLOG_TOO_OLD',
    });
    const put = bench.fetch('PUT', createUpload.putUrl, { body: 'bytes' });
    await expect(put).rejects.toMatchObject({ code: 'BUSY', reason: 'BACKLOG_TOO_OLD', retryAfterMs: 5000 });

    // The vector store refuses for a while: the worker waits, and then does it.
    let refused = 0;
    const upsert: typeof bench.vectors.upsert = async (...all) => {
      if (refused++ < 3) throw busy('QUOTA', 'The vector store takes nothing more at present.', 10);
      return bench.vectors.upsert(...all);
    };
    const vectors = new Proxy(bench.vectors, {
      get(store, name) {
        if (name === 'upsert') return upsert;
        const value: unknown = Reflect.get(store, name, store);
        return typeof value === 'function' ? value.bind(store) : value;
      },
    });
    await using _worker = await startWorker(
      { ...bench, pdf, vectors },
      { concurrency: 4, leaseMs: 10_000, pollMs: 20 },
    );
    expect(await finish(bench, first.id)).toMatchObject({ state: 'SUCCEEDED' });
    expect(refused).toBe(4);
    expect(await search(bench, 'accepted')).toHaveLength(1);
    // There is room again.
    await eventually(
      async () => (await ingestRaw(bench, { text: 'In time again.' })).__typename === 'IngestJob',
    );
  });
});
