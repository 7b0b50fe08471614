import { flag, integer, oneOf, optionalText, optionalUrl, text } from './parse.ts';
import { setting } from './setting.ts';

/** Where the cluster's stores are, and how they are used. None of these is needed on one machine. */
export const storeSettings = {
  // ── PostgreSQL ──
  databaseUrl: setting({
    variable: 'TRIBUTARY_DATABASE_URL',
    description: 'The PostgreSQL to use, 15 or later; our own, in the data folder, by default.',
    allowed: 'a postgres:// or postgresql:// address',
    fallback: null,
    secret: true,
    schema: optionalUrl(['postgres:', 'postgresql:']),
  }),
  databaseReplicaUrl: setting({
    variable: 'TRIBUTARY_DATABASE_REPLICA_URL',
    description:
      'A read replica of it (streaming replication), for lists and histories; it is asked once it has what was committed before.',
    allowed: 'a postgres:// or postgresql:// address',
    fallback: null,
    secret: true,
    schema: optionalUrl(['postgres:', 'postgresql:']),
  }),
  databaseMigrationUrl: setting({
    variable: 'TRIBUTARY_DATABASE_MIGRATION_URL',
    description:
      'The same PostgreSQL as a user that may create tables and roles, past any pooler, for migrations, backups and nothing else; `TRIBUTARY_DATABASE_URL` by default.',
    allowed: 'a postgres:// or postgresql:// address',
    fallback: null,
    secret: true,
    schema: optionalUrl(['postgres:', 'postgresql:']),
  }),
  databasePoolSize: setting({
    variable: 'TRIBUTARY_DATABASE_POOL_SIZE',
    description: 'The most connections to PostgreSQL that one process holds.',
    allowed: '2 to 1000',
    fallback: 10,
    schema: integer(2, 1000),
  }),
  databaseStatementTimeoutMs: setting({
    variable: 'TRIBUTARY_DATABASE_STATEMENT_TIMEOUT_MS',
    description: 'How long one statement may take in PostgreSQL, in milliseconds; migrations have no limit.',
    allowed: '100 to 3600000',
    fallback: 60_000,
    schema: integer(100, 3_600_000),
  }),

  // ── Milvus ──
  milvusUrl: setting({
    variable: 'TRIBUTARY_MILVUS_URL',
    description: 'The Milvus to keep vectors in, 2.3 or later; LanceDB, in the data folder, by default.',
    allowed: 'an http or https address, such as `http://milvus:19530`',
    fallback: null,
    schema: optionalUrl(),
  }),
  milvusToken: setting({
    variable: 'TRIBUTARY_MILVUS_TOKEN',
    description: 'What to log in to Milvus with, as `user:password` or an API key.',
    allowed: 'any text',
    fallback: null,
    secret: true,
    schema: optionalText(),
  }),
  milvusDatabase: setting({
    variable: 'TRIBUTARY_MILVUS_DATABASE',
    description: 'The database in Milvus; it is made where it is missing.',
    allowed: 'letters, digits and _',
    fallback: 'default',
    schema: text().regex(/^[A-Za-z_]\w{0,63}$/),
  }),
  milvusReplicas: setting({
    variable: 'TRIBUTARY_MILVUS_REPLICAS',
    description: 'How many query nodes hold each collection in memory.',
    allowed: '1 to 100',
    fallback: 1,
    schema: integer(1, 100),
  }),
  milvusPartitions: setting({
    variable: 'TRIBUTARY_MILVUS_PARTITIONS',
    description: 'Over how many partitions the tenants of a new collection are spread.',
    allowed: '1 to 1024',
    fallback: 16,
    schema: integer(1, 1024),
  }),
  milvusTextIndex: setting({
    variable: 'TRIBUTARY_MILVUS_TEXT_INDEX',
    description:
      'The index of text: `auto` is IVF_FLAT (`nlist` 1024) up to `TRIBUTARY_MILVUS_IVF_PQ_FROM` vectors and IVF_PQ beyond.',
    allowed: '`auto`, `IVF_FLAT`, `IVF_PQ`, `HNSW` or `DISKANN`',
    fallback: 'auto' as const,
    schema: oneOf(['auto', 'IVF_FLAT', 'IVF_PQ', 'HNSW', 'DISKANN']),
  }),
  milvusImageIndex: setting({
    variable: 'TRIBUTARY_MILVUS_IMAGE_INDEX',
    description: 'The index of images and audio.',
    allowed: '`HNSW`, `IVF_FLAT`, `IVF_PQ` or `DISKANN`',
    fallback: 'HNSW' as const,
    schema: oneOf(['HNSW', 'IVF_FLAT', 'IVF_PQ', 'DISKANN']),
  }),
  milvusIvfPqFrom: setting({
    variable: 'TRIBUTARY_MILVUS_IVF_PQ_FROM',
    description: 'From how many vectors of text on the `auto` index is IVF_PQ.',
    allowed: '1000 to 10000000000',
    fallback: 5_000_000,
    schema: integer(1000, 10_000_000_000),
  }),
  requireSparse: setting({
    variable: 'TRIBUTARY_REQUIRE_SPARSE',
    description:
      'Whether to refuse to start on a vector store that cannot search by words; by default it starts, and the coverage of every search says so.',
    allowed: 'true or false',
    fallback: false,
    schema: flag(),
  }),
  coldAfterDays: setting({
    variable: 'TRIBUTARY_COLD_AFTER_DAYS',
    description:
      'Documents that no search has shown and nobody has changed for so many days move to the cold tier, which is searched with `includeCold` and loaded on demand; 0 for never, and those that are there come back.',
    allowed: '0 to 36500',
    fallback: 0,
    schema: integer(0, 36_500),
  }),
  coldReleaseMinutes: setting({
    variable: 'TRIBUTARY_COLD_RELEASE_MINUTES',
    description: 'After so many minutes without a search the cold tier is released from memory again.',
    allowed: '1 to 10080',
    fallback: 30,
    schema: integer(1, 10_080),
  }),

  // ── Redis ──
  redisUrl: setting({
    variable: 'TRIBUTARY_REDIS_URL',
    description:
      'The Redis for caches, answer streams and messages between processes, 7 or later; in process and in PostgreSQL by default. `redis+sentinel://host:port,host:port/name` and `redis+cluster://host:port,host:port` are understood, too.',
    allowed: 'a redis://, rediss://, redis+sentinel:// or redis+cluster:// address',
    fallback: null,
    secret: true,
    schema: optionalText().refine(
      (value) => value === null || /^(redis|rediss|redis\+sentinel|redis\+cluster):\/\/\S+$/.test(value),
    ),
  }),
  resultCacheSeconds: setting({
    variable: 'TRIBUTARY_RESULT_CACHE_SECONDS',
    description: 'How long the result of a search is remembered at most, in seconds; 0 for not at all.',
    allowed: '0 to 86400',
    fallback: 300,
    schema: integer(0, 86_400),
  }),
  resultCacheBytes: setting({
    variable: 'TRIBUTARY_RESULT_CACHE_BYTES',
    description: 'The most memory that cached results and query vectors take in one process, in bytes.',
    allowed: '0 to 17179869184',
    fallback: 64 * 1024 * 1024,
    schema: integer(0, 17_179_869_184),
  }),

  // ── Object store ──
  s3Bucket: setting({
    variable: 'TRIBUTARY_S3_BUCKET',
    description: 'The bucket to keep original bytes in; a folder in the data folder by default.',
    allowed: 'the name of a bucket that exists',
    fallback: null,
    schema: optionalText(),
  }),
  s3Endpoint: setting({
    variable: 'TRIBUTARY_S3_ENDPOINT',
    description: 'The S3-compatible server; Amazon’s own by default.',
    allowed: 'an http or https address',
    fallback: null,
    schema: optionalUrl(),
  }),
  s3PublicEndpoint: setting({
    variable: 'TRIBUTARY_S3_PUBLIC_ENDPOINT',
    description:
      'The address of the same server for clients, in presigned addresses; `TRIBUTARY_S3_ENDPOINT` by default.',
    allowed: 'an http or https address',
    fallback: null,
    schema: optionalUrl(),
  }),
  s3Region: setting({
    variable: 'TRIBUTARY_S3_REGION',
    description: 'The region of the bucket.',
    allowed: 'any text',
    fallback: 'us-east-1',
    schema: text(),
  }),
  s3AccessKeyId: setting({
    variable: 'TRIBUTARY_S3_ACCESS_KEY_ID',
    description: 'The access key of the object store; the SDK’s own chain of credentials by default.',
    allowed: 'any text',
    fallback: null,
    secret: true,
    schema: optionalText(),
  }),
  s3SecretAccessKey: setting({
    variable: 'TRIBUTARY_S3_SECRET_ACCESS_KEY',
    description: 'The secret of that key.',
    allowed: 'any text',
    fallback: null,
    secret: true,
    schema: optionalText(),
  }),
  s3PathStyle: setting({
    variable: 'TRIBUTARY_S3_PATH_STYLE',
    description:
      'Whether the bucket is named in the path and not in the host name, as most servers but Amazon’s want it.',
    allowed: 'true or false',
    fallback: true,
    schema: flag(),
  }),
  s3PresignedUploads: setting({
    variable: 'TRIBUTARY_S3_PRESIGNED_UPLOADS',
    description: 'Whether uploads go straight to the object store, past our services.',
    allowed: 'true or false',
    fallback: true,
    schema: flag(),
  }),
} as const;
