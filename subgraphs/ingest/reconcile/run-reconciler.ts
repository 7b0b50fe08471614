import { startBackgroundTask } from '../../../platform/postgres/background-task.ts';
import { type ReconcileDependencies, reconcile } from './reconcile.ts';

/**
 * Compares the stores with the database at once, and again and again, until it is disposed of: in one process at a
 * time, whichever that is.
 */
export const startReconciler = (
  dependencies: ReconcileDependencies,
  everyMs: number,
): Promise<AsyncDisposable> =>
  startBackgroundTask({
    ...{ database: dependencies.database, logger: dependencies.logger },
    name: 'reconcile',
    everyMs,
    // A process that dies in the middle of it is soon followed by another.
    leaseMs: 10_000,
    work: (signal) => reconcile(dependencies, signal),
  });
