import { join } from 'node:path';
import { DisposableStack } from '../../platform/disposable-stack.ts';
import { startMilvusLiteServer } from '../../platform/servers/milvus-lite-server.ts';
import { type MilvusServer, startMilvusServer } from '../../platform/servers/milvus-server.ts';
import { type PostgresServer, startPostgresServer } from '../../platform/servers/postgres-server.ts';
import { type RedisServer, startRedisServer } from '../../platform/servers/redis-server.ts';
import type { RunningServer } from '../../platform/servers/run-server.ts';
import { type S3Server, startS3Server } from '../../platform/servers/s3-server.ts';
import { type Supervised, supervise } from './supervise.ts';

/** Which vector store: milvus-lite 3.2.2, which can search by words too, or the full server of Milvus 2.3.5. */
export type VectorServer = 'lite' | 'milvus';

type Under<Server extends RunningServer> = Omit<Server, keyof RunningServer> & Supervised;

/** The stores of a cluster: real servers, each a process. */
export interface Stores extends AsyncDisposable {
  readonly milvus: Under<MilvusServer>;
  readonly postgres: Under<PostgresServer>;
  readonly redis: Under<RedisServer>;
  readonly s3: Under<S3Server>;
}

export type StoreName = Exclude<keyof Stores, symbol>;
export const storeNames: readonly StoreName[] = ['postgres', 'milvus', 'redis', 's3'];

/** Starts the stores side by side, each on a folder of its own below `directory`; missing ones are installed first. */
export async function startStores(options: {
  readonly directory: string;
  readonly vectors: VectorServer;
  readonly tell: (line: string) => void;
}): Promise<Stores> {
  const { directory, vectors, tell } = options;
  const stack = new DisposableStack();
  const startVectors = vectors === 'lite' ? startMilvusLiteServer : startMilvusServer;
  const keep = <Server extends RunningServer>(server: Server) => stack.use(supervise(server, tell));
  const starting = [
    startPostgresServer({ directory: join(directory, 'postgres') }).then(keep),
    // The two keep their files differently.
    startVectors({ directory: join(directory, vectors === 'lite' ? 'milvus-lite' : 'milvus') }).then(keep),
    startRedisServer({ directory: join(directory, 'redis'), appendOnly: true }).then(keep),
    startS3Server({ directory: join(directory, 's3') }).then(keep),
  ] as const;
  const failed = (await Promise.allSettled(starting)).find(({ status }) => status === 'rejected');
  if (failed !== undefined) {
    await stack[Symbol.asyncDispose]();
    throw (failed as PromiseRejectedResult).reason;
  }
  const [postgres, milvus, redis, s3] = await Promise.all(starting);
  return { postgres, milvus, redis, s3, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
}

/** Where each store is, as the services are told. */
export function storeAddresses(stores: Stores): Readonly<Record<StoreName, number>> {
  return {
    postgres: stores.postgres.port,
    milvus: stores.milvus.port,
    redis: stores.redis.port,
    s3: stores.s3.port,
  };
}

/**
 * The settings by which a service finds the stores.
 *
 * @param databaseUrl the database as the services' own user.
 * @param ports those that a service is to use: a proxy's, for instance.
 */
export function storeSettings(
  { s3 }: Stores,
  databaseUrl: string,
  ports: Readonly<Record<StoreName, number>>,
): Record<string, string> {
  const database = new URL(databaseUrl);
  database.port = String(ports.postgres);
  return {
    TRIBUTARY_DATABASE_URL: database.href,
    TRIBUTARY_MILVUS_URL: `http://127.0.0.1:${ports.milvus}`,
    TRIBUTARY_REDIS_URL: `redis://127.0.0.1:${ports.redis}`,
    TRIBUTARY_S3_ENDPOINT: `http://127.0.0.1:${ports.s3}`,
    TRIBUTARY_S3_BUCKET: s3.bucket,
    TRIBUTARY_S3_ACCESS_KEY_ID: s3.accessKeyId,
    TRIBUTARY_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
}
