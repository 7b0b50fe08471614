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
const lookEveryMs = 60_000;

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

  /** Compacts what was deleted from, and switches indexes that a collection has outgrown. */
  async optimize(signal?: AbortSignal): Promise<void> {
    const { collections } = this.#options;
    for (const collection of await collections.list(signal)) {
      const open = await collections.existing(collection, signal);
      if (open === null) continue;
      await this.#compact(open);
      if (collection.family === 'text' && collection.tier !== 'cold') await this.#switchIndex(open);
    }
  }

  async #tidyInBackground(): Promise<void> {
    const { collections, coldReleaseMs, logger } = this.#options;
    for (const open of await collections.opened()) {
      try {
        await this.#compact(open);
        const idle = Date.now() - open.usedAtMs >= coldReleaseMs;
        if (open.collection.tier === 'cold' && open.loading !== null && idle) await collections.release(open);
      } catch (error) {
        logger.warn({ err: error, collection: open.table.name }, 'a collection could not be tidied');
      }
    }
  }

  /** Rows that were deleted stay in Milvus's files until those are written anew. */
  async #compact(open: OpenCollection): Promise<void> {
    const { connection } = this.#options;
    if (open.removedRows === 0) return;
    const { name } = open.table;
    const removed = open.removedRows;
    const options = { timeoutMs: milvusTimeouts.manage };
    // Only what is on disk is compacted.
    await connection.call((client) => client.flush({ collection_names: [name] }), options);
    await connection.call((client) => client.compact({ collection_name: name }), options);
    open.removedRows -= removed;
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
