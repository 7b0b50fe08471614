import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { TributaryError } from '../errors.ts';
import type {
  Candidate,
  CollectionName,
  VectorQuery,
  VectorRecord,
  VectorStore,
  VectorStoreCapabilities,
} from '../ports/vector-store.ts';
import { raceAbort } from '../race-abort.ts';
import type { Modality } from '../types.ts';
import { type MilvusBackend, type MilvusOptions, openMilvusBackend } from './milvus-backend.ts';
import type { MilvusCapabilities } from './milvus-capabilities.ts';
import { consistencyLevel, MilvusConnection, runOnMilvus } from './milvus-client.ts';
import type { OpenCollection } from './milvus-collections.ts';
import { asMilvusError, isNotLoaded, isUnreachable } from './milvus-failure.ts';
import { compileMilvusFilter, type MilvusSelection, milvusText } from './milvus-filter.ts';
import { MilvusProbes } from './milvus-probes.ts';
import { chunkIdOfKey, milvusKey, searchTerms } from './milvus-rows.ts';
import { milvusCollectionName, vectorIndexParameters } from './milvus-schema.ts';
import {
  keyIn,
  type MilvusRemoval,
  maxRowsOfAnswer,
  maxRowsOfWrite,
  milvusTimeouts,
  piecesOf,
} from './milvus-table.ts';
import { OrderedWrites } from './ordered-writes.ts';

const candidatesSchema = z.array(
  z.object({ key: z.string(), document_id: z.string(), modality: z.string(), score: z.number() }),
);
const vectorsOfQuery = 500;
const lists = vectorIndexParameters.IVF_FLAT.nlist ?? 1_024;

class MilvusVectorStore implements VectorStore {
  readonly #options: MilvusOptions;
  readonly #connection: MilvusConnection;
  readonly #probes = new MilvusProbes();
  readonly #queues = new Map<string, OrderedWrites<MilvusRemoval>>();
  #backend: Promise<MilvusBackend> | null = null;

  constructor(options: MilvusOptions) {
    this.#options = options;
    this.#connection = new MilvusConnection(options);
  }

