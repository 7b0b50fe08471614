import type { KeyObject } from 'node:crypto';
import { DisposableStack } from '../../platform/disposable-stack.ts';
import { buildSchema } from '../../platform/graphql/build-schema.ts';
import type { Logger } from '../../platform/logger.ts';
import type { AnswerStreams } from '../../platform/ports/answer-streams.ts';
import type { BlobStore } from '../../platform/ports/blob-store.ts';
import type { Cache } from '../../platform/ports/cache.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import { type Metrics, noMetrics } from '../../platform/ports/metrics.ts';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { HealthCheck, Subgraph } from '../../platform/subgraph.ts';
import { checkStores } from './check-stores.ts';
import { createIngestContext, type IngestContext } from './context.ts';
import { awaitReceipt, receiptsChannel } from './documents/receipts.ts';
import type { MediaEncoders } from './encode.ts';
import { migrationEventsChannel } from './encoders/encoder-migrations.ts';
import { PdfReader } from './extract/pdf-reader.ts';
import type { MediaReaders } from './extract.ts';
import { createContentUrls } from './http/content-url.ts';
import type { FetchUrlOptions } from './http/fetch-url.ts';
import { createRoutes } from './http/routes.ts';
import { ByteBudget } from './jobs/byte-budget.ts';
import { jobEventsChannel } from './jobs/jobs.ts';
import { NotificationHub } from './jobs/notification-hub.ts';
import { watchWork } from './jobs/watch-work.ts';
import { createResolvers } from './resolvers.ts';
import { startWorking, type WorkTiming } from './start-working.ts';

/** What the ingest subgraph needs; it owns none of it. */
export interface IngestDependencies extends MediaEncoders, MediaReaders {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly vectors: VectorStore;
  /** Where answers' events are beside the database, for deletions; null or left out where nowhere. */
  readonly streams?: AnswerStreams | null;
  /** What is remembered of searches: it is emptied of what a change touches. */
  readonly cache: Cache;
  /** Null where this process works on no jobs: taking documents in needs no model. */
  readonly encoder: Encoder | null;
  /** A second one, to migrate to. */
  readonly nextEncoder?: Encoder | null;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Signs the addresses of original bytes; every process that serves them must have the same. */
  readonly secret: string;
  /** Signs deletion receipts; Ed25519. */
  readonly receiptKey: KeyObject;
  readonly maxUploadBytes: number;
  readonly uploadLifetimeSeconds: number;
  readonly maxQueuedJobs: number;
  /** Nothing more is taken in while a job has been due for longer than this, in seconds; 0 for no such limit. */
  readonly maxBacklogAgeSeconds?: number;
  readonly fetchTimeoutMs: number;
  readonly fetchPrivateHosts: readonly string[];
  /** How many jobs are worked on at once; 0 for none: then another process must do the work. */
  readonly workers: number;
  /** Documents that no search has shown for so many days become cold; 0, the default, for none. */
  readonly coldAfterDays?: number;
  /** How names of hosts are resolved; the system's way by default. */
  readonly lookup?: FetchUrlOptions['lookup'];
  /** Aborted when the process was told to stop: no jobs are taken from then on. */
  readonly draining?: AbortSignal | undefined;
  readonly metrics?: Metrics;
  readonly timing?: Partial<IngestTiming>;
}

export interface IngestTiming extends WorkTiming {
  /** How long a deletion waits for its purge. */
  readonly receiptWaitMs: number;
}

const receiptWaitMs = 2000;

/** What is looked at before it is accepted has together at most so many bytes, or is looked at alone. */
const maxCheckedBytes = 512 * 1024 * 1024;

/** Starts the ingest subgraph: its schema, its routes and, unless told otherwise, its workers. */
export async function createIngestSubgraph(
  dependencies: IngestDependencies,
): Promise<Subgraph<IngestContext>> {
  const { database, clock, secret, encoder, workers, timing = {} } = dependencies;
  const stack = new DisposableStack();
  try {
    // Of its own: a job holds a thread for as long as its PDF is read, and what is put in does not wait for that.
    const checking = stack.use(new PdfReader({ threads: 1 }));
    const jobEvents = stack.use(await NotificationHub.open(database, jobEventsChannel));
    const receipts = stack.use(await NotificationHub.open(database, receiptsChannel));
    const migrationEvents = stack.use(await NotificationHub.open(database, migrationEventsChannel));
    const own = {
      ...dependencies,
      pdf: checking,
      heldBytes: new ByteBudget(maxCheckedBytes),
      jobEvents,
      migrationEvents,
      contentUrls: createContentUrls(secret, clock),
      fetch: {
        timeoutMs: dependencies.fetchTimeoutMs,
        privateHosts: dependencies.fetchPrivateHosts,
        ...(dependencies.lookup && { lookup: dependencies.lookup }),
      },
      awaitReceipt: awaitReceipt(database, receipts, timing.receiptWaitMs ?? receiptWaitMs),
    };
    const schema = buildSchema('ingest', createResolvers(own));
    if (workers > 0) {
      if (encoder === null) throw new TypeError('There are jobs to work on, and no encoder to do it with.');
      stack.use(await startWorking({ ...dependencies, encoder }));
    } else {
      // Also while no worker is there that would say it.
      const watching = watchWork(dependencies.metrics ?? noMetrics, database);
      stack.defer(() => watching[Symbol.dispose]());
    }
    return {
      name: 'ingest',
      schema,
      routes: createRoutes(own),
      createContext: (operation) => createIngestContext(operation, database),
      check: (signal) => check(dependencies, signal),
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

const check = (dependencies: IngestDependencies, signal: AbortSignal): Promise<HealthCheck[]> =>
  Promise.all(checkStores(dependencies, signal));
