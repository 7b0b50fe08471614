import { setTimeout as delay } from 'node:timers/promises';
import { allServices, type Cluster } from '../../deploy/cluster/start-cluster.ts';
import { type StoreName, storeNames } from '../../deploy/cluster/start-stores.ts';
import { type AnswerFigures, startAnswerLoad } from './answer-load.ts';
import { Library } from './library.ts';
import { type SearchFigures, startSearchLoad } from './search-load.ts';
import { seeded } from './seeded.ts';
import { type Direction, type SpoiledProxy, type Spoiling, startSpoiledProxy } from './spoiled-proxy.ts';

export interface BadStoreOptions {
  readonly seed: number;
  readonly documents: number;
  /** How long each store is bad in each way, in milliseconds. */
  readonly badMs: number;
  /** How much later than its deadline a search may be answered, in milliseconds. */
  readonly allowanceMs: number;
  /** Which stores are made bad in which ways; all in all by default. */
  readonly only?: Partial<Readonly<Record<StoreName, readonly string[]>>>;
  readonly tell?: (line: string) => void;
}

/** What one store did to the others' clients when it was bad in one way. */
export interface BadStoreRound {
  readonly store: StoreName;
  readonly spoiling: string;
  readonly searches: SearchFigures;
  readonly answers: AnswerFigures;
  /** From when the way was good again until a search found everything, in milliseconds. */
  readonly recoveredAfterMs: number;
}

export interface BadStoreFigures {
  readonly seed: number;
  readonly documents: number;
  readonly deadlineMs: number;
  readonly rounds: readonly BadStoreRound[];
  readonly seconds: number;
  readonly faults: readonly string[];
}

/** The proxies that stand before the stores; made by `startCluster({ between })`. */
export type Proxies = Readonly<Record<StoreName, SpoiledProxy>>;

/** Puts a proxy before each store. */
export async function startProxies(
  ports: Readonly<Record<StoreName, number>>,
  seed: number,
): Promise<Proxies & AsyncDisposable> {
  const random = seeded(seed);
  const [postgres, milvus, redis, s3] = await Promise.all(
    (['postgres', 'milvus', 'redis', 's3'] as const).map((name) => startSpoiledProxy(ports[name], random)),
  );
  if (!postgres || !milvus || !redis || !s3) throw new Error('a proxy is missing');
  const all = { postgres, milvus, redis, s3 };
  return {
    ...all,
    async [Symbol.asyncDispose]() {
      await Promise.all(Object.values(all).map((proxy) => proxy[Symbol.asyncDispose]()));
    },
  };
}

export const portsOf = ({ postgres, milvus, redis, s3 }: Proxies): Readonly<Record<StoreName, number>> => ({
  postgres: postgres.port,
  milvus: milvus.port,
  redis: redis.port,
  s3: s3.port,
});

const deadlineMs = 1000;
const clients = 3;
const recoveryLimitMs = 30_000;
/** A search needs these; without the others it is served as ever. */
const searchedStores: ReadonlySet<StoreName> = new Set(['postgres', 'milvus']);
/** The least part of searches that is served in whole where a store is bad that they do not need. */
const leastServed = 0.999;

const directions: readonly Direction[] = ['to-store', 'from-store'];
const spoilings: readonly Spoiling[] = [
  ...directions.map((direction): Spoiling => ({ kind: 'slow', delayMs: 400, direction })),
  ...directions.map((direction): Spoiling => ({ kind: 'silent', direction })),
  ...directions.map((direction): Spoiling => ({ kind: 'garbage', direction })),
  { kind: 'cut' },
];
const nameOf = (spoiling: Spoiling): string =>
  spoiling.kind === 'cut' ? 'cut' : `${spoiling.kind} ${spoiling.direction}`;

