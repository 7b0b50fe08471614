import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../deploy/cluster/start-cluster.ts';
import type { Supervised } from '../../deploy/cluster/supervise.ts';
import { findFaults } from './find-faults.ts';
import { makePlan } from './make-plan.ts';
import { openStores } from './open-stores.ts';
import { searchFaults } from './search-faults.ts';
import { type Seeded, seeded } from './seeded.ts';
import { Writers } from './write-plan.ts';

export interface KillOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly documents: number;
  readonly tell?: (line: string) => void;
}

/** What a campaign of kills has found. */
export interface KillFigures {
  readonly seed: number;
  readonly rounds: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly documents: number;
  readonly operations: number;
  readonly deletions: number;
  /** Attempts that were not acknowledged, and made again. */
  readonly repeatedAttempts: number;
  /** How long the slowest operation took with all its attempts, in milliseconds. */
  readonly longestOperationMs: number;
  /** From a kill until every process said again that it is ready, in milliseconds: the median and the longest. */
  readonly recoveryMs: { readonly median: number; readonly longest: number };
  /** From the last kill until all stores held what was acknowledged and nothing else, in milliseconds. */
  readonly convergedAfterMs: number;
  readonly seconds: number;
  /** What was wrong in the end; empty where the campaign held. */
  readonly faults: readonly string[];
}

/** What a campaign of kills needs of the services: bytes that no row refers to are not waited for long. */
export const killSettings: Readonly<Record<string, string>> = {
  TRIBUTARY_UPLOAD_LIFETIME_SECONDS: '2',
  TRIBUTARY_FETCH_TIMEOUT_MS: '1000',
  TRIBUTARY_RECONCILE_SECONDS: '5',
};

const victims = ['worker', 'ingest', 'postgres', 'milvus', 'redis'] as const;
/** In so many rounds a second process dies shortly after the first. */
const doubleShare = 0.2;
/** How long it may take to converge, in milliseconds. */
const convergenceMs = 30_000;
/** How long it is waited for all the same, to say how long it took. */
const patienceMs = 180_000;

const victimOf = (name: (typeof victims)[number], cluster: Cluster, random: Seeded): Supervised => {
  if (name === 'worker') return random.pick(cluster.services.workers);
  return name === 'ingest' ? cluster.services.ingest : cluster.stores[name];
};

/**
 * Kills processes of a cluster at random moments while documents are put in, changed and deleted, and then compares
 * all stores with what was acknowledged.
 */
export async function runKills(cluster: Cluster, options: KillOptions): Promise<KillFigures> {
  const { seed, rounds, documents, tell = () => {} } = options;
  const random = seeded(seed);
  const plan = makePlan(documents, random);
  const kills: Record<string, number> = Object.fromEntries(victims.map((name) => [name, 0]));
  const recoveries: number[] = [];
  const writers = new Writers(plan, () => cluster.url);
  const begunAt = Date.now();
  let lastKill = begunAt;

  async function killOne(): Promise<void> {
    const name = random.pick(victims);
    kills[name] = (kills[name] ?? 0) + 1;
    await victimOf(name, cluster, random).crash();
    lastKill = Date.now();
  }

  try {
    for (let round = 0; round < rounds; round++) {
      writers.allow(Math.ceil((plan.operations.length * (round + 1)) / rounds));
      // The moment of the kill is what is tried here, not something that is waited for.
      await delay(random.next() * 600);
      await killOne();
      if (random.next() < doubleShare) {
        await delay(random.next() * 600);
        await killOne();
      }
      await cluster.untilReady(AbortSignal.timeout(120_000));
      recoveries.push(Date.now() - lastKill);
      if ((round + 1) % 10 === 0) {
        const { acknowledged, repeated } = writers.written;
        tell(`round ${round + 1} of ${rounds}: ${acknowledged} acknowledged, ${repeated} attempts repeated`);
      }
    }
    await writers.finish();
    const { faults, at } = await converge(cluster, plan.expected);
    const found = faults.length > 0 ? faults : await searchFaults(cluster.url, plan, random);
    if (at - lastKill > convergenceMs) found.push(`it took ${at - lastKill} ms to converge`);
    recoveries.sort((a, b) => a - b);
    return {
      ...{ seed, rounds, kills, documents },
      operations: plan.operations.length,
      deletions: plan.operations.filter(({ text }) => text === null).length,
      repeatedAttempts: writers.written.repeated,
      longestOperationMs: Math.round(writers.written.longestMs),
      recoveryMs: { median: recoveries[recoveries.length >> 1] ?? 0, longest: recoveries.at(-1) ?? 0 },
      convergedAfterMs: at - lastKill,
      seconds: Math.round((Date.now() - begunAt) / 1000),
      faults: [...writers.written.wrong, ...found],
    };
  } finally {
    writers.stop();
  }
}

/** Looks again and again until nothing is wrong, or it has taken too long. */
async function converge(cluster: Cluster, expected: ReadonlyMap<string, string>) {
  await using stores = await openStores(cluster);
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const faults = await findFaults(stores, expected);
    if (faults.length === 0 || Date.now() > deadline) return { faults, at: Date.now() };
    await delay(200);
  }
}
