import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DisposableStack } from '../../platform/disposable-stack.ts';
import { freePorts } from '../../platform/servers/free-ports.ts';
import { observeSpawns } from '../../platform/servers/run-server.ts';
import { prepareDatabase } from './prepare-database.ts';
import { ProcessLedger } from './process-ledger.ts';
import { spreadConnections } from './spread-connections.ts';
import { isReady, type Service, startService } from './start-service.ts';
import {
  type StoreName,
  type Stores,
  startStores,
  storeAddresses,
  storeSettings,
  type VectorServer,
} from './start-stores.ts';

export interface ClusterOptions {
  /** Everything that is kept is here. */
  readonly dataDirectory: string;
  /** The gateway's port; 0 picks a free one. */
  readonly port: number;
  /** The gateway's address; the services listen on loopback only. */
  readonly host?: string;
  /** How many worker processes take jobs; 1 by default. */
  readonly workers?: number;
  /** How many retrieval processes the gateway's connections are spread over; 1 by default. */
  readonly retrievals?: number;
  readonly vectors?: VectorServer;
  /** Settings of docs/settings.md for every service; they go before those that the cluster works out. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The folder of the built program; the project's own `dist` by default. */
  readonly dist?: string;
  /** Puts something between the services and the stores: gets the stores' ports and gives the ones to use. */
  readonly between?: (
    ports: Readonly<Record<StoreName, number>>,
  ) => Promise<Readonly<Record<StoreName, number>>>;
  /** Gets each line that is for people. */
  readonly tell?: (line: string) => void;
  /** Gets what the services log. */
  readonly onOutput?: (bytes: Buffer) => void;
}

export interface Services {
  readonly gateway: Service;
  readonly retrieval: Service;
  readonly ingest: Service;
  readonly generation: Service;
  readonly workers: readonly Service[];
  /** Retrieval processes beside the first. */
  readonly moreRetrievals: readonly Service[];
}

/** The whole of Tributary on one machine, each part a process; what ends unasked is started again. */
export interface Cluster extends AsyncDisposable {
  /** The gateway's origin. */
  readonly url: string;
  readonly stores: Stores;
  readonly services: Services;
  /** The settings by which the services find the stores and one another. */
  readonly settings: Readonly<Record<string, string>>;
  /** Resolves when every process says that it is ready. @throws what the signal says. */
  untilReady(signal?: AbortSignal): Promise<void>;
}

export const allServices = (services: Services): Service[] => {
  const { gateway, retrieval, ingest, generation, workers, moreRetrievals } = services;
  return [gateway, generation, retrieval, ingest, ...workers, ...moreRetrievals];
};

/** Takes a folder over from a launcher that was killed, and writes down every process that is started from then on. */
async function openLedger(directory: string, stack: DisposableStack, tell: (line: string) => void) {
  const ledger = new ProcessLedger(directory);
  const ended = await ledger.takeOver();
  if (ended.length > 0) tell(`ended what an earlier start has left behind: ${ended.join(', ')}`);
  stack.defer(observeSpawns((name, pid) => ledger.add(name, pid)));
}

