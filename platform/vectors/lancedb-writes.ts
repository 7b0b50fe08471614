import type { Table } from '@lancedb/lancedb';
import type { VectorRecord } from '../ports/vector-store.ts';
import { lanceDbRows } from './lancedb-rows.ts';
import { retryConflicts } from './retry-conflicts.ts';

interface Upsert {
  readonly kind: 'upsert';
  readonly records: readonly VectorRecord[];
  readonly signal: AbortSignal | undefined;
  resolve(): void;
  reject(error: unknown): void;
}

interface Removal {
  readonly kind: 'removal';
  readonly predicate: string;
  readonly signal: AbortSignal | undefined;
  resolve(removed: number): void;
  reject(error: unknown): void;
}

/** The most rows of one commit, unless one caller has more: some ten megabytes of vectors. */
const maxRows = 2_048;

/**
 * The writes of this process to one table, one commit after the other: two at once would only conflict. What
 * callers want written while a commit is under way is written together in the next one, because a commit costs
 * about the same for one row as for a hundred. Writes take effect in the order in which they were asked for.
 */
export class LanceDbWrites {
  readonly #table: Table;
  readonly #wrote: (rows: number) => void;
  #waiting: (Upsert | Removal)[] = [];
  #working: Promise<void> | null = null;

  /** @param wrote is told of every commit, and how many rows it wrote or removed. */
  constructor(table: Table, wrote: (rows: number) => void) {
    this.#table = table;
    this.#wrote = wrote;
  }

  /**
   * Resolves when these records are durable. One that cannot be written fails no other caller's. Not begun once
   * the signal is aborted.
   */
  upsert(records: readonly VectorRecord[], signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => this.#add({ kind: 'upsert', records, signal, resolve, reject }));
  }

  /** Removes rows. @returns how many there were. Not begun once the signal is aborted. */
  remove(predicate: string, signal?: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#add({ kind: 'removal', predicate, signal, resolve, reject }),
    );
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#working !== null) await this.#working;
  }

  #add(write: Upsert | Removal): void {
    this.#waiting.push(write);
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    // Callers of the same moment share the first commit.
    await Promise.resolve();
    for (let write = this.#waiting[0]; write !== undefined; write = this.#waiting[0]) {
      if (write.kind === 'upsert') await this.#writeTogether(this.#takeUpserts());
      else {
        this.#waiting.shift();
        await this.#remove(write);
      }
    }
    // In the same breath as the look that found nothing: what is added from now on starts the work anew.
    this.#working = null;
  }

  /** The upserts that wait before the next removal, as many as go in one commit. */
  #takeUpserts(): Upsert[] {
    const taken: Upsert[] = [];
    let rows = 0;
    for (const write of this.#waiting) {
      if (write.kind !== 'upsert' || (rows > 0 && rows + write.records.length > maxRows)) break;
      taken.push(write);
      rows += write.records.length;
    }
    this.#waiting = this.#waiting.slice(taken.length);
    return taken.filter((upsert) => !isGone(upsert));
  }

  async #writeTogether(upserts: readonly Upsert[]): Promise<void> {
    if (upserts.length === 0) return;
    try {
      // Of several with the same key the last one counts, as it would if they came one after the other.
      const rows = lanceDbRows(upserts.flatMap(({ records }) => records));
      await retryConflicts(() =>
        this.#table.mergeInsert('key').whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(rows),
      );
      this.#wrote(rows.numRows);
    } catch (error) {
      if (upserts.length === 1) upserts[0]?.reject(error);
      // Whose it was shows when each is written by itself; doing it twice is doing it once.
      else for (const upsert of upserts) await this.#writeTogether([upsert]);
      return;
    }
    for (const { resolve } of upserts) resolve();
  }

  /** Removals are done one by one: each caller is told how many were its own. */
  async #remove(removal: Removal): Promise<void> {
    if (isGone(removal)) return;
    try {
      const { numDeletedRows } = await retryConflicts(() => this.#table.delete(removal.predicate));
      if (numDeletedRows > 0) this.#wrote(numDeletedRows);
      removal.resolve(numDeletedRows);
    } catch (error) {
      removal.reject(error);
    }
  }
}

/** Whether the caller has gone before its write began; then it is told so. */
function isGone({ signal, reject }: Upsert | Removal): boolean {
  if (signal?.aborted !== true) return false;
  reject(signal.reason);
  return true;
}
