import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { RedisConnection } from '../redis/redis-connection.ts';
import type { EntryId, EntryIndex, NewEntry, Ticket } from './entry-index.ts';
import { addEntry, removeEntries } from './redis-scripts.ts';
import type { SharedStore } from './shared-store.ts';

/** One slot of a Cluster for the whole index; the values, which are large, are spread. */
const prefix = 'tributary:{cache}:';
const generationKey = `${prefix}generation`;
const sequenceKey = `${prefix}sequence`;
const removalsKey = `${prefix}removals`;
const entryPrefix = `${prefix}entry:`;
const tagKey = (tag: string): string => `${prefix}tag:${tag}`;

const foundAnswer = z.tuple([z.string().nullable(), z.string().nullable(), z.string().nullable()]);
const removedAnswer = z.array(z.string());

/** Makes everything that is remembered unreadable, for all processes. */
export const forgetAll = (redis: RedisConnection): Promise<unknown> =>
  redis.client.set(generationKey, randomUUID());

/**
 * The index of all processes that share a Redis. Every look-up asks it, so that what one process has removed no other
 * one can read.
 */
export function createRedisEntryIndex(redis: RedisConnection, store: SharedStore): EntryIndex {
  return new RedisEntryIndex(redis, store);
}

class RedisEntryIndex implements EntryIndex {
  readonly #redis: RedisConnection;
  readonly #store: SharedStore;

  constructor(redis: RedisConnection, store: SharedStore) {
    this.#redis = redis;
    this.#store = store;
  }

  async find(key: string): Promise<{ readonly stamp: string | null; readonly ticket: Ticket } | null> {
    const { failures } = this.#store;
    const found = await this.#store.ask('read', async () =>
      foundAnswer.parse(await this.#redis.client.mget(entryPrefix + key, generationKey, sequenceKey)),
    );
    if (found === null) return null;
    const [entry, generation, sequence] = found.answer;
    const present = `${generation ?? ''}:`;
    return {
      stamp: entry?.startsWith(present) === true ? entry.slice(present.length) : null,
      ticket: { state: `${generation ?? ''}:${sequence ?? '0'}:${failures}` },
    };
  }

  async add({ id, tags, ttlMs, ticket }: NewEntry): Promise<boolean> {
    const [generation = '', sequence = '0', failures = ''] = ticket.state.split(':');
    // Redis may have lost and learnt things since; what it knew when this was begun says nothing any more.
    if (failures !== String(this.#store.failures)) return false;
    const keys = [entryPrefix + id.key, generationKey, sequenceKey, removalsKey, ...tags.map(tagKey)];
    const options = [generation, sequence, id.key, id.stamp, String(Math.ceil(ttlMs)), ...tags];
    const added = await this.#store.ask('add', () =>
      this.#redis.client.eval(addEntry, keys.length, ...keys, ...options),
    );
    return added?.answer === 1;
  }

  async removeTagged(tags: readonly string[]): Promise<readonly EntryId[] | null> {
    const keys = [generationKey, sequenceKey, removalsKey, ...tags.map(tagKey)];
    const removed = await this.#store.ask('remove', async () =>
      removedAnswer.parse(
        await this.#redis.client.eval(removeEntries, keys.length, ...keys, entryPrefix, ...tags),
      ),
    );
    return (
      removed?.answer.map((id) => {
        const end = id.lastIndexOf('#');
        return { key: id.slice(0, end), stamp: id.slice(end + 1) };
      }) ?? null
    );
  }

  degraded(): string | null {
    return this.#store.degraded();
  }
}
