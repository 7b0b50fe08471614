import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { type Connection, connect, MatchQuery } from '@lancedb/lancedb';
import type { Table as ArrowTable } from 'apache-arrow';
import { TributaryError, upstream } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type {
  Candidate,
  CollectionName,
  VectorQuery,
  VectorRecord,
  VectorStore,
  VectorStoreCapabilities,
} from '../ports/vector-store.ts';
import { raceAbort } from '../race-abort.ts';
import { storageFull } from '../storage-full.ts';
import type { Modality } from '../types.ts';
import {
  defaultLanceDbTuning,
  LanceDbCollection,
  type LanceDbTuning,
  lanceDbCollectionName,
  lanceDbTableName,
  openLanceDbTable,
} from './lancedb-collection.ts';
import { compileLanceDbFilter, sqlText } from './lancedb-filter.ts';
import { lanceDbKey } from './lancedb-rows.ts';

export interface LanceDbOptions {
  /** The folder that holds the tables; made if it is not there. */
  readonly directory: string;
  readonly logger: Logger;
  readonly tuning?: Partial<LanceDbTuning>;
}

/** What LanceDB failed with, as one of our errors. */
function asStoreError(error: unknown): Error {
  if (error instanceof TributaryError || error instanceof RangeError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/no space left|os error 28|disk quota/i.test(message)) {
    return storageFull(error);
  }
  return upstream('vectors', 'The vector store could not do this. Its log says why.', error);
}

/** LanceDB cannot be interrupted: an aborted caller stops waiting, and the work ends by itself. */
const run = <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> =>
  raceAbort(signal, () =>
    work().catch((error: unknown) => {
      throw asStoreError(error);
    }),
  );

const columns = ['chunk_id', 'document_id', 'modality'];
const maxCollections = 10_000;

const keyIn = (tenant: string, chunkIds: readonly string[]): string =>
  `key IN (${chunkIds.map((chunkId) => sqlText(lanceDbKey(tenant, chunkId))).join(', ')})`;

async function lanceDbVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@lancedb/lancedb');
  const manifest: unknown = JSON.parse(await readFile(join(dirname(entry), '..', 'package.json'), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return version ? String(manifest.version) : 'unknown';
}

/** The rows of a search, best first; equal scores in the order of their ids. */
function candidates(rows: ArrowTable, scoreColumn: string, score: (value: number) => number): Candidate[] {
  return rows
    .toArray()
    .map((row) => ({
      chunkId: String(row.chunk_id),
      documentId: String(row.document_id),
      modality: String(row.modality) as Modality,
      score: score(Number(row[scoreColumn])),
    }))
    .sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1));
}

class LanceDbVectorStore implements VectorStore {
  readonly #connection: Connection;
  readonly #version: string;
  readonly #logger: Logger;
  readonly #tuning: LanceDbTuning;
  readonly #open = new Map<string, Promise<LanceDbCollection>>();

  constructor(connection: Connection, version: string, logger: Logger, tuning: LanceDbTuning) {
    this.#connection = connection;
    this.#version = version;
    this.#logger = logger;
    this.#tuning = tuning;
  }

