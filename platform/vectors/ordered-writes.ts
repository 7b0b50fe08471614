import type { VectorRecord } from '../ports/vector-store.ts';

/** How a collection is written to. */
export interface CollectionWriter<Removal> {
  /** Makes records durable; of several with the same key the last one counts. */
  write(records: readonly VectorRecord[]): Promise<void>;
  /** @returns how many records were removed. */
  remove(removal: Removal): Promise<number>;
  /** The most records that are put together for one write, unless one caller has more. */
  readonly maxRows: number;
}

interface Upsert {
  readonly kind: 'upsert';
  readonly records: readonly VectorRecord[];
  readonly signal: AbortSignal | undefined;
  resolve(): void;
  reject(error: unknown): void;
}

interface RemovalCall<Removal> {
  readonly kind: 'removal';
  readonly removal: Removal;
  readonly signal: AbortSignal | undefined;
  resolve(removed: number): void;
  reject(error: unknown): void;
}

/**
 * The writes of this process to one collection, one after the other, in the order in which they were asked for.
 * What callers want written while a write is under way is written together in the next one, because a write costs
 * about the same for one record as for a hundred.
 */
export class OrderedWrites<Removal> {
  readonly #writer: CollectionWriter<Removal>;
  #waiting: (Upsert | RemovalCall<Removal>)[] = [];
  #working: Promise<void> | null = null;

  constructor(writer: CollectionWriter<Removal>) {
    this.#writer = writer;
  }

  /**
   * Resolves when these records are durable. One that cannot be written fails no other caller's. Not begun once
   * the signal is aborted.
   */
  upsert(records: readonly VectorRecord[], signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => this.#add({ kind: 'upsert', records, signal, resolve, reject }));
  }

  /** Removes records. @returns how many there were. Not begun once the signal is aborted. */
  remove(removal: Removal, signal?: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => this.#add({ kind: 'removal', removal, signal, resolve, reject }));
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#working !== null) await this.#working;
  }

  #add(write: Upsert | RemovalCall<Removal>): void {
    this.#waiting.push(write);
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    // Callers of the same moment share the first write.
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

  /** The upserts that wait before the next removal, as many as go in one write. */
  #takeUpserts(): Upsert[] {
    const taken: Upsert[] = [];
    let rows = 0;
    for (const write of this.#waiting) {
      if (write.kind !== 'upsert' || (rows > 0 && rows + write.records.length > this.#writer.maxRows)) break;
      taken.push(write);
      rows += write.records.length;
    }
    this.#waiting = this.#waiting.slice(taken.length);
    return taken.filter((upsert) => !isGone(upsert));
  }

  async #writeTogether(upserts: readonly Upsert[]): Promise<void> {
    if (upserts.length === 0) return;
    try {
      await this.#writer.write(upserts.flatMap(({ records }) => records));
    } catch (error) {
      if (upserts.length === 1) upserts[0]?.reject(error);
      // Whose it was shows when each is written by itself; doing it twice is doing it once.
      else for (const upsert of upserts) await this.#writeTogether([upsert]);
      return;
    }
    for (const { resolve } of upserts) resolve();
  }

  /** Removals are done one by one: each caller is told how many were its own. */
  async #remove(call: RemovalCall<Removal>): Promise<void> {
    if (isGone(call)) return;
    try {
      call.resolve(await this.#writer.remove(call.removal));
    } catch (error) {
      call.reject(error);
    }
  }
}

/** Whether the caller has gone before its write began; then it is told so. */
function isGone({
  signal,
  reject,
}: {
  readonly signal: AbortSignal | undefined;
  reject(error: unknown): void;
}): boolean {
  if (signal?.aborted !== true) return false;
  reject(signal.reason);
  return true;
}
