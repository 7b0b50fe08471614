import { randomUUID } from 'node:crypto';
import { createEncoderSet, type LoadedEncoders } from '../../../platform/encoder/encoder-set.ts';
import { asTributaryError } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/logger.ts';
import { Wakeup } from '../jobs/wakeup.ts';
import type { EncoderMigrationModel } from '../models.ts';
import type { StoreDependencies } from '../store.ts';
import { compareNext } from './compare-encoders.ts';
import { findOpenMigration, migrationWorkChannel } from './encoder-migrations.ts';
import { fillVectors } from './fill-vectors.ts';
import { registerEncoders } from './known-encoders.ts';
import { listWork } from './list-work.ts';
import { removeVectors } from './remove-vectors.ts';
import { settleReady } from './settle-ready.ts';

export interface MigrationTiming {
  /** After so long without a sign of life from its process a batch is taken over by another. */
  readonly leaseMs: number;
  /** How often it is looked whether there is something to do, where nothing has said so. */
  readonly pollMs: number;
  /** Vectors that were given up are removed only when searches that began before can be at them no more. */
  readonly graceMs: number;
}

/** The longest deadline of a search is a minute. */
export const usualMigrationTiming: MigrationTiming = { leaseMs: 20_000, pollMs: 2000, graceMs: 70_000 };

const registerEveryMs = 15_000;
/** Two at once: while one batch is written the other is encoded. */
const lanes = 2;
/** On a processor a batch is short, so that what users put in waits for little; other devices want to be filled. */
const batchSizeOf = (executionProvider: string): number => (executionProvider === 'cpu' ? 32 : 512);
/** A batch waits while users' jobs do, but not for ever. */
const patience = { lookMs: 100, mostMs: 5000 };

/**
 * Works on encoder migrations, beside users' jobs and behind them, and says again and again which encoders are loaded
 * here. Any number of processes may. Disposing ends it; what it was at another process takes over.
 */
export async function startMigrations(
  dependencies: StoreDependencies & LoadedEncoders & { readonly logger: Logger },
  timing: MigrationTiming,
): Promise<AsyncDisposable> {
  const { database, logger } = dependencies;
  const encoders = createEncoderSet(dependencies);
  const leaseId = randomUUID();
  const stopping = new AbortController();
  const { signal } = stopping;
  const wakeup = new Wakeup();
  const listening = await database.listen(migrationWorkChannel, () => wakeup.wake());

  const usersWait = () =>
    database.forWorker(async (client) => {
      const { rows } = await client.query<{ waiting: boolean }>(
        `select exists (select from jobs where state = 'QUEUED' and run_after <= now()) as waiting`,
      );
      return rows[0]?.waiting === true;
    });

  async function letUsersPass(): Promise<void> {
    for (const startedMs = Date.now(); Date.now() - startedMs < patience.mostMs; ) {
      if (signal.aborted || !(await usersWait())) return;
      await wakeup.wait(patience.lookMs);
    }
  }

  /**
   * Of every encoder that is loaded here: passages may lack a vector of the old one, too, where the process that took
   * them in had not loaded it.
   */
  async function fill(migration: EncoderMigrationModel | null): Promise<boolean> {
    for (const encoder of encoders.all) {
      const { fingerprint, executionProvider } = encoder.description;
      const batchSize = batchSizeOf(executionProvider);
      const migrationId = migration?.target === fingerprint ? migration.id : null;
      const options = { migrationId, encoder, leaseId, leaseMs: timing.leaseMs, batchSize };
      const done = await Promise.all(
        Array.from({ length: lanes }, () => fillVectors(dependencies, options, signal)),
      );
      if (done.includes(true)) return true;
    }
    return false;
  }

  /** @returns whether something was done, so that there may be more. */
  async function step(migration: EncoderMigrationModel): Promise<boolean> {
    if (migration.state === 'FINISHING' || migration.state === 'CANCELLING') {
      return removeVectors(migration, dependencies, { leaseId, ...timing }, signal);
    }
    const listed = migration.listed || (await listWork(database, migration));
    await letUsersPass();
    if (signal.aborted) return false;
    if (await fill(migration)) return true;
    if (!migration.listed) return listed;
    if ((await settleReady(database, migration)) !== null) return true;
    return (
      migration.state === 'READY' && (await compareNext(migration, { ...dependencies, encoders }, signal))
    );
  }

  async function loop(): Promise<void> {
    let registeredMs = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      try {
        if (performance.now() - registeredMs > registerEveryMs) {
          await database.forWorker((client) => registerEncoders(client, encoders));
          registeredMs = performance.now();
        }
        const migration = await database.forWorker(findOpenMigration);
        if (migration === null ? await fill(null) : await step(migration)) continue;
      } catch (error) {
        if (signal.aborted) return;
        logger.warn({ err: asTributaryError(error) }, 'an encoder migration could not go on; trying again');
      }
      await wakeup.wait(timing.pollMs);
    }
  }

  await database.forWorker((client) => registerEncoders(client, encoders));
  const running = loop();
  return {
    async [Symbol.asyncDispose]() {
      if (signal.aborted) return;
      stopping.abort(new DOMException('The process stops.', 'AbortError'));
      wakeup.wake();
      await listening[Symbol.asyncDispose]();
      await running;
    },
  };
}
