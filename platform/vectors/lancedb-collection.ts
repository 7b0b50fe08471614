import { type Connection, Index, type Table } from '@lancedb/lancedb';
import type { Logger } from '../logger.ts';
import type { CollectionName } from '../ports/vector-store.ts';
import { lanceDbSchema } from './lancedb-rows.ts';
import { LanceDbWrites } from './lancedb-writes.ts';
import { retryConflicts } from './retry-conflicts.ts';

/** When a collection is indexed and tidied; the defaults suit one machine. */
export interface LanceDbTuning {
  /** From this many rows on there is a vector index; below it every row is compared, which is exact. */
  readonly vectorIndexRows: number;
  /** From this many rows on the columns that filters use are indexed. */
  readonly scalarIndexRows: number;
  /** After this many rows written since the last time, indexes take them in, in the background. */
  readonly optimizeAfterRows: number;
  /** Or after this many writes: each one adds a file, and makes every search and write a little slower. */
  readonly optimizeAfterWrites: number;
  /** Or when nothing has been written for this long, in milliseconds. */
  readonly optimizeAfterMs: number;
  /** How many partitions of the vector index are searched at least; more while there are too few hits. */
  readonly minimumProbes: number;
  /** Versions older than this are dropped; a search or listing that takes longer may fail. */
  readonly keepVersionsMs: number;
}

export const defaultLanceDbTuning: LanceDbTuning = {
  vectorIndexRows: 20_000,
  scalarIndexRows: 10_000,
  optimizeAfterRows: 2_000,
  optimizeAfterWrites: 40,
  optimizeAfterMs: 5_000,
  minimumProbes: 30,
  keepVersionsMs: 120_000,
};

/** After tidying, this many times as long passes before the next. */
const restFactor = 20;

const textIndexName = 'search_text_idx';
const vectorIndexName = 'vector_idx';
const scalarIndexes: readonly (readonly [column: string, config: () => Index])[] = [
  ['key', Index.btree],
  ['tenant', Index.bitmap],
  ['document_id', Index.btree],
  ['modality', Index.bitmap],
  ['year', Index.btree],
  ['author', Index.btree],
  ['source', Index.btree],
  ['published_at_ms', Index.btree],
  ['contains_pii', Index.bitmap],
  ['tags', Index.labelList],
  ['metadata_terms', Index.labelList],
];

/** The name of a collection's table: family, fingerprint and, but for `hot`, tier. @throws RangeError on a fingerprint of other characters. */
export function lanceDbTableName(collection: CollectionName): string {
  if (!/^[A-Za-z0-9-]+$/.test(collection.fingerprint)) {
    throw new RangeError(`A fingerprint is letters, digits and hyphens; got "${collection.fingerprint}".`);
  }
  const name = `${collection.family}_${collection.fingerprint}`;
  return collection.tier === 'cold' ? `${name}_cold` : name;
}

/** The collection of a table, or null where the table is none of ours. */
export function lanceDbCollectionName(table: string): CollectionName | null {
  const [, family, fingerprint, cold] = /^(text|image|audio)_([A-Za-z0-9-]+)(_cold)?$/.exec(table) ?? [];
  if (family === undefined || fingerprint === undefined) return null;
  const name = { family: family as CollectionName['family'], fingerprint };
  return cold === undefined ? name : { ...name, tier: 'cold' };
}

/** Opens a collection's table, made here if need be, with the index that full-text search cannot do without. */
export async function openLanceDbTable(connection: Connection, name: string): Promise<Table> {
  const table = await retryConflicts(() =>
    connection.createEmptyTable(name, lanceDbSchema, { mode: 'create', existOk: true }),
  );
  await retryConflicts(async () => {
    const indexes = await table.listIndices();
    if (indexes.some((index) => index.name === textIndexName)) return;
    await table.createIndex('search_text', {
      // Words as Unicode cuts them (UAX 29), with dictionaries for scripts that write without spaces.
      config: Index.fts({
        baseTokenizer: 'icu',
        language: 'English',
        stem: true,
        removeStopWords: true,
        withPosition: false,
      }),
      name: textIndexName,
      replace: false,
    });
  });
  return table;
}