  capabilities(signal?: AbortSignal): Promise<VectorStoreCapabilities> {
    return runOnMilvus(signal, async () => {
      const { capabilities } = await this.connect(signal);
      await this.#connection.call((client) => client.getVersion(), {
        timeoutMs: milvusTimeouts.read,
        signal,
      });
      return {
        vendor: capabilities.lite ? 'Milvus Lite' : 'Milvus',
        version: capabilities.version.replace(/^milvus[_-]lite-/, ''),
        sparse: capabilities.sparse,
        maxLimit: maxRowsOfAnswer,
      };
    });
  }

  upsert(collection: CollectionName, records: readonly VectorRecord[], signal?: AbortSignal): Promise<void> {
    return runOnMilvus(signal, async () => {
      if (records.length > 0) await this.#writes(collection).upsert(records, signal);
    });
  }

  searchDense(
    query: VectorQuery & { readonly vector: Float32Array },
    signal?: AbortSignal,
  ): Promise<Candidate[]> {
    return this.#search(query, signal, async (open, selection, limit) => ({
      anns_field: 'vector',
      data: [...query.vector],
      metric_type: 'IP',
      params: {
        nprobe: await this.#nprobe(open, selection, limit, signal),
        ef: Math.min(32_768, Math.max(128, Math.ceil(limit * 1.5))),
        search_list: Math.max(128, limit),
      },
    }));
  }

  searchSparse(query: VectorQuery & { readonly text: string }, signal?: AbortSignal): Promise<Candidate[]> {
    return runOnMilvus(signal, async () => {
      const { capabilities } = await this.connect(signal);
      if (!capabilities.sparse) throw noSparse(capabilities);
      const terms = searchTerms(query.text);
      if (terms === '') return [];
      return this.#search(query, signal, async () => ({
        anns_field: 'sparse',
        data: terms,
        metric_type: 'BM25',
        params: {},
      }));
    });
  }

  vectors(
    collection: CollectionName,
    tenant: string,
    chunkIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<Map<string, Float32Array>> {
    return runOnMilvus(signal, async () => {
      const found = new Map<string, Float32Array>();
      if (chunkIds.length === 0) return found;
      await this.#reading(collection, signal, async ({ table }) => {
        for (const piece of piecesOf(chunkIds, vectorsOfQuery)) {
          const keys = piece.map((chunkId) => milvusKey(tenant, chunkId));
          for (const row of await table.query(keyIn(keys), ['key', 'vector'], signal)) {
            found.set(chunkIdOfKey(tenant, String(row.key)), Float32Array.from(row.vector as number[]));
          }
        }
      });
      return found;
    });
  }

  deleteChunks(
    collection: CollectionName,
    tenant: string,
    chunkIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<number> {
    return runOnMilvus(signal, async () => {
      if (chunkIds.length === 0) return 0;
      const keys = chunkIds.map((chunkId) => milvusKey(tenant, chunkId));
      return this.#writes(collection).remove({ kind: 'keys', keys }, signal);
    });
  }

  deleteDocuments(tenant: string, documentIds: readonly string[], signal?: AbortSignal): Promise<number> {
    return runOnMilvus(signal, async () => {
      if (documentIds.length === 0) return 0;
      const { collections } = await this.connect(signal);
      let removed = 0;
      for (const collection of await collections.list(signal)) {
        for (const piece of piecesOf(documentIds, 1_000)) {
          const selection = compileMilvusFilter(tenant, { kind: 'documentIn', documentIds: piece });
          if (selection === null) continue;
          const { expression } = selection;
          removed += await this.#writes(collection).remove({ kind: 'matching', expression }, signal);
        }
      }
      return removed;
    });
  }

  collections(signal?: AbortSignal): Promise<CollectionName[]> {
    return runOnMilvus(signal, async () => {
      const { collections } = await this.connect(signal);
      return collections.list(signal);
    });
  }

  async *listChunks(
    collection: CollectionName,
    tenant: string | null,
    signal?: AbortSignal,
  ): AsyncIterable<{ readonly tenant: string; readonly chunkId: string; readonly documentId: string }> {
    const open = await runOnMilvus(signal, async () => {
      const { collections } = await this.connect(signal);
      return collections.existing(collection, signal);
    });
    if (open === null) return;
    const expression = tenant === null ? null : `tenant == ${milvusText(tenant)}`;
    const pages = open.table.pages(expression, ['key', 'tenant', 'document_id'], signal);
    for (;;) {
      const page = await runOnMilvus(signal, () => this.#again(collection, open, () => pages.next()));
      if (page.done === true) return;
      for (const row of page.value) {
        const owner = String(row.tenant);
        yield {
          tenant: owner,
          chunkId: chunkIdOfKey(owner, String(row.key)),
          documentId: String(row.document_id),
        };
      }
    }
  }

  optimize(signal?: AbortSignal): Promise<void> {
    return runOnMilvus(signal, async () => {
      const { maintenance } = await this.connect(signal);
      await maintenance.optimize(signal);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const writes of this.#queues.values()) await writes.settled();
    const backend = await this.#backend?.catch(() => null);
    await backend?.maintenance[Symbol.asyncDispose]();
    await this.#connection[Symbol.asyncDispose]();
  }

  /** Asks the server what it can do, once; again whenever that failed. */
  connect(signal?: AbortSignal): Promise<MilvusBackend> {
    this.#backend ??= openMilvusBackend(this.#connection, this.#options).catch((error: unknown) => {
      this.#backend = null;
      throw error;
    });
    const backend = this.#backend;
    // Also where nobody waits for it any more.
    backend.catch(() => undefined);
    return raceAbort(signal, () => backend);
  }

  #search(
    query: VectorQuery,
    signal: AbortSignal | undefined,
    ask: (open: OpenCollection, selection: MilvusSelection, limit: number) => Promise<object>,
  ): Promise<Candidate[]> {
    return runOnMilvus(signal, async () => {
      const selection = compileMilvusFilter(query.tenant, query.filter);
      const limit = Math.min(query.limit, maxRowsOfAnswer);
      if (selection === null || limit < 1) return [];
      const found = await this.#reading(query.collection, signal, async (open) => {
        const { table } = open;
        const asked = await ask(open, selection, limit);
        const partitions = table.partitionNames(selection.partitionKeys);
        const { results } = await table.loaded(signal, () =>
          this.#connection.call(
            (client) =>
              client.search({
                ...asked,
                collection_name: table.name,
                filter: selection.expression,
                ...(partitions === undefined ? {} : { partition_names: partitions }),
                limit,
                output_fields: ['key', 'document_id', 'modality'],
                consistency_level: consistencyLevel(query.consistency ?? 'latest'),
              } as never),
            { timeoutMs: milvusTimeouts.read, signal },
          ),
        );
        return candidatesSchema.parse(results);
      });
      return (found ?? [])
        .map(({ key, document_id: documentId, modality, score }) => ({
          chunkId: chunkIdOfKey(query.tenant, key),
          documentId,
          modality: modality as Modality,
          // milvus-lite gives BM25 below zero.
          score: 'text' in query ? Math.abs(score) : score,
        }))
        .sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1));
    });
  }

  async #nprobe(
    { table }: OpenCollection,
    { expression }: MilvusSelection,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    const { capabilities } = await this.connect(signal);
    // The small server looks at every row to count them.
    if (capabilities.lite) return lists;
    const count = (filter: string) => table.count(filter, signal);
    return this.#probes.probes(
      limit,
      () => count('key != ""'),
      () => count(expression),
      { total: table.name, matching: `${table.name} ${expression}` },
      lists,
    );
  }

  /** The writes of this process to a collection, in the order in which they are asked for. */
  #writes(collection: CollectionName): OrderedWrites<MilvusRemoval> {
    const name = milvusCollectionName(collection);
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const writes = new OrderedWrites<MilvusRemoval>({
      maxRows: maxRowsOfWrite,
      write: (records) => this.#write(collection, records),
      remove: async (removal) =>
        (await this.#reading(collection, undefined, ({ table }) => table.remove(removal))) ?? 0,
    });
    this.#queues.set(name, writes);
    return writes;
  }

  async #write(collection: CollectionName, records: readonly VectorRecord[]): Promise<void> {
    const { collections } = await this.connect();
    const { table } = await collections.orMade(collection);
    try {
      await table.write(records);
    } catch (error) {
      if (!collections.forgetIfGone(collection, error)) throw error;
      const made = await collections.orMade(collection);
      await made.table.write(records);
    }
  }

  /** Work with a collection that is there; null where there is none. */
  async #reading<T>(
    collection: CollectionName,
    signal: AbortSignal | undefined,
    work: (open: OpenCollection) => Promise<T>,
  ): Promise<T | null> {
    const { collections } = await this.connect(signal);
    const open = await collections.existing(collection, signal);
    if (open === null) return null;
    try {
      return await this.#again(collection, open, () => work(open));
    } catch (error) {
      if (collections.forgetIfGone(collection, error)) return null;
      throw error;
    }
  }

  /** Once more where another process has released the collection in the meantime. */
  async #again<T>(collection: CollectionName, open: OpenCollection, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isNotLoaded(error)) throw error;
      this.#options.logger.info({ collection }, 'a collection was released elsewhere, and is loaded again');
      open.loading = null;
      return work();
    }
  }
}