  async capabilities(signal?: AbortSignal): Promise<VectorStoreCapabilities> {
    await run(signal, () => this.#connection.tableNames());
    return { vendor: 'LanceDB', version: this.#version, sparse: true, maxLimit: 1_000_000 };
  }

  upsert(collection: CollectionName, records: readonly VectorRecord[], signal?: AbortSignal): Promise<void> {
    return run(signal, async () => {
      if (records.length === 0) return;
      const target = await this.#openOrMake(lanceDbTableName(collection));
      await target.writes.upsert(records, signal);
    });
  }

  searchDense(
    query: VectorQuery & { readonly vector: Float32Array },
    signal?: AbortSignal,
  ): Promise<Candidate[]> {
    return run(signal, async () => {
      const target = await this.#openExisting(lanceDbTableName(query.collection));
      if (target === null) return [];
      const rows = await target.table
        .query()
        .nearestTo(query.vector)
        .column('vector')
        .distanceType('dot')
        // 0 is without end: a narrow filter looks on until it has found enough.
        .maximumNprobes(0)
        .minimumNprobes(this.#tuning.minimumProbes)
        .where(compileLanceDbFilter(query.tenant, query.filter))
        .limit(query.limit)
        .select([...columns, '_distance'])
        .toArrow();
      return candidates(rows, '_distance', (distance) => 1 - distance);
    });
  }

  searchSparse(query: VectorQuery & { readonly text: string }, signal?: AbortSignal): Promise<Candidate[]> {
    return run(signal, async () => {
      const target = await this.#openExisting(lanceDbTableName(query.collection));
      if (target === null) return [];
      const rows = await target.table
        .query()
        .fullTextSearch(new MatchQuery(query.text, 'search_text'))
        .where(compileLanceDbFilter(query.tenant, query.filter))
        .limit(query.limit)
        .select([...columns, '_score'])
        .toArrow();
      return candidates(rows, '_score', (score) => score);
    });
  }

  vectors(
    collection: CollectionName,
    tenant: string,
    chunkIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<Map<string, Float32Array>> {
    return run(signal, async () => {
      const found = new Map<string, Float32Array>();
      const target = await this.#openExisting(lanceDbTableName(collection));
      if (target === null || chunkIds.length === 0) return found;
      const rows = await target.table
        .query()
        .where(keyIn(tenant, chunkIds))
        .select(['chunk_id', 'vector'])
        .toArrow();
      for (const row of rows) found.set(String(row.chunk_id), Float32Array.from(row.vector));
      return found;
    });
  }

  deleteChunks(
    collection: CollectionName,
    tenant: string,
    chunkIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<number> {
    return run(signal, async () => {
      const target = await this.#openExisting(lanceDbTableName(collection));
      return target === null || chunkIds.length === 0
        ? 0
        : target.writes.remove(keyIn(tenant, chunkIds), signal);
    });
  }

  deleteDocuments(tenant: string, documentIds: readonly string[], signal?: AbortSignal): Promise<number> {
    return run(signal, async () => {
      if (documentIds.length === 0) return 0;
      const predicate = compileLanceDbFilter(tenant, { kind: 'documentIn', documentIds });
      let removed = 0;
      for (const collection of await this.#collections()) {
        const target = await this.#openExisting(lanceDbTableName(collection));
        if (target !== null) removed += await target.writes.remove(predicate, signal);
      }
      return removed;
    });
  }

  collections(signal?: AbortSignal): Promise<CollectionName[]> {
    return run(signal, () => this.#collections());
  }

  async *listChunks(
    collection: CollectionName,
    tenant: string | null,
    signal?: AbortSignal,
  ): AsyncIterable<{ readonly tenant: string; readonly chunkId: string; readonly documentId: string }> {
    const target = await run(signal, () => this.#openExisting(lanceDbTableName(collection)));
    if (target === null) return;
    const query = target.table.query().select(['tenant', 'chunk_id', 'document_id']);
    if (tenant !== null) query.where(compileLanceDbFilter(tenant, null));
    const batches = query[Symbol.asyncIterator]();
    for (;;) {
      const batch = await run(signal, () => batches.next());
      if (batch.done === true) return;
      for (const row of batch.value) {
        yield {
          tenant: String(row.tenant),
          chunkId: String(row.chunk_id),
          documentId: String(row.document_id),
        };
      }
    }
  }

  optimize(signal?: AbortSignal): Promise<void> {
    return run(signal, async () => {
      for (const collection of await this.#collections()) {
        const target = await this.#openExisting(lanceDbTableName(collection));
        await target?.optimize();
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await Promise.allSettled(this.#open.values());
    this.#open.clear();
    for (const each of opened) if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]();
    this.#connection.close();
  }

  async #collections(): Promise<CollectionName[]> {
    const names = await this.#connection.tableNames({ limit: maxCollections });
    return names.map(lanceDbCollectionName).filter((name) => name !== null);
  }

  #openOrMake(name: string): Promise<LanceDbCollection> {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const opening = openLanceDbTable(this.#connection, name).then(
      (table) => new LanceDbCollection(table, this.#tuning, this.#logger),
    );
    this.#open.set(name, opening);
    opening.catch(() => this.#open.delete(name));
    return opening;
  }

  async #openExisting(name: string): Promise<LanceDbCollection | null> {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const names = await this.#connection.tableNames({ limit: maxCollections });
    return names.includes(name) ? this.#openOrMake(name) : null;
  }
}

/**
 * Opens the LanceDB tables of a folder: vectors and BM25 in this process, on this disk. Several processes may
 * open the same folder; each sees at once what another has written.
 *
 * @throws TributaryError `UPSTREAM` when the folder cannot be opened.
 */
export async function openLanceDbVectorStore(options: LanceDbOptions): Promise<VectorStore> {
  // LanceDB takes a bare name for the address of a remote database: always give it an absolute path.
  const directory = resolve(options.directory);
  try {
    await mkdir(directory, { recursive: true });
    // With an interval of 0 every read looks for the newest version, whichever process wrote it.
    const connection = await connect(directory, { readConsistencyInterval: 0 });
    const tuning = { ...defaultLanceDbTuning, ...options.tuning };
    return new LanceDbVectorStore(connection, await lanceDbVersion(), options.logger, tuning);
  } catch (error) {
    throw upstream('vectors', `The vector store in ${directory} could not be opened.`, error);
  }
}
