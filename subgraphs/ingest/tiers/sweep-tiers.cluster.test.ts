import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MilvusServer, startMilvusServer } from '../../../platform/servers/milvus-server.ts';
import { eventually } from '../../../platform/testing/eventually.ts';
import { temporaryDirectory } from '../../../platform/testing/temporary-directory.ts';
import { milvusCollectionName } from '../../../platform/vectors/milvus-schema.ts';
import { milvusStores } from '../../../platform/vectors/testing/milvus-stores.ts';
import { createIngestBench, createTestClock } from '../testing/ingest-bench.ts';
import { ingest } from '../testing/operations.ts';
import { sweepTiers } from './sweep-tiers.ts';

const dayMs = 24 * 60 * 60 * 1000;
const signal = new AbortController().signal;

describe('the cold tier in Milvus 2.3.5', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: MilvusServer;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    server = await startMilvusServer({ directory: directory.path });
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  it('takes no memory until it is searched, and again when nobody searches it any more', async () => {
    const stores = milvusStores(() => server.url);
    await using vectors = await stores.open({ coldReleaseMs: 3_000 });
    const clock = createTestClock();
    await using bench = await createIngestBench({ clock, vectors });
    const client = new MilvusClient({
      ...{ address: server.url, database: stores.database(), logLevel: 'error' },
      telemetry: { enabled: false },
    });
    const collection = { family: 'text', fingerprint: bench.encoder.description.fingerprint } as const;
    const cold = { ...collection, tier: 'cold' } as const;
    const stateOf = async (name: typeof collection | typeof cold) =>
      String((await client.getLoadState({ collection_name: milvusCollectionName(name) })).state);
    const sweep = () => sweepTiers(bench, { coldAfterDays: 30 }, signal);
    try {
      const { document } = await ingest(bench, { text: 'A manual of pumps.' });
      await sweep();
      clock.advance(29 * dayMs);
      await sweep();
      clock.advance(2 * dayMs);
      expect(await sweep()).toEqual({ cooled: 1, warmed: 0, left: 0 });
      clock.advance(100_000);
      expect(await sweep()).toEqual({ cooled: 0, warmed: 0, left: 1 });

      // It was written without being loaded.
      expect(await stateOf(cold)).toBe('LoadStateNotLoad');
      expect(await stateOf(collection)).toBe('LoadStateLoaded');
      const [vector = new Float32Array(768)] = await bench.encoder.encode(['A manual of pumps.'], 'query');
      const search = (name: typeof collection | typeof cold) =>
        vectors.searchDense({ collection: name, tenant: 'acme', filter: null, limit: 5, vector });
      expect(await search(collection)).toEqual([]);
      expect(await stateOf(cold)).toBe('LoadStateNotLoad');

      expect((await search(cold)).map(({ documentId }) => documentId)).toEqual([document.id]);
      expect(await stateOf(cold)).toBe('LoadStateLoaded');
      await eventually(async () => (await stateOf(cold)) === 'LoadStateNotLoad', { timeoutMs: 30_000 });
      expect(await search(cold)).toHaveLength(1);
    } finally {
      await client.closeConnection();
    }
  });
});
