import { afterAll, beforeAll, describe } from 'vitest';
import { startMilvusLiteServer } from '../servers/milvus-lite-server.ts';
import { type MilvusServer, startMilvusServer } from '../servers/milvus-server.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { milvusStores } from './testing/milvus-stores.ts';
import { describeVectorStore } from './vector-store.contract.ts';

const servers = [
  { name: 'Milvus 2.3.5', start: startMilvusServer, sparse: false },
  { name: 'milvus-lite 3.2.2', start: startMilvusLiteServer, sparse: true },
] as const;

describe.each(servers)('$name', ({ name, start, sparse }) => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: MilvusServer;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    server = await start({ directory: directory.path });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  const { open, reopen } = milvusStores(() => server.url);
  describeVectorStore(name, () => open(), reopen, { sparse });
});
