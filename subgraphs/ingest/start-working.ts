import type { KeyObject } from 'node:crypto';
import { DisposableStack } from '../../platform/disposable-stack.ts';
import type { Logger } from '../../platform/logger.ts';
import type { AnswerStreams } from '../../platform/ports/answer-streams.ts';
import type { BlobStore } from '../../platform/ports/blob-store.ts';
import type { Cache } from '../../platform/ports/cache.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import { type Metrics, noMetrics } from '../../platform/ports/metrics.ts';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import { startBackgroundTask } from '../../platform/postgres/background-task.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { MediaEncoders } from './encode.ts';
import { startMigrations, usualMigrationTiming } from './encoders/run-migrations.ts';
import { PdfReader } from './extract/pdf-reader.ts';
import type { MediaReaders } from './extract.ts';
import { startKeepingIndexes } from './jobs/keep-indexes.ts';
import { abilitiesOf, makeUpFor } from './jobs/make-up-for.ts';
import { startOutbox } from './jobs/run-outbox.ts';
import { watchWork } from './jobs/watch-work.ts';
import { startWorker } from './jobs/worker.ts';
import { startReconciler } from './reconcile/run-reconciler.ts';
import { startTierSweeps } from './tiers/run-sweeps.ts';

/** What it takes to work on jobs; none of it is owned. */
export interface WorkDependencies extends MediaEncoders, MediaReaders {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly vectors: VectorStore;
  /** Where answers' events are beside the database, for deletions; null or left out where nowhere. */
  readonly streams?: AnswerStreams | null;
  readonly cache: Cache;
  readonly encoder: Encoder;
  /** A second one, to migrate to. */
  readonly nextEncoder?: Encoder | null;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Signs deletion receipts; Ed25519. */
  readonly receiptKey: KeyObject;
  readonly uploadLifetimeSeconds: number;
  readonly fetchTimeoutMs: number;
  /** How many jobs are worked on at once. */
  readonly workers: number;
  /** Documents that no search has shown for so many days become cold; 0, the default, for none. */
  readonly coldAfterDays?: number;
  /** Aborted when the process was told to stop: no jobs are taken from then on. */
  readonly draining?: AbortSignal | undefined;
  readonly metrics?: Metrics;
  readonly timing?: Partial<WorkTiming>;
}

export interface WorkTiming {
  /** After so long without a sign of life from its worker a job is taken over by another. */
  readonly leaseMs: number;
  /** How long a lost notification can delay work. */
  readonly pollMs: number;
  /** How often the stores are compared with the database, beside once at the start. */
  readonly reconcileEveryMs: number;
  /** How long jobs under way may take to end when the work is stopped, before they are put back for another. */
  readonly graceMs: number;
  /** How long vectors that a migration gave up stay, for searches that began before. */
  readonly migrationGraceMs: number;
  /** How often documents are moved between the tiers. */
  readonly moveEveryMs: number;
}

/** What a dead process was at in the outbox is begun again after so long; a living one prolongs it meanwhile. */
const outboxLeaseMs = 10_000;

const usualTiming: WorkTiming = {
  leaseMs: 10_000,
  pollMs: 1000,
  reconcileEveryMs: 60 * 60 * 1000,
  graceMs: 0,
  migrationGraceMs: usualMigrationTiming.graceMs,
  moveEveryMs: 60 * 60 * 1000,
};

/** Indexes are seen to after so many new vectors, or ten minutes after the last. */
const indexing = { batchVectors: 10_000, idleMs: 10 * 60_000, everyMs: 60_000 };

/**
 * Works on what was taken in, beside the API or in a process of its own: jobs, the outbox, and the comparison of
 * the stores. Any number of processes may do so. Disposing ends it, and puts back what is not done.
 */
export async function startWorking(dependencies: WorkDependencies): Promise<AsyncDisposable> {
  const { uploadLifetimeSeconds, fetchTimeoutMs, workers, draining } = dependencies;
  const timing = { ...usualTiming, ...dependencies.timing };
  const stack = new DisposableStack();
  try {
    const pdf = stack.use(new PdfReader());
    const own = { ...dependencies, pdf, blobGraceMs: uploadLifetimeSeconds * 1000 + fetchTimeoutMs };
    stack.use(await startOutbox(own, { leaseMs: outboxLeaseMs, pollMs: timing.pollMs }));
    stack.use(await startWorker(own, { ...timing, concurrency: workers, draining }));
    const { leaseMs } = usualMigrationTiming;
    const migrationTiming = { leaseMs, pollMs: timing.pollMs * 2, graceMs: timing.migrationGraceMs };
    stack.use(await startMigrations(own, migrationTiming));
    const watching = watchWork(own.metrics ?? noMetrics, own.database);
    stack.defer(() => watching[Symbol.dispose]());
    stack.use(await startReconciler(own, timing.reconcileEveryMs));
    const abilities = abilitiesOf(own);
    if (abilities.length > 0) {
      stack.use(
        await startBackgroundTask({
          ...{
            database: own.database,
            logger: own.logger,
            everyMs: timing.reconcileEveryMs,
            leaseMs: 10_000,
          },
          // Of its own for each set of tools and spaces: another process may have others.
          name: `make-up-for ${abilities.join(' ')}`,
          work: (signal) => makeUpFor(own, signal),
        }),
      );
    }
    const { coldAfterDays = 0 } = own;
    stack.use(await startTierSweeps(own, { coldAfterDays, everyMs: timing.moveEveryMs }));
    stack.use(await startKeepingIndexes({ ...own, ...indexing }));
    return stack;
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}
