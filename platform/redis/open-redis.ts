import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { upstream } from '../errors.ts';
import { guardSocket } from '../guard-socket.ts';
import type { Logger } from '../logger.ts';
import { raceAbort } from '../race-abort.ts';
import { anyNodeConnector } from './any-node-connector.ts';
import { parseRedisUrl, type RedisAddress } from './parse-redis-url.ts';
import type { RedisClient, RedisConnection } from './redis-connection.ts';

export interface OpenRedisOptions {
  /** The address, as `TRIBUTARY_REDIS_URL` has it. */
  readonly url: string;
  readonly logger: Logger;
  /** How long a command may take, in milliseconds; 1,000 by default. */
  readonly commandTimeoutMs?: number;
  /** How long opening one connection may take, in milliseconds; 2,000 by default. */
  readonly connectTimeoutMs?: number;
  /** How long to wait for Redis before going on without it, in milliseconds; 2,000 by default. */
  readonly startTimeoutMs?: number;
}

/** The longest wait between two attempts to connect, in milliseconds. */
const longestRetryMs = 2_000;

const retryDelay = (attempt: number): number =>
  Math.min(25 * 2 ** Math.min(attempt, 10), longestRetryMs) * (0.5 + Math.random() / 2);

/**
 * Connects to Redis. Where it is not there, this resolves after a moment all the same, and goes on trying.
 *
 * @throws Error when the address cannot be read.
 */
export async function openRedis(options: OpenRedisOptions): Promise<RedisConnection> {
  const connection = new Connection(parseRedisUrl(options.url), options);
  await connection.started(options.startTimeoutMs ?? 2_000);
  return connection;
}

class Connection implements RedisConnection {
  readonly kind: RedisAddress['kind'];
  readonly client: RedisClient;
  readonly #address: RedisAddress;
  readonly #options: OpenRedisOptions;
  readonly #dedicated = new Set<RedisClient>();
  #problem: string | null = 'Redis has not been reached yet.';
  /** Whether the present outage was logged. */
  #isSaid = false;
  #isDisposed = false;

