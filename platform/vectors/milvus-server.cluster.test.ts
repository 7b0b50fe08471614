import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Filter, VectorStore } from '../ports/vector-store.ts';
import { startMilvusLiteServer } from '../servers/milvus-lite-server.ts';
import { type MilvusServer, startMilvusServer } from '../servers/milvus-server.ts';
import { collect } from '../testing/collect.ts';
import { eventually } from '../testing/eventually.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { openMilvusVectorStore } from './milvus-vector-store.ts';
import { milvusStores, milvusTestOptions } from './testing/milvus-stores.ts';
import {
  testCollection as collection,
  innerProduct,
  seededRandom,
  seededVector,
  vectorRecord,
} from './testing/vector-records.ts';

describe('Milvus 2.3.5 that asks who is there', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: MilvusServer;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    server = await startMilvusServer({ directory: directory.path, authorization: true });
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });
  const token = 'root:Milvus';

  it('is refused without a token, and with a wrong one, in words that say where to look', async () => {
    for (const wrong of [null, 'root:wrong', 'nobody:Milvus']) {
      await expect(
        openMilvusVectorStore({ ...milvusTestOptions(server.url), token: wrong, openTimeoutMs: 5_000 }),
      ).rejects.toMatchObject({
        code: 'UPSTREAM',
        service: 'milvus',
        publicMessage: expect.stringContaining('TRIBUTARY_MILVUS_TOKEN'),
      });
    }
  });

  it('serves with it, in a database that is made', async () => {
    const { open } = milvusStores(() => server.url);
    await using store = await open({ token });
    await store.upsert(collection, [vectorRecord('a')]);
    expect(await collect(store.listChunks(collection, 'acme'))).toHaveLength(1);
    expect(await store.deleteDocuments('acme', ['doc-a'])).toBe(1);
  });

  it('is refused at the start where words are required, and says what would help', async () => {
    const options = { ...milvusTestOptions(server.url), token, requireSparse: true };
    await expect(openMilvusVectorStore(options)).rejects.toMatchObject({
      reason: 'NO_SPARSE',
      publicMessage: expect.stringContaining('TRIBUTARY_REQUIRE_SPARSE'),
    });
  });

  describe('with more vectors than are compared one by one', () => {
    const count = 6_000;
    const random = seededRandom(11);
    const vectors = Array.from({ length: count }, () => seededVector(random));
    const { open } = milvusStores(() => server.url);
    let store: VectorStore;
    beforeAll(async () => {
      store = await open({ token, ivfPqFrom: 1_000_000 });
      for (let start = 0; start < count; start += 1_500) {
        await store.upsert(
          collection,
          vectors.slice(start, start + 1_500).map((vector, index) =>
            vectorRecord(`c${start + index}`, {
              vector,
              tenant: (start + index) % 40 === 0 ? 'small' : 'acme',
              year: (start + index) % 100,
            }),
          ),
        );
      }
      await store.optimize();
    });
    afterAll(() => store[Symbol.asyncDispose]());

    async function recall(tenant: string, filter: Filter | null, holds: (index: number) => boolean) {
      let hits = 0;
      for (let query = 0; query < 10; query++) {
        const vector = seededVector(random);
        const exact = vectors
          .map((each, index) => ({ id: `c${index}`, score: holds(index) ? innerProduct(each, vector) : -2 }))
          .sort((a, b) => b.score - a.score)
          .slice(0, 10);
        const found = await store.searchDense({ collection, tenant, filter, limit: 10, vector });
        const ids = new Set(found.map(({ chunkId }) => chunkId));
        hits += exact.filter(({ id }) => ids.has(id)).length;
      }
      return hits / 100;
    }
    const isSmall = (index: number) => index % 40 === 0;

    it('finds what exact search finds, whatever a filter or a small tenant leaves', async () => {
      // Until the index is built Milvus searches by one of its own, which we have no say in.
      await eventually(async () => (await recall('acme', null, (index) => !isSmall(index))) >= 0.95, {
        timeoutMs: 60_000,
      });
      const filter: Filter = { kind: 'yearRange', from: 7, to: 7 };
      expect(await recall('acme', filter, (index) => index % 100 === 7)).toBeGreaterThanOrEqual(0.95);
      expect(await recall('small', null, isSmall)).toBeGreaterThanOrEqual(0.95);
    });

    it('lists every one of many, each once', async () => {
      const listed = await collect(store.listChunks(collection, null));
      expect(listed).toHaveLength(count);
      expect(new Set(listed.map(({ chunkId }) => chunkId)).size).toBe(count);
    });
  });

  it('turns the index of a collection that has outgrown it, and finds again', async () => {
    const { open, database } = milvusStores(() => server.url);
    await using store = await open({ token, ivfPqFrom: 20 });
    const client = new MilvusClient({
      ...{ address: server.url, token, database: database() },
      telemetry: { enabled: false },
      logLevel: 'error',
    });
    const indexType = async () => {
      const { index_descriptions: indexes } = await client.describeIndex({
        collection_name: 'tributary_text_0123456789abcdef_hot',
      });
      const index = indexes.find(({ field_name: field }) => field === 'vector');
      return index?.params.find(({ key }) => key === 'index_type')?.value;
    };
    const records = Array.from({ length: 30 }, (_, index) => vectorRecord(`c${index}`));
    await store.upsert(collection, records);
    expect(await indexType()).toBe('IVF_FLAT');
    await eventually(
      async () => {
        await store.optimize();
        const vector = records[3]?.vector ?? new Float32Array();
        const query = { collection, tenant: 'acme', filter: null, limit: 30, vector };
        const found = await store.searchDense(query);
        return found.length === 30 && (await indexType()) === 'IVF_PQ';
      },
      { timeoutMs: 60_000 },
    );
    await client.closeConnection();
  });
});

