import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { mediaSettings } from './media-settings.ts';
import { flag, integer, list, number, oneOf, optionalText, optionalUrl, path, text } from './parse.ts';
import { serviceSettings } from './service-settings.ts';
import { setting } from './setting.ts';
import { storeSettings } from './store-settings.ts';

const cacheHome = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const megabyte = 1024 * 1024;

/** Every setting there is. `docs/settings.md` is generated from this. */
export const settings = {
  // ── Where it listens and keeps things ──
  port: setting({
    variable: 'PORT',
    description:
      'The port that the gateway (or the one service that is started by itself) listens on; 0 picks a free one.',
    allowed: '0 to 65535',
    fallback: 4000,
    schema: integer(0, 65535),
  }),
  host: setting({
    variable: 'HOST',
    description: 'The address to listen on. Anything but loopback needs API keys or JWT to be configured.',
    allowed: 'an IP address or host name',
    fallback: '127.0.0.1',
    schema: text(),
  }),
  dataDirectory: setting({
    variable: 'TRIBUTARY_DATA',
    description: 'The folder that holds everything that is kept: database, vectors, blobs, secrets.',
    allowed: 'a path that can be written to',
    fallback: { described: '`data` in the project', value: resolve('data') },
    schema: path(),
  }),
  modelsDirectory: setting({
    variable: 'TRIBUTARY_MODELS',
    description:
      'The folder that holds model files, shared by all commands and projects. May be filled by hand, for use offline.',
    allowed: 'a path',
    fallback: { described: '`~/.cache/tributary/models`', value: join(cacheHome, 'tributary', 'models') },
    schema: path(),
  }),
  offline: setting({
    variable: 'TRIBUTARY_OFFLINE',
    description: 'Whether to download nothing and use only the model files that are there.',
    allowed: 'true or false',
    fallback: false,
    schema: flag(),
  }),
  modelHub: setting({
    variable: 'TRIBUTARY_MODEL_HUB',
    description: 'The model hub, or a mirror of it in the same layout.',
    allowed: 'an http or https address',
    fallback: 'https://huggingface.co',
    schema: optionalUrl(),
  }),
  loadSamples: setting({
    variable: 'TRIBUTARY_SAMPLES',
    description: 'Whether a first start loads the sample library.',
    allowed: 'true or false',
    fallback: true,
    schema: flag(),
  }),
  logLevel: setting({
    variable: 'TRIBUTARY_LOG_LEVEL',
    description: 'How much is logged, as JSON lines on standard error.',
    allowed: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
    fallback: 'warn' as const,
    schema: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
  }),
  ...storeSettings,

  // ── Services by themselves ──
  ingestUrl: setting({
    variable: 'TRIBUTARY_INGEST_URL',
    description: 'Where the ingest service is, when the gateway is started by itself.',
    allowed: 'an http or https address',
    fallback: 'http://127.0.0.1:4001',
    schema: optionalUrl(),
  }),
  retrievalUrl: setting({
    variable: 'TRIBUTARY_RETRIEVAL_URL',
    description: 'Where the retrieval service is, when the gateway is started by itself.',
    allowed: 'an http or https address',
    fallback: 'http://127.0.0.1:4002',
    schema: optionalUrl(),
  }),
  generationUrl: setting({
    variable: 'TRIBUTARY_GENERATION_URL',
    description: 'Where the generation service is, when the gateway is started by itself.',
    allowed: 'an http or https address',
    fallback: 'http://127.0.0.1:4003',
    schema: optionalUrl(),
  }),
  gatewayUrl: setting({
    variable: 'TRIBUTARY_GATEWAY_URL',
    description:
      'Where the gateway is, for a generation service that is started by itself: it searches through it.',
    allowed: 'an http or https address',
    fallback: 'http://127.0.0.1:4000',
    schema: optionalUrl(),
  }),
  internalSecret: setting({
    variable: 'TRIBUTARY_INTERNAL_SECRET',
    description:
      'Signs identities between the services; all of them must have the same. Made and kept in the data folder by default.',
    allowed: 'at least 32 characters',
    fallback: null,
    secret: true,
    schema: optionalText().refine((value) => value === null || value.length >= 32),
  }),
  ...serviceSettings,
  ...mediaSettings,

  // ── Who may do what ──
  apiKeys: setting({
    variable: 'TRIBUTARY_API_KEYS',
    description:
      'API keys: a JSON array of `{"key", "tenant", "name", "scopes"}`, or the path of a file that holds one, as `@path`.',
    allowed: 'a JSON array, or `@` and a path; a key has at least 16 characters',
    fallback: null,
    secret: true,
    schema: optionalText(),
  }),
  jwksUrl: setting({
    variable: 'TRIBUTARY_JWKS_URL',
    description: 'Where the public keys of JSON Web Tokens are; tokens are refused without it.',
    allowed: 'an http or https address',
    fallback: null,
    schema: optionalUrl(),
  }),
  jwtIssuer: setting({
    variable: 'TRIBUTARY_JWT_ISSUER',
    description: 'The issuer that tokens must name; needed with `TRIBUTARY_JWKS_URL`.',
    allowed: 'any text',
    fallback: null,
    schema: optionalText(),
  }),
  jwtAudience: setting({
    variable: 'TRIBUTARY_JWT_AUDIENCE',
    description: 'The audience that tokens must name.',
    allowed: 'any text',
    fallback: 'tributary',
    schema: text(),
  }),
  jwtTenantClaim: setting({
    variable: 'TRIBUTARY_JWT_TENANT_CLAIM',
    description: 'The claim of a token that names the tenant.',
    allowed: 'any text',
    fallback: 'tenant',
    schema: text(),
  }),

  // ── Limits of requests ──
  maxUploadBytes: setting({
    variable: 'TRIBUTARY_MAX_UPLOAD_BYTES',
    description: 'The most bytes of one document.',
    allowed: '1 to 2147483647',
    fallback: 256 * megabyte,
    schema: integer(1, 2_147_483_647),
  }),
  uploadLifetimeSeconds: setting({
    variable: 'TRIBUTARY_UPLOAD_LIFETIME_SECONDS',
    description: 'How long the address of an upload can be used, in seconds.',
    allowed: '1 to 604800',
    fallback: 3600,
    schema: integer(1, 604_800),
  }),
  maxBodyBytes: setting({
    variable: 'TRIBUTARY_MAX_BODY_BYTES',
    description: 'The most bytes of one GraphQL request.',
    allowed: '1024 to 104857600',
    fallback: 2 * megabyte,
    schema: integer(1024, 100 * megabyte),
  }),
  maxDepth: setting({
    variable: 'TRIBUTARY_MAX_DEPTH',
    description: 'The deepest nesting of one operation.',
    allowed: '1 to 100',
    fallback: 15,
    schema: integer(1, 100),
  }),
  maxAliases: setting({
    variable: 'TRIBUTARY_MAX_ALIASES',
    description: 'The most aliases of one operation.',
    allowed: '0 to 1000',
    fallback: 30,
    schema: integer(0, 1000),
  }),
  maxTokens: setting({
    variable: 'TRIBUTARY_MAX_TOKENS',
    description: 'The most lexical tokens of one operation.',
    allowed: '100 to 100000',
    fallback: 4000,
    schema: integer(100, 100_000),
  }),
  maxCost: setting({
    variable: 'TRIBUTARY_MAX_COST',
    description: 'The highest cost of one operation, as the demand control specification counts it.',
    allowed: '1 to 10000000',
    fallback: 20_000,
    schema: integer(1, 10_000_000),
  }),
  maxSubscriptionsPerSocket: setting({
    variable: 'TRIBUTARY_MAX_SUBSCRIPTIONS_PER_SOCKET',
    description: 'The most subscriptions of one WebSocket.',
    allowed: '1 to 10000',
    fallback: 100,
    schema: integer(1, 10_000),
  }),

  // ── Encoding ──
  encoderModel: setting({
    variable: 'TRIBUTARY_ENCODER_MODEL',
    description: 'The text encoder: a name of the lock file, or a folder in the hub’s layout.',
    allowed: 'a name of `platform/models/models.lock.json`, or a path',
    fallback: 'all-minilm-l6-v2-int8',
    schema: text(),
  }),
  encoderThreads: setting({
    variable: 'TRIBUTARY_ENCODER_THREADS',
    description: 'How many threads one encoding uses.',
    allowed: '1 to 256',
    fallback: { described: 'the number of cores', value: availableParallelism() },
    schema: integer(1, 256),
  }),
  executionProviders: setting({
    variable: 'TRIBUTARY_EXECUTION_PROVIDERS',
    description: 'The execution providers to try, in order of preference, separated by commas.',
    allowed: '`cuda`, `tensorrt`, `webgpu`, `dml`, `coreml`, `cpu`',
    fallback: ['cpu'] as readonly string[],
    schema: list().refine(
      (names) =>
        names.length > 0 &&
        names.every((name) => ['cuda', 'tensorrt', 'webgpu', 'dml', 'coreml', 'cpu'].includes(name)),
    ),
  }),
  encoderBatchSize: setting({
    variable: 'TRIBUTARY_ENCODER_BATCH_SIZE',
    description: 'The most texts that are encoded together.',
    allowed: '1 to 1024',
    fallback: 32,
    schema: integer(1, 1024),
  }),
  encoderQueueSize: setting({
    variable: 'TRIBUTARY_ENCODER_QUEUE_SIZE',
    description: 'The most texts that may wait to be encoded; more are refused as busy.',
    allowed: '1 to 1000000',
    fallback: 8192,
    schema: integer(1, 1_000_000),
  }),
  encoderWaitMs: setting({
    variable: 'TRIBUTARY_ENCODER_WAIT_MS',
    description:
      'How long passages and pictures wait for others to be encoded with, in milliseconds, where their batch is not full and nothing is being encoded. Queries never wait. A GPU gains by some milliseconds; a CPU does not.',
    allowed: '0 to 1000',
    fallback: 0,
    schema: integer(0, 1000),
  }),

  // ── Ingest ──
  ingestWorkers: setting({
    variable: 'TRIBUTARY_INGEST_WORKERS',
    description: 'How many jobs are worked on at once in this process; 0 for none.',
    allowed: '0 to 64',
    fallback: 8,
    schema: integer(0, 64),
  }),
  maxQueuedJobs: setting({
    variable: 'TRIBUTARY_MAX_QUEUED_JOBS',
    description: 'The most jobs that may wait; more are refused as busy.',
    allowed: '1 to 10000000',
    fallback: 100_000,
    schema: integer(1, 10_000_000),
  }),
  fetchTimeoutMs: setting({
    variable: 'TRIBUTARY_FETCH_TIMEOUT_MS',
    description: 'How long fetching a URL may take, in milliseconds.',
    allowed: '100 to 600000',
    fallback: 30_000,
    schema: integer(100, 600_000),
  }),
  fetchPrivateHosts: setting({
    variable: 'TRIBUTARY_FETCH_PRIVATE_HOSTS',
    description:
      'Hosts at private addresses that documents may be fetched from all the same, as `host:port`, separated by commas.',
    allowed: 'a list of `host:port`',
    fallback: [] as readonly string[],
    schema: list(),
  }),

  // ── Generation ──
  answerStyle: setting({
    variable: 'TRIBUTARY_ANSWER_STYLE',
    description:
      'How questions are answered by default. `auto` lets the model write where it is good enough, and quotes passages where it is not.',
    allowed: '`auto`, `generated` or `extractive`',
    fallback: 'auto' as const,
    schema: oneOf(['auto', 'generated', 'extractive']),
  }),
  languageModel: setting({
    variable: 'TRIBUTARY_LANGUAGE_MODEL',
    description:
      'The local language model: `auto` for the best that can be had, `none`, a name of the lock file, or the path of a GGUF file. With `none` answers are made of the passages’ own sentences.',
    allowed: '`auto`, `none`, a name of `platform/models/models.lock.json`, or a path',
    fallback: 'auto',
    schema: text(),
  }),
  languageModelThreads: setting({
    variable: 'TRIBUTARY_LANGUAGE_MODEL_THREADS',
    description: 'How many threads the local language model uses.',
    allowed: '1 to 256',
    fallback: { described: 'half the number of cores', value: Math.max(1, availableParallelism() >> 1) },
    schema: integer(1, 256),
  }),
  openaiBaseUrl: setting({
    variable: 'TRIBUTARY_OPENAI_BASE_URL',
    description:
      'An OpenAI-compatible endpoint to use instead of the local model, such as `https://host/v1`.',
    allowed: 'an http or https address',
    fallback: null,
    schema: optionalUrl(),
  }),
  openaiModel: setting({
    variable: 'TRIBUTARY_OPENAI_MODEL',
    description: 'The model to ask for there; needed with `TRIBUTARY_OPENAI_BASE_URL`.',
    allowed: 'any text',
    fallback: null,
    schema: optionalText(),
  }),
  openaiApiKey: setting({
    variable: 'TRIBUTARY_OPENAI_API_KEY',
    description: 'The key to send there.',
    allowed: 'any text',
    fallback: null,
    secret: true,
    schema: optionalText(),
  }),
  openaiContextTokens: setting({
    variable: 'TRIBUTARY_OPENAI_CONTEXT_TOKENS',
    description: 'The most tokens, prompt and answer together, that the model there takes.',
    allowed: '512 to 10000000',
    fallback: 32_768,
    schema: integer(512, 10_000_000),
  }),
  promptPrice: setting({
    variable: 'TRIBUTARY_PROMPT_PRICE',
    description: 'The price of a million prompt tokens, in US dollars; costs are not given without it.',
    allowed: '0 to 10000',
    fallback: null as number | null,
    schema: number(0, 10_000),
  }),
  completionPrice: setting({
    variable: 'TRIBUTARY_COMPLETION_PRICE',
    description: 'The price of a million tokens of an answer, in US dollars.',
    allowed: '0 to 10000',
    fallback: null as number | null,
    schema: number(0, 10_000),
  }),
  tokenBudget: setting({
    variable: 'TRIBUTARY_TOKEN_BUDGET',
    description: 'The most tokens of one answer, prompt and answer together.',
    allowed: '256 to 131072',
    fallback: 2048,
    schema: integer(256, 131_072),
  }),
  answerGraceSeconds: setting({
    variable: 'TRIBUTARY_ANSWER_GRACE_SECONDS',
    description: 'An answer that nobody has listened to for this long is stopped, in seconds.',
    allowed: '1 to 86400',
    fallback: 60,
    schema: integer(1, 86_400),
  }),
  answerLeaseSeconds: setting({
    variable: 'TRIBUTARY_ANSWER_LEASE_SECONDS',
    description:
      'After this long without a sign of life from its process an answer is taken over by another one, in seconds.',
    allowed: '1 to 600',
    fallback: 5,
    schema: integer(1, 600),
  }),
} as const;
