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

const settingsFrame = [0, 0, 0, 4, 0, 0, 0, 0, 0];
/** Settings come in pieces of six bytes: of one byte they end a connection. */
const brokenFrame = [0, 0, 1, 4, 0, 0, 0, 0, 0, 7];

/** Stands before a port, and begins the next connections as it is told. */
async function startHandshakes(storePort: number) {
  const sockets = new Set<Socket>();
  let next: 'as-ever' | 'broken' | 'unanswered' = 'as-ever';
  let spoiled = 0;
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => undefined);
    if (next === 'unanswered') {
      spoiled++;
      client.resume();
      return;
    }
    if (next === 'broken') {
      next = 'as-ever';
      spoiled++;
      client.once('data', () => client.write(Buffer.from([...settingsFrame, ...brokenFrame])));
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
    spoiled: () => spoiled,
    /** From now on connections begin so; those that are there are broken off. */
    begin(how: typeof next) {
      next = how;
      if (how !== 'as-ever') for (const socket of sockets) socket.destroy();
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

  // gRPC takes such a connection for a good one, and refuses every call on it for ever.
  it('searches again after a connection that broke in the moment in which it was made', async () => {
    await using handshakes = await startHandshakes(server.port);
    await using store = await openAt(handshakes.url);
    handshakes.begin('broken');
    await eventually(
      async () => {
        await store.fails(1);
        return handshakes.spoiled() > 0;
      },
      { timeoutMs: 10_000 },
    );
    await store.findsAll();
    expect(handshakes.spoiled()).toBe(1);
  });

  // gRPC waits for it without an end.
  it('searches again after a connection that was accepted and never answered', async () => {
    await using handshakes = await startHandshakes(server.port);
    await using store = await openAt(handshakes.url);
    handshakes.begin('unanswered');
    await eventually(
      async () => {
        await store.fails(1);
        return handshakes.spoiled() > 0;
      },
      { timeoutMs: 10_000 },
    );
    handshakes.begin('as-ever');
    await store.findsAll();
  });
});