const servers = [
  { name: 'Milvus 2.3.5', start: startMilvusServer },
  { name: 'milvus-lite 3.2.2', start: startMilvusLiteServer },
] as const;

describe.each(servers)('$name that is killed', ({ start }) => {
  it('has lost nothing that was acknowledged, and is found again without a restart of ours', async () => {
    await using directory = await temporaryDirectory();
    await using server = await start({ directory: directory.path });
    await using store = await openMilvusVectorStore(milvusTestOptions(server.url));
    const acknowledged: string[] = [];
    const write = async (name: string) => {
      await store.upsert(collection, [vectorRecord(name)]);
      acknowledged.push(name);
    };
    for (let index = 0; index < 10; index++) await write(`before-${index}`);
    expect(await store.deleteChunks(collection, 'acme', ['before-0'])).toBe(1);
    acknowledged.shift();
    const during = Array.from({ length: 10 }, (_, index) => write(`during-${index}`));
    await Promise.race(during);
    await server.kill();
    await Promise.allSettled(during);

    const query = {
      ...{ collection, tenant: 'acme', filter: null, limit: 100 },
      vector: seededVector(seededRandom(1)),
    };
    await expect(store.searchDense(query, AbortSignal.timeout(5_000))).rejects.toThrow();
    await expect(store.capabilities(AbortSignal.timeout(5_000))).rejects.toThrow();
    await server.start();
    const found = await eventually(() => store.searchDense(query), { timeoutMs: 90_000 });
    expect(found.map(({ chunkId }) => chunkId)).toEqual(expect.arrayContaining(acknowledged));
    expect(found.map(({ chunkId }) => chunkId)).not.toContain('before-0');
    await write('after');
    expect(await collect(store.listChunks(collection, 'acme'))).toHaveLength(found.length + 1);
  });
});

describe('milvus-lite 3.2.2', () => {
  it('is refused at the start where an index is asked for that it has not', async () => {
    await using directory = await temporaryDirectory();
    await using server = await startMilvusLiteServer({ directory: directory.path });
    const options = { ...milvusTestOptions(server.url), textIndex: 'IVF_PQ' as const };
    await expect(openMilvusVectorStore(options)).rejects.toMatchObject({
      reason: 'NO_SUCH_INDEX',
      publicMessage: expect.stringContaining('IVF_FLAT, HNSW'),
    });
  });
});

it('starts without a Milvus that is not there, and says so with every call', async () => {
  await using store = await openMilvusVectorStore({
    ...milvusTestOptions('http://127.0.0.1:9'),
    openTimeoutMs: 300,
  });
  await expect(store.capabilities()).rejects.toMatchObject({ code: 'UPSTREAM', service: 'milvus' });
  await expect(store.upsert(collection, [vectorRecord('a')])).rejects.toMatchObject({ code: 'UPSTREAM' });
});
