import type { KeyObject } from 'node:crypto';
import { DisposableStack } from '../../platform/disposable-stack.ts';
import { asTributaryError } from '../../platform/errors.ts';
import { buildSchema } from '../../platform/graphql/build-schema.ts';
import type { Logger } from '../../platform/logger.ts';
import type { BlobStore } from '../../platform/ports/blob-store.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { HealthCheck, Subgraph } from '../../platform/subgraph.ts';
import { createIngestContext, type IngestContext } from './context.ts';
import { awaitReceipt, receiptsChannel } from './documents/receipts.ts';
import { PdfReader } from './extract/pdf-reader.ts';
import { createContentUrls } from './http/content-url.ts';
import type { FetchUrlOptions } from './http/fetch-url.ts';
import { createRoutes } from './http/routes.ts';
import { ByteBudget } from './jobs/byte-budget.ts';
import { jobEventsChannel } from './jobs/jobs.ts';
import { NotificationHub } from './jobs/notification-hub.ts';
import { startOutbox } from './jobs/run-outbox.ts';
import { startWorker } from './jobs/worker.ts';
import { startReconciler } from './reconcile/run-reconciler.ts';
import { createResolvers } from './resolvers.ts';

/** What the ingest subgraph needs; it owns none of it. */
export interface IngestDependencies {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly vectors: VectorStore;
  readonly encoder: Encoder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Signs the addresses of original bytes; every process that serves them must have the same. */
  readonly secret: string;
  /** Signs deletion receipts; Ed25519. */
  readonly receiptKey: KeyObject;
  readonly maxUploadBytes: number;
  readonly uploadLifetimeSeconds: number;
  readonly maxQueuedJobs: number;
  readonly fetchTimeoutMs: number;
  readonly fetchPrivateHosts: readonly string[];
  /** How many jobs are worked on at once; 0 for none: then another process must do the work. */
  readonly workers: number;
  /** How names of hosts are resolved; the system's way by default. */
  readonly lookup?: FetchUrlOptions['lookup'];
  readonly timing?: Partial<IngestTiming>;
}

export interface IngestTiming {
  /** After so long without a sign of life from its worker a job is taken over by another. */
  readonly leaseMs: number;
  /** How long a lost notification can delay work. */
  readonly pollMs: number;
  /** How long a deletion waits for its purge. */
  readonly receiptWaitMs: number;
  /** How often the stores are compared with the database, beside once at the start. */
  readonly reconcileEveryMs: number;
}

const usualTiming: IngestTiming = {
  leaseMs: 10_000,
  pollMs: 1000,
  receiptWaitMs: 2000,
  reconcileEveryMs: 60 * 60 * 1000,
};

/** What is looked at before it is accepted has together at most so many bytes, or is looked at alone. */
const maxCheckedBytes = 512 * 1024 * 1024;

/** Starts the ingest subgraph: its schema, its routes and, unless told otherwise, its workers. */
export async function createIngestSubgraph(
  dependencies: IngestDependencies,
): Promise<Subgraph<IngestContext>> {
  const { database, clock, secret, workers } = dependencies;
  const timing = { ...usualTiming, ...dependencies.timing };
  const stack = new DisposableStack();
  try {
    // A job holds a thread for as long as its PDF is read and encoded; what is just put in does not wait for that.
    const reading = stack.use(new PdfReader());
    const checking = stack.use(new PdfReader({ threads: 1 }));
    const jobEvents = stack.use(await NotificationHub.open(database, jobEventsChannel));
    const receipts = stack.use(await NotificationHub.open(database, receiptsChannel));
    const blobGraceMs = dependencies.uploadLifetimeSeconds * 1000 + dependencies.fetchTimeoutMs;
    const own = {
      ...dependencies,
      pdf: checking,
      heldBytes: new ByteBudget(maxCheckedBytes),
      jobEvents,
      blobGraceMs,
      contentUrls: createContentUrls(secret, clock),
      fetch: {
        timeoutMs: dependencies.fetchTimeoutMs,
        privateHosts: dependencies.fetchPrivateHosts,
        ...(dependencies.lookup && { lookup: dependencies.lookup }),
      },
      awaitReceipt: awaitReceipt(database, receipts, timing.receiptWaitMs),
    };
    const schema = buildSchema('ingest', createResolvers(own));
    if (workers > 0) {
      stack.use(await startOutbox(own, { leaseMs: 60_000, pollMs: timing.pollMs }));
      stack.use(await startWorker({ ...own, pdf: reading }, { ...timing, concurrency: workers }));
      stack.use(startReconciler(own, timing.reconcileEveryMs));
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

async function check(
  { database, vectors, encoder, blobs }: IngestDependencies,
  signal: AbortSignal,
): Promise<HealthCheck[]> {
  const probe = async (name: string, work: () => Promise<string>): Promise<HealthCheck> => {
    try {
      return { name, healthy: true, detail: await work() };
    } catch (error) {
      return { name, healthy: false, detail: asTributaryError(error).publicMessage };
    }
  };
  return Promise.all([
    probe('database', async () => {
      await database.ping(signal);
      return 'It answers.';
    }),
    probe('vectors', async () => {
      const { vendor, version } = await vectors.capabilities(signal);
      return `${vendor} ${version}`;
    }),
    probe('blobs', async () => {
      for await (const _ of blobs.list('documents/', signal)) break;
      return 'It answers.';
    }),
    probe('encoder', async () => `${encoder.description.model} on ${encoder.description.executionProvider}`),
  ]);
}
