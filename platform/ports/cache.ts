/** How an entry was come by. */
export type CacheOutcome = 'HIT' | 'STALE' | 'MISS';

/** What is kept with an entry. */
export interface CacheEntryOptions {
  /** What the entry rests on; removing a tag removes every entry that has it. */
  readonly tags: readonly string[];
  /** For so long at most, in milliseconds. */
  readonly ttlMs: number;
}

/**
 * Remembers what can be worked out again. Losing all of it is no failure: a cache that cannot be reached works
 * everything out, and says so in `degraded`.
 */
export interface Cache extends AsyncDisposable {
  /**
   * The value of a key, worked out at most once at a time in this process. Values are plain JSON.
   *
   * @throws what `compute` throws; never for a cache that cannot be reached.
   */
  getOrCompute<T>(
    key: string,
    compute: (
      signal: AbortSignal,
    ) => Promise<{ readonly value: T; readonly options: CacheEntryOptions | null }>,
    signal: AbortSignal,
  ): Promise<{ readonly value: T; readonly outcome: CacheOutcome }>;
  /**
   * Removes every entry with one of these tags, in all processes; resolves when none of them can be read any more.
   *
   * @returns how many there were in this process and in the shared store, as far as is known.
   */
  removeTagged(tags: readonly string[], signal?: AbortSignal): Promise<number>;
  /** What is wrong with the shared store at present, for people; null where nothing is. */
  degraded(): string | null;
}
