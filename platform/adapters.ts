import type { Config } from './config/config.ts';
import type { Logger } from './logger.ts';
import {
  openAnswerStreams,
  openBlobs,
  openBus,
  openCache,
  openDatabase,
  openEncoder,
  openLanguageModel,
  openNextEncoder,
  openRedis,
  openVectors,
} from './open-adapters.ts';
import {
  openMediaDecoder,
  openPictureDecoder,
  openSoundEncoder,
  openTextReader,
  openTranscriber,
  openVisualEncoder,
} from './open-media-adapters.ts';
import type { AnswerStreams } from './ports/answer-streams.ts';
import type { BlobStore } from './ports/blob-store.ts';
import type { Cache } from './ports/cache.ts';
import { type Clock, systemClock } from './ports/clock.ts';
import type { Encoder } from './ports/encoder.ts';
import type { LanguageModel } from './ports/language-model.ts';
import type { MediaDecoder } from './ports/media-decoder.ts';
import type { MessageBus } from './ports/message-bus.ts';
import type { Metrics } from './ports/metrics.ts';
import type { PictureDecoder } from './ports/picture-decoder.ts';
import type { SoundEncoder } from './ports/sound-encoder.ts';
import type { TextReader } from './ports/text-reader.ts';
import type { Transcriber } from './ports/transcriber.ts';
import type { VectorStore } from './ports/vector-store.ts';
import type { VisualEncoder } from './ports/visual-encoder.ts';
import type { Database } from './postgres/database.ts';
import type { RedisConnection } from './redis/redis-connection.ts';
import type { ProcessContext } from './run-process.ts';
import { loadSecrets, type Secrets } from './secrets.ts';

/**
 * What a process has, opened when it is first asked for and then shared: the subgraphs of one process have one
 * pool, one encoder and one store of vectors together, and a process opens nothing that it does not use.
 */
export interface Adapters {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Aborted when the process was told to stop. */
  readonly draining: AbortSignal;
  readonly metrics: Metrics;
  database(): Promise<Database>;
  blobs(): Promise<BlobStore>;
  vectors(): Promise<VectorStore>;
  encoder(): Promise<Encoder>;
  /** A second one, to migrate to; null where none is configured. */
  nextEncoder(): Promise<Encoder | null>;
  /** Null where it is configured away, or its files cannot be had: then what needs it is said to be missing. So are the next four. */
  visualEncoder(): Promise<VisualEncoder | null>;
  soundEncoder(): Promise<SoundEncoder | null>;
  transcriber(): Promise<Transcriber | null>;
  textReader(): Promise<TextReader | null>;
  mediaDecoder(): Promise<MediaDecoder | null>;
  pictureDecoder(): Promise<PictureDecoder | null>;
  languageModel(): Promise<LanguageModel | null>;
  /** Null where none is configured: then all is done in process and in PostgreSQL. */
  redis(): Promise<RedisConnection | null>;
  bus(): Promise<MessageBus>;
  /** Null without Redis. */
  answerStreams(): Promise<AnswerStreams | null>;
  cache(): Promise<Cache>;
  secrets(): Promise<Secrets>;
}

/** Adapters that are there already, in the place of those that the configuration asks for. */
export type GivenAdapters = {
  readonly [Name in Exclude<
    keyof Adapters,
    'config' | 'logger' | 'clock' | 'draining' | 'metrics'
  >]?: Awaited<ReturnType<Adapters[Name]>>;
};

/** Opens at the first call; every later one gets the same. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}

/** The adapters of one process, each owned by the process's stack. Only `main.ts` files use this. */
export function createAdapters(context: ProcessContext, given: GivenAdapters = {}): Adapters {
  const either = <T>(known: T | undefined, open: (context: ProcessContext) => Promise<T>) =>
    once(async () => (known === undefined ? open(context) : known));
  const database = either(given.database, openDatabase);
  const redis = either(given.redis, openRedis);
  const bus = either(given.bus, async () => {
    return openBus(context, { redis: await redis(), database: await database() });
  });
  return {
    config: context.config,
    logger: context.logger,
    clock: systemClock,
    draining: context.draining,
    metrics: context.metrics,
    database,
    blobs: either(given.blobs, openBlobs),
    vectors: either(given.vectors, openVectors),
    encoder: either(given.encoder, openEncoder),
    nextEncoder: either(given.nextEncoder, openNextEncoder),
    visualEncoder: either(given.visualEncoder, openVisualEncoder),
    soundEncoder: either(given.soundEncoder, openSoundEncoder),
    transcriber: either(given.transcriber, openTranscriber),
    textReader: either(given.textReader, openTextReader),
    mediaDecoder: either(given.mediaDecoder, openMediaDecoder),
    pictureDecoder: either(given.pictureDecoder, openPictureDecoder),
    languageModel: either(given.languageModel, openLanguageModel),
    redis,
    bus,
    cache: either(given.cache, async () => openCache(context, { redis: await redis(), bus })),
    answerStreams: either(given.answerStreams, async () => openAnswerStreams(context, await redis())),
    secrets: either(given.secrets, ({ config }) => loadSecrets(config)),
  };
}