/** Makes each store slow, silent, garbled and cut in turn, under a load of searches and answers. */
export async function runBadStores(
  cluster: Cluster,
  proxies: Proxies,
  options: BadStoreOptions,
): Promise<BadStoreFigures> {
  const { seed, documents, badMs, allowanceMs, only, tell = () => {} } = options;
  const random = seeded(seed);
  const begunAt = Date.now();
  const { staying } = await new Library(cluster.url).fill(0, documents);
  tell(`${documents} documents are there`);
  const faults: string[] = [];
  const rounds: BadStoreRound[] = [];
  const restartsBefore = allServices(cluster.services).map(({ restarts }) => restarts);
  const load = startSearchLoad({
    ...{ url: cluster.url, documents: staying, random, clients, deadlineMs, allowanceMs },
  });
  const answers = startAnswerLoad({ url: cluster.url, documents: staying, random });
  /** Until so many searches in a row were served in whole. */
  const untilWell = async (limitMs: number) => {
    const from = Date.now();
    for (;;) {
      load.take();
      await delay(300);
      const { searches, outcomes } = load.take();
      if (searches > 0 && outcomes.complete === searches) return Date.now() - from;
      if (Date.now() - from > limitMs) return Number.POSITIVE_INFINITY;
    }
  };
  try {
    for (const store of storeNames) {
      for (const spoiling of spoilings) {
        if (only !== undefined && only[store]?.includes(nameOf(spoiling)) !== true) continue;
        const what = `${store} ${nameOf(spoiling)}`;
        if ((await untilWell(recoveryLimitMs)) > recoveryLimitMs)
          faults.push(`before ${what}: searches are not well`);
        load.take();
        answers.take();
        proxies[store].spoil(spoiling);
        // For so long it is bad; nothing is waited for.
        await delay(badMs);
        const searches = load.take();
        proxies[store].restore();
        const recoveredAfterMs = await untilWell(recoveryLimitMs);
        const round = {
          store,
          spoiling: nameOf(spoiling),
          searches,
          answers: answers.take(),
          recoveredAfterMs,
        };
        rounds.push(round);
        faults.push(...faultsOf(round).map((fault) => `${what}: ${fault}`));
        tell(
          `${what}: ${searches.searches} searches ${JSON.stringify(searches.outcomes)} ${JSON.stringify(searches.said)}, ` +
            `latest ${searches.latestMs} ms after the deadline, well after ${recoveredAfterMs} ms; ` +
            `answers ${JSON.stringify(round.answers)}`,
        );
      }
    }
  } finally {
    for (const name of storeNames) proxies[name].restore();
    await Promise.all([load.stop(), answers.stop()]);
  }
  allServices(cluster.services).forEach(({ name, restarts }, index) => {
    if (restarts !== restartsBefore[index]) faults.push(`${name} had to be started again`);
  });
  const seconds = Math.round((Date.now() - begunAt) / 1000);
  return { seed, documents, deadlineMs, rounds, seconds, faults };
}

function faultsOf({ store, searches, answers, recoveredAfterMs }: BadStoreRound): string[] {
  const { outcomes, late, latestMs, said } = searches;
  const faults: string[] = [];
  if (late > 0) faults.push(`${late} searches were late, the latest by ${latestMs} ms`);
  if (outcomes.untrue > 0)
    faults.push(`${outcomes.untrue} searches missed what is there, and did not say so`);
  if (outcomes.unanswered > 0) faults.push(`${outcomes.unanswered} searches were not answered`);
  // Where nothing at all could be searched, a search is an error that says so, and not an empty page.
  const unsaid = outcomes.failed - (said.UPSTREAM ?? 0);
  if (store === 'milvus' && unsaid > 0) {
    faults.push(`${unsaid} searches failed without saying that what they need could not be searched`);
  }
  if (!searchedStores.has(store) && outcomes.complete < leastServed * searches.searches) {
    faults.push(
      `of ${searches.searches} searches, which do not need it, ${outcomes.complete} were served in whole`,
    );
  }
  if (answers.untrue > 0) faults.push(`${answers.untrue} answers missed what is there, and did not say so`);
  if (recoveredAfterMs > recoveryLimitMs) faults.push('searches were not well again within 30 s');
  return faults;
}