/** Builds the indexes that a table has grown big enough for, takes new rows into them, and drops old versions. */
async function tidy(table: Table, tuning: LanceDbTuning): Promise<void> {
  const existing = new Set((await table.listIndices()).map((index) => index.name));
  const rows = await table.countRows();
  if (rows >= tuning.scalarIndexRows) {
    for (const [column, config] of scalarIndexes) {
      const name = `${column}_idx`;
      if (existing.has(name)) continue;
      await retryConflicts(() => table.createIndex(column, { config: config(), name, replace: false }));
    }
  }
  if (rows >= tuning.vectorIndexRows && !existing.has(vectorIndexName)) {
    await retryConflicts(() =>
      table.createIndex('vector', {
        config: Index.ivfFlat({ distanceType: 'dot' }),
        name: vectorIndexName,
        replace: false,
      }),
    );
  }
  await retryConflicts(() =>
    table.optimize({ cleanupOlderThan: new Date(Date.now() - tuning.keepVersionsMs) }),
  );
}

/** One open table, with the counting that says when it wants tidying. */
export class LanceDbCollection implements AsyncDisposable {
  readonly table: Table;
  /** All writes to the table go through here. */
  readonly writes: LanceDbWrites;
  readonly #tuning: LanceDbTuning;
  readonly #logger: Logger;
  #rowsWritten = 0;
  #writes = 0;
  #timer: NodeJS.Timeout | null = null;
  #tidying: Promise<void> | null = null;
  #waiting: Promise<void> | null = null;
  /** Tidying copies small files together: it must not take most of the time of a big table. */
  #restUntilMs = 0;

  constructor(table: Table, tuning: LanceDbTuning, logger: Logger) {
    this.table = table;
    this.writes = new LanceDbWrites(table, (rows) => this.#wrote(rows));
    this.#tuning = tuning;
    this.#logger = logger;
  }

  /** Counts a write. After enough of them, or when no more have come for a while, tidying starts in the background. */
  #wrote(rows: number): void {
    this.#rowsWritten += rows;
    this.#writes += 1;
    this.#schedule();
  }

  #schedule(): void {
    const { optimizeAfterRows, optimizeAfterWrites, optimizeAfterMs } = this.#tuning;
    const enough = this.#rowsWritten >= optimizeAfterRows || this.#writes >= optimizeAfterWrites;
    const now = performance.now();
    const startMs = Math.max(enough ? now : now + optimizeAfterMs, this.#restUntilMs);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tidyInBackground(), startMs - now);
    this.#timer.unref();
  }

  /** Tidies all that was written before the call. Writes and searches go on meanwhile. */
  optimize(): Promise<void> {
    // One at a time. What is under way may have begun too early for the caller, what waits has not begun.
    this.#waiting ??= (this.#tidying ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        this.#waiting = null;
        this.#tidying = this.#tidy().finally(() => {
          this.#tidying = null;
        });
        return this.#tidying;
      });
    return this.#waiting;
  }

  #tidyInBackground(): void {
    this.#timer = null;
    this.optimize().catch((error: unknown) => {
      this.#logger.warn(
        { err: error, table: this.table.name },
        'Vector indexes could not be refreshed; searches compare new rows one by one until the next time.',
      );
    });
  }

  async #tidy(): Promise<void> {
    this.#rowsWritten = 0;
    this.#writes = 0;
    const startedMs = performance.now();
    try {
      await tidy(this.table, this.#tuning);
    } finally {
      const endedMs = performance.now();
      this.#restUntilMs = endedMs + restFactor * (endedMs - startedMs);
      // What was written meanwhile may have come too late for it.
      if (this.#writes > 0) this.#schedule();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.writes.settled();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await (this.#waiting ?? this.#tidying)?.catch(() => undefined);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.table.close();
  }
}
