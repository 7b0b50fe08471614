import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Metrics } from '../../../platform/ports/metrics.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { ingest } from '../testing/operations.ts';
import { watchWork } from './watch-work.ts';

let bench: IngestBench;
beforeAll(async () => {
  bench = await createIngestBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

type Read = Parameters<Metrics['watch']>[1];

/** What the gauge says now, by tool. What was read is good for a second, so that each look has a watch of its own. */
async function lacking(): Promise<Record<string, number>> {
  const gauges = new Map<string, Read>();
  const metrics: Metrics = {
    add: () => undefined,
    observe: () => undefined,
    watch: (name, read) => {
      gauges.set(name, read);
      return { [Symbol.dispose]: () => gauges.delete(name) };
    },
  };
  using _watching = watchWork(metrics, bench.database);
  const read = gauges.get('tributary_documents_lacking');
  const values = (await read?.(new AbortController().signal)) ?? [];
  return Object.fromEntries(values.map(({ labels, value }) => [labels.tool, value]));
}

it('counts the documents that lack something for want of each tool, of versions that are seen', async () => {
  const job = await ingest(bench, { text: 'A heron stands in the basin.', source: 'heron' });
  await ingest(bench, { text: 'A kite sits on the tank.', source: 'kite' });
  const none = await lacking();
  expect(Object.values(none)).toEqual(Object.values(none).map(() => 0));
  expect(Object.keys(none)).toContain('transcriber');

  const lack = (tools: readonly string[]) =>
    bench.database.forWorker((client) =>
      client.query('update document_versions set lacks = $2 where document_id = $1', [
        job.document.id,
        tools,
      ]),
    );
  await lack(['transcriber', 'visual-encoder']);
  expect(await lacking()).toEqual({ ...none, transcriber: 1, 'visual-encoder': 1 });
  await bench.database.forWorker((client) =>
    client.query('update documents set visible_version = null where id = $1', [job.document.id]),
  );
  expect(await lacking()).toEqual(none);
});