/** The stores, migrated, and the settings by which a service finds them. */
export interface StoresOnly extends AsyncDisposable {
  readonly stores: Stores;
  readonly databaseUrl: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** The stores alone, for people who start the services by themselves. */
export async function startStoresOnly(
  options: Pick<ClusterOptions, 'dataDirectory' | 'vectors' | 'tell'>,
): Promise<StoresOnly> {
  const { dataDirectory, vectors = 'lite', tell = () => {} } = options;
  const stack = new DisposableStack();
  try {
    await mkdir(dataDirectory, { recursive: true });
    await openLedger(dataDirectory, stack, tell);
    const stores = stack.use(await startStores({ directory: join(dataDirectory, 'stores'), vectors, tell }));
    const databaseUrl = await prepareDatabase(stores.postgres.url, dataDirectory);
    const settings = storeSettings(stores, databaseUrl, storeAddresses(stores));
    return { stores, databaseUrl, settings, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Starts the stores, then the services on them, and waits until all are ready. Disposing ends the services, in
 * order, and then the stores.
 *
 * @throws AlreadyRunningError where another launcher works in this folder; Error with what a process printed, where
 * one does not start.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { dataDirectory, workers: workerCount = 1, retrievals = 1, tell = () => {}, onOutput } = options;
  const stack = new DisposableStack();
  try {
    const { stores, databaseUrl, ...direct } = await startStoresOnly(options).then((one) => stack.use(one));
    const found = options.between
      ? storeSettings(stores, databaseUrl, await options.between(storeAddresses(stores)))
      : direct.settings;
    const count = 3 + workerCount + retrievals;
    const ports = await freePorts(2 * count);
    const metricsPorts = ports.splice(count);
    const [free = 0, ...others] = ports;
    const gatewayPort = options.port === 0 ? free : options.port;
    const [ingestPort = 0, retrievalPort = 0, generationPort = 0, ...more] = others;
    const [workerPorts, retrievalPorts] = [more.slice(0, workerCount), more.slice(workerCount)];
    const spreader =
      retrievals === 1 ? null : stack.use(await spreadConnections([retrievalPort, ...retrievalPorts]));
    const at = (port: number) => `http://127.0.0.1:${port}`;
    const settings: Record<string, string> = {
      TRIBUTARY_DATA: join(dataDirectory, 'services'),
      ...found,
      TRIBUTARY_GATEWAY_URL: at(gatewayPort),
      TRIBUTARY_INGEST_URL: at(ingestPort),
      TRIBUTARY_RETRIEVAL_URL: at(spreader?.port ?? retrievalPort),
      TRIBUTARY_GENERATION_URL: at(generationPort),
      ...options.settings,
    };
    await mkdir(settings.TRIBUTARY_DATA ?? dataDirectory, { recursive: true });

    const start = async (name: string, main: string, port: number, own: Record<string, string> = {}) => {
      const service = await startService({
        ...{ name, main, port, tell, metricsPort: metricsPorts.pop() ?? 0 },
        host: name === 'gateway' ? (options.host ?? '127.0.0.1') : '127.0.0.1',
        settings: { ...settings, ...own },
        ...(options.dist !== undefined && { dist: options.dist }),
        ...(onOutput && { onOutput }),
      });
      tell(`${name}: process ${service.pid} on port ${port}`);
      return service;
    };
    const workerMain = 'subgraphs/ingest/worker-main.js';
    const retrievalMain = 'subgraphs/retrieval/main.js';
    const starting = [
      start('ingest', 'subgraphs/ingest/main.js', ingestPort, { TRIBUTARY_INGEST_WORKERS: '0' }),
      start('retrieval', retrievalMain, retrievalPort),
      start('generation', 'subgraphs/generation/main.js', generationPort),
      start('gateway', 'gateway/main.js', gatewayPort),
      ...workerPorts.map((port, index) => start(`worker-${index + 1}`, workerMain, port)),
      ...retrievalPorts.map((port, index) => start(`retrieval-${index + 2}`, retrievalMain, port)),
    ];
    // What did start is owned before it is looked at what did not.
    const settled = await Promise.allSettled(starting);
    const running = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    stack.defer(async () => {
      const [ingest, retrieval, generation, gateway, ...workers] = running;
      // Clients are let go first, and what they need last.
      for (const tier of [[gateway], [generation], [retrieval, ingest, ...workers]]) {
        await Promise.all(tier.map((service) => service?.[Symbol.asyncDispose]()));
      }
    });
    const failed = settled.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
    if (failed !== undefined) throw failed.reason;
    const [ingest, retrieval, generation, gateway, ...rest] = await Promise.all(starting);
    if (!ingest || !retrieval || !generation || !gateway) throw new Error('a service is missing');

    const workers = rest.slice(0, workerCount);
    const moreRetrievals = rest.slice(workerCount);
    const services: Services = { ingest, retrieval, generation, gateway, workers, moreRetrievals };
    const cluster: Cluster = {
      url: gateway.url,
      ...{ stores, services, settings },
      async untilReady(signal) {
        for (const service of allServices(services)) {
          while (!(await isReady(service))) {
            signal?.throwIfAborted();
            await delay(50);
          }
        }
      },
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
    await cluster.untilReady(AbortSignal.timeout(120_000));
    return cluster;
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}
