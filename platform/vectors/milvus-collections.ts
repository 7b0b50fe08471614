import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { TributaryError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { CollectionName } from '../ports/vector-store.ts';
import { raceAbort } from '../race-abort.ts';
import type { MilvusCapabilities, MilvusIndexType } from './milvus-capabilities.ts';
import type { MilvusCall, MilvusConnection } from './milvus-client.ts';
import { isAlreadyThere, isNotFound } from './milvus-failure.ts';
import {
  collectionOfMilvus,
  indexedColumns,
  milvusCollectionName,
  milvusSchema,
  vectorIndexParameters,
} from './milvus-schema.ts';
import { MilvusTable, milvusTimeouts } from './milvus-table.ts';

/** How collections are made. */
export interface MilvusLayout {
  /** How many query nodes hold each collection in memory. */
  readonly replicas: number;
  /** Over how many partitions the tenants of a new collection are spread. */
  readonly partitions: number;
  /** The index of a new collection. */
  readonly indexOf: (family: CollectionName['family']) => MilvusIndexType;
}

/** What is known of a collection that is there. */
export interface OpenCollection {
  readonly collection: CollectionName;
  readonly table: MilvusTable;
  /** Rows written since they were last put where indexes are built. */
  writtenRows: number;
  /** Rows removed since it was compacted last. */
  removedRows: number;
  /** When it was written to last, in milliseconds since the epoch. */
  changedAtMs: number;
  /** When it was searched or listed last, in milliseconds since the epoch. */
  usedAtMs: number;
  /** Whether it is in memory, as far as is known; while it is being loaded, the loading. */
  loading: Promise<void> | null;
}

const collectionsSchema = z.array(z.object({ name: z.string() }));
const indexesSchema = z.array(
  z.object({ field_name: z.string(), params: z.array(z.object({ key: z.string(), value: z.string() })) }),
);

/** Milvus's collections: made, loaded and released where need be, whichever process made them. */
export class MilvusCollections {
  readonly #connection: MilvusConnection;
  readonly #capabilities: MilvusCapabilities;
  readonly #layout: MilvusLayout;
  readonly #logger: Logger;
  readonly #open = new Map<string, Promise<OpenCollection | null>>();

  constructor(
    connection: MilvusConnection,
    capabilities: MilvusCapabilities,
    layout: MilvusLayout,
    logger: Logger,
  ) {
    this.#connection = connection;
    this.#capabilities = capabilities;
    this.#layout = layout;
    this.#logger = logger;
  }

  /** Every collection of ours that exists. */
  async list(signal?: AbortSignal): Promise<CollectionName[]> {
    const { data } = await this.#manage((client) => client.showCollections(), signal);
    return collectionsSchema
      .parse(data)
      .map(({ name }) => collectionOfMilvus(name))
      .filter((collection) => collection !== null);
  }

  /** A collection, made where there is none. */
  orMade(collection: CollectionName, signal?: AbortSignal): Promise<OpenCollection> {
    return this.#find(collection, true, signal).then((found) => {
      if (found === null) throw new Error(`${milvusCollectionName(collection)} was made and is not there.`);
      return found;
    });
  }

  /** A collection, or null where there is none. */
  existing(collection: CollectionName, signal?: AbortSignal): Promise<OpenCollection | null> {
    return this.#find(collection, false, signal);
  }

  /** Those that this process has used. */
  async opened(): Promise<OpenCollection[]> {
    const settled = await Promise.allSettled(this.#open.values());
    return settled.flatMap((each) =>
      each.status === 'fulfilled' && each.value !== null ? [each.value] : [],
    );
  }

  /** Forgets what is known of a collection: it was dropped, by whomever. */
  forget(collection: CollectionName): void {
    this.#open.delete(milvusCollectionName(collection));
  }

  /** Brings a collection into memory, and resolves when all of it can be searched. Shared by all who wait. */
  load(open: OpenCollection, signal?: AbortSignal): Promise<void> {
    open.usedAtMs = Date.now();
    open.loading ??= this.#load(open.table.name).catch((error: unknown) => {
      open.loading = null;
      throw error;
    });
    const { loading } = open;
    // Also where nobody waits for it any more.
    loading.catch(() => undefined);
    return raceAbort(signal, () => loading);
  }

  /** Lets a collection go from memory. */
  async release(open: OpenCollection): Promise<void> {
    open.loading = null;
    await this.#manage((client) => client.releaseCollection({ collection_name: open.table.name }));
  }

  /** The kind of index that the vectors have; null where there is none. */
  async vectorIndex(name: string): Promise<string | null> {
    const indexes = await this.#indexes(name);
    return indexes.get('vector') ?? null;
  }

  /** Builds the index of the vectors anew, as another kind. Until it is built, nothing can be searched. */
  async rebuildVectorIndex(open: OpenCollection, type: MilvusIndexType): Promise<void> {
    const { name } = open.table;
    await this.release(open);
    await this.#manage((client) => client.dropIndex({ collection_name: name, index_name: 'vector' }));
    await this.#createVectorIndex(name, type);
    await this.load(open);
  }

  #manage<T>(work: MilvusCall<T>, signal?: AbortSignal): Promise<T> {
    return this.#connection.call(work, { timeoutMs: milvusTimeouts.manage, signal });
  }

  /** Something that is answered at once, where it is answered at all: others wait for it. */
  #ask<T>(work: MilvusCall<T>): Promise<T> {
    return this.#connection.call(work, { timeoutMs: milvusTimeouts.ask });
  }

  async #find(
    collection: CollectionName,
    make: boolean,
    signal: AbortSignal | undefined,
  ): Promise<OpenCollection | null> {
    const name = milvusCollectionName(collection);
    const known = this.#open.get(name);
    if (known !== undefined) {
      const found = await raceAbort(signal, () => known);
      if (found !== null || !make) return found;
    }
    // Shared by all who ask meanwhile, so it ends by its own deadline and not by one caller's.
    const opening = this.#openOrMake(collection, name, make);
    this.#open.set(name, opening);
    const forget = () => {
      if (this.#open.get(name) === opening) this.#open.delete(name);
    };
    // That there is none may change at any moment.
    opening.then((found) => found === null && forget(), forget);
    return raceAbort(signal, () => opening);
  }

  async #openOrMake(collection: CollectionName, name: string, make: boolean): Promise<OpenCollection | null> {
    const { value: exists } = await this.#ask((client) => client.hasCollection({ collection_name: name }));
    if (!exists && !make) return null;
    if (!exists) await this.#create(name);
    const partitions = this.#capabilities.partitionKeys ? 0 : await this.#makePartitions(name);
    await this.#createIndexes(name, collection);
    const open: OpenCollection = {
      collection,
      table: new MilvusTable({
        name,
        connection: this.#connection,
        capabilities: this.#capabilities,
        partitions,
        load: (signal) => this.load(open, signal),
        changed: ({ written, removed }) => {
          open.writtenRows += written;
          open.removedRows += removed;
          open.changedAtMs = Date.now();
        },
      }),
      writtenRows: 0,
      removedRows: 0,
      changedAtMs: 0,
      usedAtMs: Date.now(),
      loading: null,
    };
    if (collection.tier !== 'cold') await this.load(open);
    return open;
  }

  async #create(name: string): Promise<void> {
    const { partitionKeys } = this.#capabilities;
    const schema = milvusSchema(this.#capabilities);
    await this.#tolerant((client) =>
      client.createCollection({
        collection_name: name,
        ...schema,
        ...(partitionKeys ? { num_partitions: this.#layout.partitions } : {}),
        consistency_level: 'Strong',
      }),
    );
  }

  /** Partitions of our own, where Milvus cannot be trusted with its keys: how many there are is read, not assumed. */
  async #makePartitions(name: string): Promise<number> {
    const count = async () => {
      const { partition_names: names } = await this.#ask((client) =>
        client.showPartitions({ collection_name: name }),
      );
      return names.filter((each) => /^p_\d+$/.test(each)).length;
    };
    const present = await count();
    if (present > 0 && (await this.#indexes(name)).has('vector')) return present;
    for (let index = 0; index < Math.max(this.#layout.partitions, present); index++) {
      await this.#tolerant((client) =>
        client.createPartition({ collection_name: name, partition_name: `p_${index}` }),
      );
    }
    return count();
  }

  /** The kinds of the indexes that a collection has, by field. */
  async #indexes(name: string): Promise<ReadonlyMap<string, string>> {
    try {
      const described = await this.#ask((client) => client.describeIndex({ collection_name: name }));
      return new Map(
        indexesSchema
          .parse(described.index_descriptions)
          .map(({ field_name: field, params }) => [
            field,
            params.find(({ key }) => key === 'index_type')?.value ?? '',
          ]),
      );
    } catch (error) {
      if (error instanceof Error && /index (not found|does ?n[o']t exist)|no index|700/i.test(error.message))
        return new Map();
      throw error;
    }
  }

  async #createIndexes(name: string, { family }: CollectionName): Promise<void> {
    const present = await this.#indexes(name);
    const { sparse, columnIndexes } = this.#capabilities;
    for (const [column, kind] of indexedColumns) {
      const type = columnIndexes[kind];
      if (type === null || present.has(column)) continue;
      // Filters work without it, only slower.
      await this.#tolerant((client) =>
        client.createIndex({
          collection_name: name,
          field_name: column,
          index_name: column,
          index_type: type,
        }),
      ).catch((error: unknown) =>
        this.#logger.warn({ err: error, collection: name, column }, 'a column could not be indexed'),
      );
    }
    if (sparse && !present.has('sparse')) {
      await this.#tolerant((client) =>
        client.createIndex({
          collection_name: name,
          field_name: 'sparse',
          index_name: 'sparse',
          index_type: 'SPARSE_INVERTED_INDEX',
          metric_type: 'BM25',
          params: { bm25_k1: 1.2, bm25_b: 0.75 },
        }),
      );
    }
    // Last: where it is there, so is the rest.
    if (!present.has('vector')) await this.#createVectorIndex(name, this.#layout.indexOf(family));
  }

  #createVectorIndex(name: string, type: MilvusIndexType): Promise<void> {
    return this.#tolerant((client) =>
      client.createIndex({
        collection_name: name,
        field_name: 'vector',
        index_name: 'vector',
        index_type: type,
        metric_type: 'IP',
        params: vectorIndexParameters[type],
      }),
    );
  }

  async #load(name: string): Promise<void> {
    const state = async () => {
      const answer = await this.#ask((client) => client.getLoadState({ collection_name: name }));
      return String(answer.state);
    };
    if ((await state()) === 'LoadStateLoaded') return;
    const { replicas } = this.#layout;
    await this.#connection.call(
      (client) => client.loadCollectionAsync({ collection_name: name, replica_number: replicas }),
      { timeoutMs: milvusTimeouts.load },
    );
    const deadline = Date.now() + milvusTimeouts.load;
    for (let waitMs = 20; (await state()) !== 'LoadStateLoaded'; waitMs = Math.min(waitMs * 2, 1_000)) {
      if (Date.now() > deadline) {
        throw new TributaryError('UPSTREAM', `Milvus could not bring ${name} into memory in time.`, {
          service: 'milvus',
        });
      }
      await delay(waitMs);
    }
  }

  /** Makes something; that another process made it in the meantime is as good. */
  async #tolerant(work: MilvusCall<unknown>): Promise<void> {
    try {
      await this.#manage(work);
    } catch (error) {
      if (!isAlreadyThere(error)) throw error;
    }
  }

  /** Whether this failure says that a collection is not there any more; then it is forgotten. */
  forgetIfGone(collection: CollectionName, error: unknown): boolean {
    if (!isNotFound(error)) return false;
    this.forget(collection);
    return true;
  }
}
