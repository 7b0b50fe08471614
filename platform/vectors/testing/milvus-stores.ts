import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import type { VectorStore } from '../../ports/vector-store.ts';
import { silentLogger } from '../../testing/silent-logger.ts';
import type { MilvusOptions } from '../milvus-backend.ts';
import { openMilvusVectorStore } from '../milvus-vector-store.ts';

let databases = 0;

/** What tests open a Milvus with, where they say nothing else. */
export const milvusTestOptions = (url: string): MilvusOptions => ({
  url,
  token: null,
  database: 'default',
  logger: silentLogger,
  replicas: 1,
  partitions: 3,
  textIndex: 'auto',
  imageIndex: 'HNSW',
  ivfPqFrom: 5_000_000,
  requireSparse: false,
  coldReleaseMs: 1_800_000,
});

/** Opens stores of one server, each in a database of its own that is removed when the store is disposed of. */
export function milvusStores(url: () => string) {
  let latest = '';
  const options = (database: string) => ({ ...milvusTestOptions(url()), database });

  async function open(given: Partial<MilvusOptions> = {}): Promise<VectorStore> {
    const database = `t_${process.pid}_${databases++}`;
    latest = database;
    const store = await openMilvusVectorStore({ ...options(database), ...given });
    const dispose = store[Symbol.asyncDispose].bind(store);
    store[Symbol.asyncDispose] = async () => {
      await dispose();
      await removeDatabase(url(), database, given.token ?? null);
    };
    return store;
  }

  return { open, reopen: () => openMilvusVectorStore(options(latest)), database: () => latest };
}

/** Removes a database of Milvus with everything in it. */
async function removeDatabase(url: string, database: string, token: string | null): Promise<void> {
  const client = new MilvusClient({
    address: url,
    database,
    ...(token === null ? {} : { token }),
    telemetry: { enabled: false },
    logLevel: 'error',
  });
  try {
    const { data } = await client.showCollections();
    for (const { name } of data) {
      await client.releaseCollection({ collection_name: name });
      await client.dropCollection({ collection_name: name });
    }
    await client.dropDatabase({ db_name: database });
  } finally {
    await client.closeConnection();
  }
}
