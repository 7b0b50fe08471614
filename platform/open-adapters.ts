import { join } from 'node:path';
import { openFilesystemBlobStore } from './blobs/filesystem-blob-store.ts';
import { createOnnxEncoder } from './encoder/onnx-encoder.ts';
import { openLanguageModel as openConfiguredLanguageModel } from './language-models/open-language-model.ts';
import { createPostgresMessageBus } from './message-bus/postgres-message-bus.ts';
import type { EnsureModelOptions } from './models/ensure-model.ts';
import { ensureTextEncoder } from './models/ensure-text-encoder.ts';
import type { AnswerStreams } from './ports/answer-streams.ts';
import type { BlobStore } from './ports/blob-store.ts';
import type { Cache } from './ports/cache.ts';
import type { Encoder } from './ports/encoder.ts';
import type { LanguageModel } from './ports/language-model.ts';
import type { MessageBus } from './ports/message-bus.ts';
import type { VectorStore } from './ports/vector-store.ts';
import type { Database } from './postgres/database.ts';
import { openDatabaseFromConfig } from './postgres/open-database-from-config.ts';
import type { RedisConnection } from './redis/redis-connection.ts';
import type { ProcessContext } from './run-process.ts';
import { openLanceDbVectorStore } from './vectors/lancedb-vector-store.ts';

/** The adapters that the configuration asks for, each owned by the process's stack. Only `main.ts` files use these. */

/** PostgreSQL, migrated; our own where none is configured. */
export async function openDatabase({ config, logger, stack, metrics }: ProcessContext): Promise<Database> {
  const { databaseUrl, databaseMigrationUrl, databaseReplicaUrl, dataDirectory } = config;
  const { databasePoolSize: poolSize, databaseStatementTimeoutMs: statementTimeoutMs } = config;
  const opened = await openDatabaseFromConfig({
    ...{ databaseUrl, databaseMigrationUrl, databaseReplicaUrl, dataDirectory, logger },
    ...{ poolSize, statementTimeoutMs, metrics },
  });
  return stack.use(opened).database;
}

/** The vector store: Milvus where one is configured, LanceDB in the data folder otherwise. */
export async function openVectors({ config, logger, stack }: ProcessContext): Promise<VectorStore> {
  const { milvusUrl: url } = config;
  if (url !== null) {
    const { openMilvusVectorStore: open } = await import('./vectors/milvus-vector-store.ts');
    return stack.use(
      await open({
        ...{ url, token: config.milvusToken, database: config.milvusDatabase, logger },
        ...{ replicas: config.milvusReplicas, partitions: config.milvusPartitions },
        ...{ textIndex: config.milvusTextIndex, imageIndex: config.milvusImageIndex },
        ...{ ivfPqFrom: config.milvusIvfPqFrom, requireSparse: config.requireSparse },
        coldReleaseMs: config.coldReleaseMinutes * 60_000,
      }),
    );
  }
  return stack.use(
    await openLanceDbVectorStore({ directory: join(config.dataDirectory, 'vectors'), logger }),
  );
}

/** Redis; null where none is configured. Opened once in a process, and shared by all that needs it. */
export async function openRedis({ config, logger, stack }: ProcessContext): Promise<RedisConnection | null> {
  if (config.redisUrl === null) return null;
  const { openRedis: open } = await import('./redis/open-redis.ts');
  return stack.use(await open({ url: config.redisUrl, logger }));
}

/** What carries messages between processes: Redis where there is one, PostgreSQL otherwise. */
export async function openBus(
  { logger, stack }: Pick<ProcessContext, 'logger' | 'stack'>,
  { redis, database }: { readonly redis: RedisConnection | null; readonly database: Database },
): Promise<MessageBus> {
  if (redis === null) return stack.use(createPostgresMessageBus(database));
  const { createRedisMessageBus } = await import('./message-bus/redis-message-bus.ts');
  return stack.use(createRedisMessageBus(redis, logger));
}

/** The cache of results: shared through Redis where there is one, of this process alone otherwise. */
export async function openCache(
  { config, logger, stack }: ProcessContext,
  { redis, bus }: { readonly redis: RedisConnection | null; readonly bus: () => Promise<MessageBus> },
): Promise<Cache> {
  const { openBentoCache } = await import('./cache/bento-cache.ts');
  const shared = redis === null ? null : { redis, bus: await bus() };
  return stack.use(await openBentoCache({ maxBytes: config.resultCacheBytes, shared, logger }));
}

/** What brings answers' events to readers in other processes; null where PostgreSQL does. */
export async function openAnswerStreams(
  { logger, stack }: Pick<ProcessContext, 'logger' | 'stack'>,
  redis: RedisConnection | null,
): Promise<AnswerStreams | null> {
  if (redis === null) return null;
  const { createRedisAnswerStreams } = await import('./answer-streams/redis-answer-streams.ts');
  return stack.use(createRedisAnswerStreams(redis, logger));
}

/** The blob store: a bucket where one is configured, a folder of ours by default. */
export async function openBlobs({ config, logger, stack }: ProcessContext): Promise<BlobStore> {
  const { s3Bucket: bucket, s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey } = config;
  if (bucket === null) {
    return stack.use(await openFilesystemBlobStore({ directory: join(config.dataDirectory, 'blobs') }));
  }
  // Loaded only where it is used: the embedded default starts without it.
  const { openS3BlobStore } = await import('./blobs/s3-blob-store.ts');
  return stack.use(
    await openS3BlobStore({
      bucket,
      endpoint: config.s3Endpoint,
      publicEndpoint: config.s3PublicEndpoint,
      region: config.s3Region,
      credentials: accessKeyId === null || secretAccessKey === null ? null : { accessKeyId, secretAccessKey },
      pathStyle: config.s3PathStyle,
      presignedUploads: config.s3PresignedUploads,
      logger,
    }),
  );
}

const modelOptions = ({ config }: ProcessContext): EnsureModelOptions => ({
  directory: config.modelsDirectory,
  hub: config.modelHub,
  offline: config.offline,
});

/** The text encoder; its files are downloaded where they are missing. */
export const openEncoder = (context: ProcessContext): Promise<Encoder> =>
  openEncoderOf(context, context.config.encoderModel);

/** A second text encoder, to migrate to; null, and no memory taken, where none is configured. */
export async function openNextEncoder(context: ProcessContext): Promise<Encoder | null> {
  const { nextEncoderModel } = context.config;
  return nextEncoderModel === null ? null : openEncoderOf(context, nextEncoderModel);
}

async function openEncoderOf(context: ProcessContext, setting: string): Promise<Encoder> {
  const { config, logger, stack, metrics } = context;
  const { model, folder } = await ensureTextEncoder(setting, modelOptions(context));
  return stack.use(
    await createOnnxEncoder({
      folder,
      model,
      threads: config.encoderThreads,
      executionProviders: config.executionProviders,
      batchSize: config.encoderBatchSize,
      queueSize: config.encoderQueueSize,
      waitMs: config.encoderWaitMs,
      ...{ logger, metrics },
    }),
  );
}

/** The language model; null where answers quote the passages. */
export async function openLanguageModel({
  config,
  logger,
  stack,
}: ProcessContext): Promise<LanguageModel | null> {
  const model = await openConfiguredLanguageModel({ config, logger });
  return model === null ? null : stack.use(model);
}