const noSparse = ({ version }: MilvusCapabilities) =>
  new TributaryError(
    'UPSTREAM',
    `Milvus ${version} cannot search by words; 2.5 and later can. Search by meaning (mode DENSE), or upgrade it.`,
    { service: 'milvus', reason: 'NO_SPARSE' },
  );

/**
 * Opens a Milvus, 2.3 or later. It is asked for its version, and what the configuration needs and it cannot do is
 * refused. One that cannot be reached within `openTimeoutMs` is not waited for any longer: every call tries again,
 * and fails until it is there.
 *
 * @throws TributaryError `UPSTREAM` where the server refuses us, is too old, or cannot do what is required.
 */
export async function openMilvusVectorStore(options: MilvusOptions): Promise<VectorStore> {
  const { url, logger, openTimeoutMs = 20_000 } = options;
  const store = new MilvusVectorStore(options);
  const deadline = Date.now() + openTimeoutMs;
  for (;;) {
    try {
      const { capabilities } = await store.connect();
      logger.info({ url, version: capabilities.version, sparse: capabilities.sparse }, 'Milvus answers');
      return store;
    } catch (error) {
      if (!isUnreachable(error)) {
        await store[Symbol.asyncDispose]();
        throw asMilvusError(error);
      }
      if (Date.now() + 250 > deadline) {
        logger.error({ err: error, url }, 'Milvus cannot be reached; it is tried again with every call');
        return store;
      }
      await delay(250);
    }
  }
}
