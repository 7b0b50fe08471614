import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createEncoderSet } from '../../../platform/encoder/encoder-set.ts';
import { createServingEncoder } from '../../../platform/encoder/serving-encoder.ts';
import { asTributaryError, type TributaryError } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { BlobStore } from '../../../platform/ports/blob-store.ts';
import { type Metrics, noMetrics } from '../../../platform/ports/metrics.ts';
import type { PipelineDependencies } from '../pipeline.ts';
import { ingest } from '../pipeline.ts';
import { ByteBudget } from './byte-budget.ts';
import {
  changeJob,
  jobsChannel,
  LeaseLostError,
  prolongLeases,
  releaseJobs,
  type TakenJob,
  takeJobs,
} from './jobs.ts';
import { abilitiesOf } from './make-up-for.ts';
import { refreshVectors } from './refresh-vectors.ts';
import { Throttle } from './throttle.ts';
import { Wakeup } from './wakeup.ts';
import { findWork, settleFailure, startWork } from './work.ts';

export interface WorkerDependencies extends PipelineDependencies {
  readonly blobs: BlobStore;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

export interface WorkerOptions {
  /** How many jobs are worked on at once. */
  readonly concurrency: number;
  /** After so long without a sign of life another worker takes a job over. */
  readonly leaseMs: number;
  /** How long a missed notification can delay a job. */
  readonly pollMs: number;
  /** How long jobs under way may take to end when this is disposed, before they are put back; 0 by default. */
  readonly graceMs?: number;
  /** Aborted when the process was told to stop: no jobs are taken from then on. */
  readonly draining?: AbortSignal | undefined;
}

/** The documents that are worked on at once have together at most so many bytes, or there is only one. */
const maxHeldBytes = 512 * 1024 * 1024;

/** A worker that is running. Disposing stops it; what is not done within the time of grace is put back for another. */
export async function startWorker(
  dependencies: WorkerDependencies,
  options: WorkerOptions,
): Promise<AsyncDisposable> {
  const { database, logger, metrics = noMetrics } = dependencies;
  const leaseId = randomUUID();
  const stopping = new AbortController();
  const wakeup = new Wakeup();
  const budget = new ByteBudget(maxHeldBytes);
  const throttle = new Throttle();
  const active = new Map<string, { readonly cancel: AbortController; readonly done: Promise<void> }>();
  const encoders = createEncoderSet(dependencies);
  const abilities = abilitiesOf(dependencies);
  const flag = createServingEncoder(database, encoders);
  let hasServing = true;
  const noMore = () => stopping.signal.aborted || options.draining?.aborted === true;
  const listening = await database.listen(jobsChannel, () => wakeup.wake());

  async function work(job: TakenJob, cancel: AbortController): Promise<void> {
    const startedAt = performance.now();
    const outcome = await attempt(job, cancel);
    const seconds = (performance.now() - startedAt) / 1000;
    metrics.observe('tributary_job_duration_seconds', { kind: job.kind, outcome }, seconds);
  }

  async function attempt(job: TakenJob, cancel: AbortController): Promise<string> {
    try {
      await workOn(job, budget, dependencies, cancel.signal);
      throttle.release();
      return 'SUCCEEDED';
    } catch (error) {
      if (cancel.signal.aborted || error instanceof LeaseLostError) return 'GIVEN_UP';
      const failure = asTributaryError(error);
      if (failure.code === 'BUSY') throttle.hold();
      await fail(job, failure);
      return 'FAILED';
    }
  }

  async function fail(job: TakenJob, error: TributaryError): Promise<void> {
    const level = error.code === 'DEFECT' ? 'error' : 'info';
    logger[level]({ err: error, jobId: job.id, tenant: job.tenant }, 'a job failed');
    try {
      await settleFailure(database, job, error);
    } catch (failure) {
      // Its lease runs out, and then it is taken again.
      if (!(failure instanceof LeaseLostError))
        logger.warn({ err: failure, jobId: job.id }, 'a failure was not kept');
    }
  }

  /** Content is cut and encoded by the encoder that serves: where that is not loaded, it is left to other processes. */
  async function canTakeContent(): Promise<boolean> {
    const { serving } = await flag.read();
    const has = encoders.find(serving) !== null;
    if (has !== hasServing) {
      if (has) logger.info({ serving }, 'the encoder that serves is loaded here: documents are worked on');
      else logger.warn({ serving }, 'the encoder that serves is not loaded here: documents wait for others');
    }
    hasServing = has;
    return has;
  }

  function begin(job: TakenJob): void {
    const cancel = new AbortController();
    const done = work(job, cancel).finally(() => {
      active.delete(job.id);
      wakeup.wake();
    });
    active.set(job.id, { cancel, done });
  }

  async function takeLoop(): Promise<void> {
    let after: string | undefined;
    while (!noMore()) {
      const limit = throttle.limit(options.concurrency) - active.size;
      let taken: readonly TakenJob[] = [];
      try {
        if (limit > 0) {
          const content = await canTakeContent();
          taken = await database.forWorker((client) =>
            takeJobs(client, { limit, leaseId, leaseMs: options.leaseMs, after, content, abilities }),
          );
        }
      } catch (error) {
        logger.warn({ err: error }, 'no jobs could be taken; trying again');
      }
      for (const job of taken) begin(job);
      after = taken.at(-1)?.tenant ?? after;
      if (taken.length < limit || limit <= 0) await wakeup.wait(options.pollMs);
    }
  }

  async function heartbeat(): Promise<void> {
    const ids = [...active.keys()];
    if (ids.length === 0) return;
    try {
      const held = await database.forWorker((client) =>
        prolongLeases(client, { leaseId, jobIds: ids, leaseMs: options.leaseMs }),
      );
      for (const id of ids) {
        if (!held.has(id)) active.get(id)?.cancel.abort(new LeaseLostError(`The job ${id} was given up.`));
      }
    } catch (error) {
      logger.warn({ err: error }, 'leases could not be prolonged; trying again');
    }
  }

  const allDone = () => Promise.all([...active.values()].map(({ done }) => done));

  let beating: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    beating = beating.then(heartbeat);
  }, options.leaseMs / 4);
  const loop = takeLoop();

  return {
    async [Symbol.asyncDispose]() {
      if (stopping.signal.aborted) return;
      stopping.abort();
      wakeup.wake();
      await listening[Symbol.asyncDispose]();
      await loop;
      await Promise.race([allDone(), delay(options.graceMs ?? 0, undefined, { ref: false })]);
      clearInterval(timer);
      for (const { cancel } of active.values()) cancel.abort(new LeaseLostError('The worker stops.'));
      await Promise.all([beating, allDone()]);
      try {
        await database.forWorker((client) => releaseJobs(client, leaseId));
      } catch (error) {
        logger.warn({ err: error }, 'jobs could not be put back; they are taken again when their leases end');
      }
    },
  };
}

/** Does one job. */
async function workOn(
  job: TakenJob,
  budget: ByteBudget,
  dependencies: WorkerDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { database, blobs } = dependencies;
  await startWork(database, job);
  if (job.kind === 'ATTRIBUTES') return refreshVectors(job, dependencies, signal);
  const waiting = await findWork(database, blobs, job);
  using _room = await budget.take(waiting.byteSize, signal);
  const work = await waiting.read(signal);
  await ingest(
    work,
    async (change) => {
      signal.throwIfAborted();
      await database.forWorker((client) => changeJob(client, job, change));
    },
    dependencies,
    signal,
  );
}