  constructor(address: RedisAddress, options: OpenRedisOptions) {
    this.kind = address.kind;
    this.#address = address;
    this.#options = options;
    this.client = this.#open('commands', options.commandTimeoutMs ?? 1_000);
    const { logger } = options;
    let reason = 'the connection was closed';
    const lost = () => {
      this.#problem = `Redis at ${place(address)} cannot be reached: ${reason}.`;
      if (this.#isSaid || this.#isDisposed) return;
      this.#isSaid = true;
      logger.warn({ reason }, 'Redis cannot be reached; going on without it');
    };
    this.client.on('error', (error) => {
      reason = explain(error);
      if (this.client.status !== 'ready') lost();
    });
    this.client.on('node error', (error: Error) => {
      reason = explain(error);
    });
    this.client.on('close', lost);
    this.client.on('ready', () => {
      this.#problem = null;
      if (this.#isSaid) logger.info('Redis can be reached again');
      this.#isSaid = false;
    });
  }

  /** Resolves when the first connection is there, or after so long. */
  async started(timeoutMs: number): Promise<void> {
    if (this.client.status === 'ready') return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.client.once('ready', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  dedicate(purpose: string): RedisClient {
    return this.#own(purpose, this.#open(purpose, null));
  }

  dedicateSubscriber(purpose: string): Redis {
    const { kind, nodes, tls } = this.#address;
    const { client } = this;
    if (kind !== 'cluster' || !(client instanceof Cluster)) {
      return this.#own(purpose, this.#openSingle(this.#sharedOptions(purpose, null)));
    }
    const known = () => {
      const found = client.nodes().map(({ options: { host = '', port = 0 } }) => ({ host, port }));
      return found.length > 0 ? found : nodes;
    };
    return this.#own(
      purpose,
      guarded(
        new Redis({
          ...this.#sharedOptions(purpose, null),
          enableOfflineQueue: false,
          retryStrategy: retryDelay,
          Connector: anyNodeConnector(known, tls),
        }),
      ),
    );
  }

  #own<T extends RedisClient>(purpose: string, client: T): T {
    this.#dedicated.add(client);
    // Disposed of meanwhile: nobody would close it any more.
    if (this.#isDisposed) client.disconnect();
    client.on('error', (error) =>
      this.#options.logger.debug({ err: error, purpose }, 'a connection to Redis'),
    );
    client.once('end', () => this.#dedicated.delete(client));
    return client;
  }

  degraded(): string | null {
    return this.#problem;
  }

  async ping(signal?: AbortSignal): Promise<void> {
    try {
      await raceAbort(signal, () => this.client.ping());
    } catch (error) {
      signal?.throwIfAborted();
      throw upstream('redis', this.#problem ?? `Redis at ${place(this.#address)} does not answer.`, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await Promise.all([this.client, ...this.#dedicated].map(close));
  }

  /** @param commandTimeoutMs null where commands may block. */
  #open(purpose: string, commandTimeoutMs: number | null): RedisClient {
    const { kind, nodes, tls } = this.#address;
    const shared = this.#sharedOptions(purpose, commandTimeoutMs);
    if (kind !== 'cluster') return this.#openSingle(shared);
    const cluster = new Cluster([...nodes], {
      enableOfflineQueue: false,
      clusterRetryStrategy: retryDelay,
      retryDelayOnFailover: 100,
      retryDelayOnClusterDown: 100,
      maxRedirections: 8,
      slotsRefreshTimeout: this.#options.connectTimeoutMs ?? 2_000,
      // Nodes that take over for others are found by themselves, too, and not only by being sent on.
      slotsRefreshInterval: 5_000,
      redisOptions: shared,
      // A certificate is for the name that was given, not for the address that it stands for.
      ...(tls && { dnsLookup: (name, callback) => callback(null, name) }),
    });
    cluster.on('+node', guarded);
    return cluster;
  }

  #openSingle(shared: RedisOptions): Redis {
    const { kind, nodes, masterName, database, tls, sentinelUsername, sentinelPassword } = this.#address;
    const single: RedisOptions = {
      ...shared,
      enableOfflineQueue: false,
      retryStrategy: retryDelay,
      db: database,
    };
    if (kind === 'single') return guarded(new Redis({ ...single, ...nodes[0] }));
    const client = new Redis({
      ...single,
      sentinels: [...nodes],
      ...(masterName !== null && { name: masterName }),
      ...(sentinelUsername !== null && { sentinelUsername }),
      ...(sentinelPassword !== null && { sentinelPassword }),
      ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
      sentinelRetryStrategy: retryDelay,
      sentinelReconnectStrategy: retryDelay,
      sentinelCommandTimeout: this.#options.connectTimeoutMs ?? 2_000,
      failoverDetector: true,
    });
    return guarded(client);
  }

  #sharedOptions(purpose: string, commandTimeoutMs: number | null): RedisOptions {
    const { username, password, tls } = this.#address;
    return {
      ...(username !== null && { username }),
      ...(password !== null && { password }),
      ...(tls && { tls: {} }),
      connectTimeout: this.#options.connectTimeoutMs ?? 2_000,
      // Without these a command that cannot be sent waits for Redis to come back, for ever where it does not.
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      // A connection that answers nothing any more, closed by nobody, is given up.
      ...(commandTimeoutMs !== null && {
        commandTimeout: commandTimeoutMs,
        socketTimeout: 3 * commandTimeoutMs,
      }),
      connectionName: `tributary-${purpose}`,
      disableClientInfo: true,
      keepAlive: 10_000,
      // A master that has become a replica: the connection is to be made anew, to whoever is master now.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    };
  }
}

/** Garbage on a connection ends that connection; unguarded, the client's parser ends the process. */
function guarded(client: Redis): Redis {
  client.on('connect', () => guardSocket(client.stream));
  return client;
}

/** Closes a connection whatever state it is in; what was sent is not waited for. */
async function close(client: RedisClient): Promise<void> {
  if (client.status === 'end') return;
  await new Promise<void>((resolve) => {
    // A connection that is being opened closes when that has ended, one way or the other.
    const timer = setTimeout(resolve, 500);
    client.once('end', () => {
      clearTimeout(timer);
      resolve();
    });
    client.disconnect();
  });
}

const place = ({ nodes, masterName }: RedisAddress): string =>
  nodes.map(({ host, port }) => `${host}:${port}`).join(',') + (masterName === null ? '' : `/${masterName}`);

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // An attempt at several addresses of one name says nothing of itself.
  const [first] = error instanceof AggregateError ? error.errors : [];
  return error.message || (first instanceof Error ? first.message : error.name);
}
