import type { Logger } from '../logger.ts';
import type { MilvusCapabilities } from './milvus-capabilities.ts';
import type { MilvusConnection } from './milvus-client.ts';
import type { MilvusCollections, OpenCollection } from './milvus-collections.ts';
import { milvusTimeouts } from './milvus-table.ts';

export interface MilvusMaintenanceOptions {
  readonly connection: MilvusConnection;
  readonly capabilities: MilvusCapabilities;
  readonly collections: MilvusCollections;
  readonly logger: Logger;
  /** From so many vectors of text on their index is IVF_PQ; infinite for never. */
  readonly ivfPqFrom: number;
  readonly coldReleaseMs: number;
}

/** How often it is looked whether there is something to do, in milliseconds. */
const lookEveryMs = 30_000;
/** So many rows are written before their index is built, or none for so long. */
const rowsOfPiece = 10_000;
const quietMs = 30_000;

/** What keeps collections in shape: compaction after deletions, the index that suits their size, release of cold ones. */
export class MilvusMaintenance implements AsyncDisposable {
  readonly #options: MilvusMaintenanceOptions;
  readonly #timer: NodeJS.Timeout;
  #working: Promise<void> = Promise.resolve();

  constructor(options: MilvusMaintenanceOptions) {
    this.#options = options;
    this.#timer = setInterval(
      () => {
        this.#working = this.#working.then(() => this.#tidyInBackground());
      },
      Math.min(lookEveryMs, options.coldReleaseMs),
    );
    this.#timer.unref();
  }

  /** Builds the indexes of what was written, compacts what was deleted from, and switches indexes that a collection has outgrown. */
  async optimize(signal?: AbortSignal): Promise<void> {
    const { collections } = this.#options;
    for (const collection of await collections.list(signal)) {
      const open = await collections.existing(collection, signal);
      if (open === null) continue;
      await this.#settle(open);
      if (collection.family === 'text' && collection.tier !== 'cold') await this.#switchIndex(open);
    }
  }

  async #tidyInBackground(): Promise<void> {
    const { collections, coldReleaseMs, logger } = this.#options;
    for (const open of await collections.opened()) {
      try {
        // Milvus wants few large pieces rather than many small ones.
        const quiet = Date.now() - open.changedAtMs >= quietMs;
        if (quiet || open.writtenRows >= rowsOfPiece) await this.#settle(open);
        const idle = Date.now() - open.usedAtMs >= coldReleaseMs;
        if (open.collection.tier === 'cold' && open.loading !== null && idle) await collections.release(open);
      } catch (error) {
        logger.warn({ err: error, collection: open.table.name }, 'a collection could not be tidied');
      }
    }
  }

  /**
   * Puts what was written on disk, where indexes are built: until then Milvus searches it by an index of its own,
   * which finds less. Rows that were deleted stay in Milvus's files until those are written anew.
   */
  async #settle(open: OpenCollection): Promise<void> {
    const { connection } = this.#options;
    const { writtenRows, removedRows } = open;
    if (writtenRows === 0 && removedRows === 0) return;
    const { name } = open.table;
    const options = { timeoutMs: milvusTimeouts.manage };
    await connection.call((client) => client.flush({ collection_names: [name] }), options);
    open.writtenRows -= writtenRows;
    if (removedRows === 0) return;
    await connection.call((client) => client.compact({ collection_name: name }), options);
    open.removedRows -= removedRows;
  }

  async #switchIndex(open: OpenCollection): Promise<void> {
    const { collections, capabilities, ivfPqFrom, logger } = this.#options;
    if (!Number.isFinite(ivfPqFrom)) return;
    const rows = await open.table.count('key != ""');
    if (rows < ivfPqFrom || (await collections.vectorIndex(open.table.name)) !== 'IVF_FLAT') return;
    const { name } = open.table;
    if (!capabilities.indexTypes.includes('IVF_PQ')) {
      logger.warn(
        { collection: name, rows, version: capabilities.version },
        'this server has no IVF_PQ: the index stays IVF_FLAT',
      );
      return;
    }
    logger.warn(
      { collection: name, rows },
      'the index is built anew as IVF_PQ; until then nothing is found here',
    );
    await collections.rebuildVectorIndex(open, 'IVF_PQ');
    logger.info({ collection: name, rows }, 'the index is IVF_PQ');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
  }
}
