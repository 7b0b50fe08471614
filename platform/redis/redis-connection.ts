import type { Cluster, Redis } from 'ioredis';
import type { RedisAddress } from './parse-redis-url.ts';

/** A client of one server, of the master that Sentinels name, or of a Cluster: the same commands on each. */
export type RedisClient = Redis | Cluster;

/**
 * The one Redis of a process. It may be away at any time, from the start on: then commands fail at once, it is
 * said once in the log, and the connection comes back by itself.
 */
export interface RedisConnection extends AsyncDisposable {
  readonly kind: RedisAddress['kind'];
  /**
   * For commands that answer at once, shared by all. A command fails while there is no connection, and after a
   * second without an answer; it may have been done nevertheless. Never block or subscribe on it.
   */
  readonly client: RedisClient;
  /**
   * A connection of the caller's own, for blocking reads; its commands have no time limit. It is closed with this,
   * or before by its `disconnect`.
   */
  dedicate(purpose: string): RedisClient;
  /**
   * A connection of the caller's own for subscriptions, in a Cluster to any of its nodes. It says `ready` each time
   * that it is there anew; subscribing again is the caller's to do. It is closed as those of `dedicate` are.
   */
  dedicateSubscriber(purpose: string): Redis;
  /** What is wrong with Redis at present, for people; null where nothing is. */
  degraded(): string | null;
  /** Resolves when a round trip succeeds. @throws TributaryError `UPSTREAM` with service `redis`. */
  ping(signal?: AbortSignal): Promise<void>;
}
