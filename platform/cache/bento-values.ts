import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import type { MessageBus } from '../ports/message-bus.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { createBentoBusDriver } from './bento-bus-driver.ts';
import type { EntryId } from './entry-index.ts';
import type { SharedStore } from './shared-store.ts';

/** Redis, for values that several processes share. */
export interface SharedValues {
  readonly redis: RedisConnection;
  readonly store: SharedStore;
  /** Tells other processes which values to drop from their memory. */
  readonly bus: MessageBus | null;
}

/**
 * The values of entries by their ids, in this process's memory and in Redis where there is one. What is kept under
 * an id never changes, so that no process can hold an old value under it.
 */
export interface BentoValues extends AsyncDisposable {
  /** Undefined where it is not there (any more), or cannot be read. */
  get(id: EntryId): Promise<unknown>;
  /** @returns whether it is kept. */
  set(id: EntryId, value: unknown, ttlMs: number): Promise<boolean>;
  delete(ids: readonly EntryId[]): Promise<void>;
}

/** In Redis a value outlives its entry a little, so that no entry is without. */
const slackMs = 10_000;
/** So many values are deleted side by side. */
const batchSize = 100;

const nameOf = ({ key, stamp }: EntryId): string => `${key}#${stamp}`;

/** @param maxBytes the most memory that values take in this process; none where it is 0. */
export async function openBentoValues(maxBytes: number, shared: SharedValues | null): Promise<BentoValues> {
  let layers = bentostore();
  if (maxBytes > 0) {
    // Bounded by bytes, not by number.
    layers = layers.useL1Layer(memoryDriver({ maxSize: maxBytes, maxItems: 0 }));
  }
  if (shared !== null) {
    // Loaded only where it is used: the embedded default starts without it.
    const { redisDriver } = await import('bentocache/drivers/redis');
    const driver = redisDriver({ connection: shared.redis.client });
    layers = layers.useL2Layer({
      options: driver.options,
      // The connection is its owner's.
      factory: (config: unknown) => Object.assign(driver.factory(config), { disconnect: async () => {} }),
    });
    if (shared.bus !== null && maxBytes > 0) layers = layers.useBus(createBentoBusDriver(shared.bus));
  }
  const bento = new BentoCache({
    default: 'values',
    prefix: 'tributary:cache',
    // Failures of Redis are ours to judge.
    suppressL2Errors: false,
    stores: { values: layers },
  });
  // Made at once, so that the bus is listened to before the first value is there.
  bento.use();
  return new Values(bento, shared?.store ?? null);
}

class Values implements BentoValues {
  readonly #bento: Pick<BentoCache<never>, 'get' | 'set' | 'delete' | 'disconnectAll'>;
  readonly #store: SharedStore | null;

  constructor(
    bento: Pick<BentoCache<never>, 'get' | 'set' | 'delete' | 'disconnectAll'>,
    store: SharedStore | null,
  ) {
    this.#bento = bento;
    this.#store = store;
  }

  async get(id: EntryId): Promise<unknown> {
    const got = await this.#ask('read', async () => {
      try {
        return (await this.#bento.get({ key: nameOf(id) })) as unknown;
      } catch (error) {
        // What cannot be read is not there; what cannot be reached is another matter.
        if (isUnreadable(error)) return undefined;
        throw causeOf(error);
      }
    });
    return got?.answer;
  }

  async set(id: EntryId, value: unknown, ttlMs: number): Promise<boolean> {
    const ttl = this.#store === null ? ttlMs : ttlMs + slackMs;
    const set = await this.#ask('add', async () => {
      try {
        // Nobody else has anything under a new id.
        return await this.#bento.set({ key: nameOf(id), value, ttl, skipBusNotify: true });
      } catch (error) {
        throw causeOf(error);
      }
    });
    return set?.answer === true;
  }

  async delete(ids: readonly EntryId[]): Promise<void> {
    for (let start = 0; start < ids.length; start += batchSize) {
      // One by one: in a Cluster they are at different places. What is not deleted expires, and nobody can ask for it.
      await this.#ask('read', () =>
        Promise.all(
          ids
            .slice(start, start + batchSize)
            .map((id) => this.#bento.delete({ key: nameOf(id), suppressL2Errors: true })),
        ),
      );
    }
  }

  async #ask<T>(kind: 'read' | 'add', work: () => Promise<T>): Promise<{ readonly answer: T } | null> {
    return this.#store === null ? { answer: await work() } : this.#store.ask(kind, work);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bento.disconnectAll();
  }
}

const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause !== undefined ? error.cause : error;

const isUnreadable = (error: unknown): boolean => causeOf(error) instanceof SyntaxError;
