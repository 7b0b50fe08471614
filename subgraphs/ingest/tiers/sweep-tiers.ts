import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../../platform/logger.ts';
import { chooseDocuments } from './choose-documents.ts';
import { leaveTiers } from './leave-tier.ts';
import { type MoveDependencies, moveDocuments } from './move-documents.ts';
import type { Tier } from './tier.ts';

export interface SweepDependencies extends MoveDependencies {
  readonly logger: Logger;
}

export interface SweepOptions {
  /** Documents that no search has shown for so many days become cold; 0 for none, and those that are come back. */
  readonly coldAfterDays: number;
  /** Vectors stay for so long where they were, for searches that began before a move; a minute and more by default. */
  readonly graceMs?: number;
}

/** What a sweep has moved. */
export interface Sweep {
  readonly cooled: number;
  readonly warmed: number;
  /** Documents whose vectors were removed from the tier that they had left. */
  readonly left: number;
}

const dayMs = 24 * 60 * 60 * 1000;
/** The longest deadline of a search is a minute. */
const usualGraceMs = 70_000;
const batchSize = 64;
/** A batch waits for users' jobs that are due, and for so long at most: so that it comes to its end all the same. */
const maxWaitMs = 10_000;
const lookAgainMs = 250;

/**
 * Moves documents that no search has shown for a while to the cold tier, and those that one has shown back again.
 * Whatever it is interrupted in, every document is in the tier that its row says; the next sweep goes on.
 */
export async function sweepTiers(
  dependencies: SweepDependencies,
  { coldAfterDays, graceMs = usualGraceMs }: SweepOptions,
  signal: AbortSignal,
): Promise<Sweep> {
  const { clock, logger } = dependencies;
  const now = clock.now();
  const left = await leaveTiers(new Date(now - graceMs), dependencies, signal);
  await forgetUse(dependencies);
  const since = coldAfterDays === 0 ? null : new Date(now - coldAfterDays * dayMs);
  const warmed = await moveAll('HOT', since, dependencies, signal);
  const cools = since !== null && (await countingSince(coldAfterDays, dependencies)) <= since;
  const cooled = cools ? await moveAll('COLD', since, dependencies, signal) : 0;
  const swept = { cooled, warmed, left };
  if (cooled + warmed + left > 0) logger.info(swept, 'documents were moved between the tiers');
  return swept;
}

async function moveAll(
  to: Tier,
  since: Date | null,
  dependencies: SweepDependencies,
  signal: AbortSignal,
): Promise<number> {
  const { database, clock } = dependencies;
  let moved = 0;
  for (let after = { tenant: '', id: '' }; ; ) {
    signal.throwIfAborted();
    await giveWay(dependencies, signal);
    const now = new Date(clock.now());
    const chosen = await database.forWorker((client) =>
      chooseDocuments(client, { to, since, after, limit: batchSize, now }),
    );
    if (chosen === null) return moved;
    const { documents, next } = chosen;
    moved += await moveDocuments(next.tenant, documents, to, dependencies, signal);
    after = next;
  }
}

/** Waits while users' jobs are due that no worker has begun. */
async function giveWay({ database }: SweepDependencies, signal: AbortSignal): Promise<void> {
  const until = Date.now() + maxWaitMs;
  while (Date.now() < until) {
    const { rowCount } = await database.forWorker((client) =>
      client.query(`select from jobs where state = 'QUEUED' and run_after <= now() limit 1`),
    );
    if (rowCount === 0) return;
    await delay(lookAgainMs, undefined, { signal });
  }
}

/** Forgets of deleted documents that they were shown. */
async function forgetUse({ database }: SweepDependencies): Promise<void> {
  await database.forWorker((client) =>
    client.query(
      `delete from document_use u using documents d
       where d.tenant = u.tenant and d.id = u.document_id and d.deleted_at is not null`,
    ),
  );
}

/**
 * Since when it is noted what searches show: since the first sweep, or the first one after so long without any that
 * it cannot be known of a document that it was shown.
 */
async function countingSince(coldAfterDays: number, { database, clock }: SweepDependencies): Promise<Date> {
  const now = new Date(clock.now());
  return database.forWorker(async (client) => {
    const { rows } = await client.query<{ counting_since: Date }>(
      `insert into cold_tier as known (counting_since, swept_at) values ($1, $1)
       on conflict (only_row) do update set swept_at = $1,
         counting_since = case when known.swept_at < $1 - $2 * interval '1 day' then $1 else known.counting_since end
       returning counting_since`,
      [now, coldAfterDays],
    );
    return rows[0]?.counting_since ?? now;
  });
}
