import { expect, it } from 'vitest';
import { createHashEncoder } from '../../../platform/testing/hash-encoder.ts';
import { startWorking } from '../start-working.ts';
import { createIngestSubgraph } from '../subgraph.ts';
import { createIngestBench } from '../testing/ingest-bench.ts';
import { finish, ingest, ingestRaw } from '../testing/operations.ts';
import { reached, started, switchTo } from './testing/operations.ts';

const timing = { pollMs: 50, migrationGraceMs: 0 };
const old = createHashEncoder({ model: 'old' });
const next = createHashEncoder({ model: 'next' });
const [oldId, nextId] = [old.description.fingerprint, next.description.fingerprint];

it('leaves documents to others where the encoder that serves is not loaded, does what it can, and is not ready', async () => {
  await using library = await createIngestBench({ encoder: old, nextEncoder: null, workers: 0 });
  const withBoth = () => startWorking({ ...library, nextEncoder: next, workers: 2, timing });
  const first = await withBoth();
  const { document } = await ingest(library, { text: 'One passage.' });
  await reached(library, (await started(library)).id, 'READY');
  await switchTo(library, nextId);
  await first[Symbol.asyncDispose]();

  await using lacking = await createIngestSubgraph({ ...library, workers: 2, timing });
  const ready = async () =>
    (await lacking.check(new AbortController().signal)).find(({ name }) => name === 'encoder');
  expect(await ready()).toMatchObject({ healthy: false, detail: expect.stringContaining(nextId) });
  const waiting = await ingestRaw(library, { text: 'Another passage.' });
  const { updateDocument } = await library.run<{ updateDocument: { id: string } }>(
    `mutation ($id: ID!) { updateDocument(input: { id: $id, attributes: { year: 1999 } }) { ... on IngestJob { id } } }`,
    { id: document.id },
  );
  // What came later is done; what came first has not been tried.
  expect(await finish(library, updateDocument.id)).toMatchObject({ state: 'SUCCEEDED' });
  const { ingestJob } = await library.run<{ ingestJob: { state: string; attempts: number } }>(
    'query ($id: ID!) { ingestJob(id: $id) { state attempts } }',
    { id: 'id' in waiting ? waiting.id : '' },
  );
  expect(ingestJob).toEqual({ state: 'QUEUED', attempts: 0 });

  await using _second = await withBoth();
  expect(await finish(library, 'id' in waiting ? waiting.id : '')).toMatchObject({
    state: 'SUCCEEDED',
    attempts: 1,
  });
  // Switched back, it takes them again.
  await switchTo(library, oldId);
  expect(await ready()).toMatchObject({ healthy: true });
});
