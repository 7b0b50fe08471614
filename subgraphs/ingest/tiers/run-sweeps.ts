import { startBackgroundTask } from '../../../platform/postgres/background-task.ts';
import { type SweepDependencies, sweepTiers } from './sweep-tiers.ts';

/**
 * Moves documents between the tiers again and again, until it is disposed of: in one process at a time, whichever
 * that is.
 */
export const startTierSweeps = (
  dependencies: SweepDependencies,
  { coldAfterDays, everyMs }: { readonly coldAfterDays: number; readonly everyMs: number },
): Promise<AsyncDisposable> =>
  startBackgroundTask({
    ...{ database: dependencies.database, logger: dependencies.logger, everyMs },
    name: 'tiers',
    lookMs: Math.min(everyMs, 60_000),
    work: (signal) => sweepTiers(dependencies, { coldAfterDays }, signal),
  });
