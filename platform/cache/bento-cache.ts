import { randomUUID } from 'node:crypto';
import type { Logger } from '../logger.ts';
import type { Cache, CacheOutcome, CacheRequest, TagRemoval } from '../ports/cache.ts';
import type { MessageBus } from '../ports/message-bus.ts';
import { raceAbort } from '../race-abort.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { type BentoValues, openBentoValues } from './bento-values.ts';
import type { EntryIndex, Ticket } from './entry-index.ts';
import { Flights } from './flights.ts';
import { createMemoryEntryIndex } from './memory-entry-index.ts';
import { createRedisEntryIndex, forgetAll } from './redis-entry-index.ts';
import { SharedStore } from './shared-store.ts';

export interface BentoCacheOptions {
  /** The most memory that entries take in this process, in bytes. */
  readonly maxBytes: number;
  /** What several processes share their entries by; null for a cache of this process alone. */
  readonly shared: {
    readonly redis: RedisConnection;
    /** Tells other processes what to drop from their memory; without it they drop it by its age. */
    readonly bus: MessageBus | null;
  } | null;
  readonly logger: Logger;
}

/**
 * A cache on bentocache, which keeps values in two levels: memory, and Redis where there is one. Which of them can be
 * read an index of ours decides, asked at every look-up, because bentocache cannot promise what the port does: it
 * removes tags by comparing the times of different machines, forgets removals that its memory has no room for, does
 * not see that what is being worked out rests on something removed meanwhile, and other processes learn of a removal
 * some time after it has resolved.
 */
export async function openBentoCache({ maxBytes, shared, logger }: BentoCacheOptions): Promise<Cache> {
  if (shared === null) {
    const values = await openBentoValues(maxBytes, null);
    const index = createMemoryEntryIndex({ maxBytes, onRemoved: (id) => void values.delete([id]) });
    return new BackedCache(index, values, async () => {});
  }
  const { redis, bus } = shared;
  const store = new SharedStore(redis, logger, () => forgetAll(redis));
  await store.opened();
  const values = await openBentoValues(maxBytes, { redis, store, bus });
  return new BackedCache(createRedisEntryIndex(redis, store), values, () => store[Symbol.asyncDispose]());
}

class BackedCache implements Cache {
  readonly #index: EntryIndex;
  readonly #values: BentoValues;
  readonly #dispose: () => Promise<void>;
  readonly #flights = new Flights();
  /** How many removals this process has begun and ended: nobody joins work that was begun before one of them. */
  #removals = 0;

  constructor(index: EntryIndex, values: BentoValues, dispose: () => Promise<void>) {
    this.#index = index;
    this.#values = values;
    this.#dispose = dispose;
  }

  async getOrCompute<T>(
    request: CacheRequest<T>,
    signal: AbortSignal,
  ): Promise<{ readonly value: T; readonly outcome: CacheOutcome }> {
    const { key, together = '', parse } = request;
    const found = await raceAbort(signal, () => this.#index.find(key));
    if (found !== null && found.stamp !== null) {
      const id = { key, stamp: found.stamp };
      const value = await raceAbort(signal, () => this.#values.get(id));
      if (value !== undefined) {
        try {
          return { value: parse(value), outcome: 'HIT' };
        } catch {
          // Of another version of the program, or damaged: it is made anew, and replaced.
        }
      }
    }
    const ticket = found?.ticket ?? null;
    const flight = JSON.stringify([key, together, ticket?.state ?? null, this.#removals]);
    return this.#flights.join(flight, (stop) => this.#make(request, ticket, stop), signal);
  }

  async #make<T>(
    { key, compute }: CacheRequest<T>,
    ticket: Ticket | null,
    signal: AbortSignal,
  ): Promise<{ readonly value: T; readonly outcome: CacheOutcome }> {
    const { value, options } = await compute(signal);
    if (options === null || options.ttlMs <= 0 || ticket === null) {
      return { value, outcome: 'BYPASS' };
    }
    const { tags, ttlMs } = options;
    const id = { key, stamp: randomUUID() };
    const kept = await this.#values.set(id, value, ttlMs);
    if (kept) {
      const bytes = Buffer.byteLength(JSON.stringify(value));
      if (await this.#index.add({ id, tags, ttlMs, bytes, ticket })) return { value, outcome: 'MISS' };
    }
    await this.#values.delete([id]);
    return { value, outcome: 'BYPASS' };
  }

  async removeTagged(tags: readonly string[]): Promise<TagRemoval> {
    if (tags.length === 0) return { removed: 0, complete: true };
    this.#removals++;
    const removed = await this.#index.removeTagged(tags);
    this.#removals++;
    if (removed === null) return { removed: 0, complete: false };
    await this.#values.delete(removed);
    return { removed: removed.length, complete: true };
  }

  degraded(): string | null {
    return this.#index.degraded();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#values[Symbol.asyncDispose]();
    await this.#dispose();
  }
}
