import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMilvusLiteServer } from '../../platform/servers/milvus-lite-server.ts';
import { type MilvusServer, startMilvusServer } from '../../platform/servers/milvus-server.ts';
import { eventually } from '../../platform/testing/eventually.ts';
import { temporaryDirectory } from '../../platform/testing/temporary-directory.ts';
import { openMilvusVectorStore } from '../../platform/vectors/milvus-vector-store.ts';
import { milvusTestOptions } from '../../platform/vectors/testing/milvus-stores.ts';
import {
  testCollection as collection,
  seededRandom,
  seededVector,
  vectorRecord,
} from '../../platform/vectors/testing/vector-records.ts';
import { seeded } from './seeded.ts';
import { type Spoiling, startSpoiledProxy } from './spoiled-proxy.ts';

const servers = [
  { name: 'Milvus 2.3.5', start: startMilvusServer },
  { name: 'milvus-lite 3.2.2', start: startMilvusLiteServer },
] as const;

const spoilings: readonly Spoiling[] = [
  { kind: 'garbage', direction: 'from-store' },
  { kind: 'garbage', direction: 'to-store' },
  { kind: 'silent', direction: 'from-store' },
  { kind: 'silent', direction: 'to-store' },
  { kind: 'cut' },
];

/** Stands before a port; while it is mute it accepts connections and says nothing. */
async function startMuteProxy(storePort: number) {
  const sockets = new Set<Socket>();
  let mute = false;
  let muted = 0;
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => undefined);
    if (mute) {
      muted++;
      client.resume();
      return;
    }
    const store = connect(storePort, '127.0.0.1');
    sockets.add(store);
    store.on('error', () => client.destroy());
    store.on('close', () => client.destroy());
    client.on('close', () => store.destroy());
    client.pipe(store).pipe(client);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    /** How many connections were accepted and not answered. */
    muted: () => muted,
    /** Breaks off the connections that are there, and answers no new one. */
    beMute() {
      mute = true;
      for (const socket of sockets) socket.destroy();
    },
    /** Answers new ones again; those that were not answered stay so. */
    answer() {
      mute = false;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

describe.each(servers)('a store on $name', ({ start }) => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: MilvusServer;
  const records = Array.from({ length: 5 }, (_, index) => vectorRecord(`c${index}`));
  const query = {
    ...{ collection, tenant: 'acme', filter: null, limit: 100 },
    vector: seededVector(seededRandom(1)),
  };

  beforeAll(async () => {
    directory = await temporaryDirectory();
    server = await start({ directory: directory.path });
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  async function openAt(url: string) {
    const store = await openMilvusVectorStore(milvusTestOptions(url));
    await store.upsert(collection, records);
    const count = async () => (await store.searchDense(query, AbortSignal.timeout(1_000))).length;
    return {
      /** Resolves when so many searches have failed. */
      async fails(times: number) {
        for (let failed = 0; failed < times; ) await count().catch(() => failed++);
      },
      findsAll: () => eventually(async () => (await count()) === records.length, { timeoutMs: 30_000 }),
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  }

  it('searches again after each way in which the bytes can be spoiled', async () => {
    await using proxy = await startSpoiledProxy(server.port, seeded(20_261_123));
    await using store = await openAt(`http://127.0.0.1:${proxy.port}`);
    for (const spoiling of spoilings) {
      proxy.spoil(spoiling);
      await store.fails(3);
      proxy.restore();
      await store.findsAll();
    }
  });

  // gRPC waits for it without an end.
  it('searches again after a connection that was accepted and never answered', async () => {
    await using proxy = await startMuteProxy(server.port);
    await using store = await openAt(proxy.url);
    proxy.beMute();
    await eventually(
      async () => {
        await store.fails(1);
        return proxy.muted() > 0;
      },
      { timeoutMs: 10_000 },
    );
    proxy.answer();
    const unanswered = proxy.muted();
    await store.findsAll();
    expect(proxy.muted()).toBe(unanswered);
  });
});
