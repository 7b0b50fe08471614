import type { Redis } from 'ioredis';
import type { Logger } from '../logger.ts';
import type { MessageBus } from '../ports/message-bus.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { MessageTooLong, maxMessageBytes } from './message-too-long.ts';

const prefix = 'tributary:bus:';

/**
 * In a Cluster a plain PUBLISH goes to any of the nodes, and messages overtake each other on the way from one to
 * another; a script goes to the node that the channel's name belongs to.
 */
const publishScript = "return redis.call('publish', KEYS[1], ARGV[1])";

/** How long to wait for the first connection, in milliseconds. */
const firstWaitMs = 2_000;

type Listener = (message: string | null) => void;

/**
 * Messages by Redis' publish and subscribe, over one connection for everything that this process listens to.
 * While Redis is away, `publish` throws, `listen` resolves all the same, and listeners are told null as soon as
 * they hear again. Does not own the connection to Redis.
 */
export function createRedisMessageBus(redis: RedisConnection, logger: Logger): MessageBus {
  return new RedisMessageBus(redis, logger);
}

class RedisMessageBus implements MessageBus {
  readonly #redis: RedisConnection;
  readonly #logger: Logger;
  readonly #listeners = new Map<string, Set<Listener>>();
  /** Channels that are subscribed to on the connection as it is now. */
  readonly #subscribed = new Set<string>();
  /** Channels whose listeners may have missed something since they were last heard. */
  readonly #missed = new Set<string>();
  #client: Redis | undefined;
  /** Resolves when the first connection is there, or after a moment without one. */
  #opened: Promise<void> | undefined;
  #isDisposed = false;

  constructor(redis: RedisConnection, logger: Logger) {
    this.#redis = redis;
    this.#logger = logger;
  }

  async publish(channel: string, message: string): Promise<void> {
    if (Buffer.byteLength(message) > maxMessageBytes) throw new MessageTooLong(message);
    await this.#redis.client.eval(publishScript, 1, prefix + channel, message);
  }

  async listen(channel: string, listener: Listener): Promise<AsyncDisposable> {
    if (this.#isDisposed) throw new Error('The message bus was disposed of.');
    // One object a call, so that the same function can listen twice.
    const entry: Listener = (message) => listener(message);
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(entry));
    this.#client ??= this.#open();
    await this.#opened;
    await this.#subscribe([channel]);
    if (!this.#subscribed.has(channel)) this.#missed.add(channel);
    return {
      [Symbol.asyncDispose]: async () => {
        if (!listeners.delete(entry) || listeners.size > 0) return;
        if (this.#listeners.get(channel) !== listeners) return;
        this.#listeners.delete(channel);
        this.#subscribed.delete(channel);
        this.#missed.delete(channel);
        await this.#client?.unsubscribe(prefix + channel).catch(() => undefined);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#listeners.clear();
    this.#client?.disconnect();
  }

  #open(): Redis {
    const client = this.#redis.dedicateSubscriber('bus');
    client.on('message', (channel: string, message: string) =>
      this.#tell(channel.slice(prefix.length), message),
    );
    client.on('close', () => {
      for (const channel of this.#subscribed) this.#missed.add(channel);
      this.#subscribed.clear();
    });
    client.on('ready', () => void this.#resume());
    this.#opened = new Promise((resolve) => {
      const timer = setTimeout(resolve, firstWaitMs);
      for (const event of ['ready', 'close', 'end'] as const) {
        client.once(event, () => {
          clearTimeout(timer);
          resolve();
        });
      }
    });
    return client;
  }

  /** The connection is there (again): whoever listens may have missed something. */
  async #resume(): Promise<void> {
    await this.#subscribe([...this.#listeners.keys()]);
    for (const channel of this.#missed) {
      if (this.#subscribed.has(channel) && this.#missed.delete(channel)) this.#tell(channel, null);
    }
  }

  /** Subscribes to what is not subscribed to yet; what fails is done when the connection is there again. */
  async #subscribe(channels: readonly string[]): Promise<void> {
    const client = this.#client;
    const missing = channels.filter((channel) => !this.#subscribed.has(channel));
    if (missing.length === 0 || client?.status !== 'ready') return;
    try {
      await client.subscribe(...missing.map((channel) => prefix + channel));
      for (const channel of missing) if (this.#listeners.has(channel)) this.#subscribed.add(channel);
    } catch (err) {
      this.#logger.debug({ err }, 'could not listen in Redis; trying again when it is back');
    }
  }

  #tell(channel: string, message: string | null): void {
    for (const listener of this.#listeners.get(channel) ?? []) {
      try {
        listener(message);
      } catch (error) {
        this.#logger.error({ err: error, channel }, 'a listener failed');
      }
    }
  }
}
