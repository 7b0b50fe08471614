/**
 * How a value was come by: remembered; made now, and remembered; or made now and not remembered, because it may
 * not be, is too large, or the cache cannot be reached.
 */
export type CacheOutcome = 'HIT' | 'MISS' | 'BYPASS';

/** What is kept with an entry. */
export interface CacheEntryOptions {
  /** What the entry rests on; removing a tag removes every entry that has it. */
  readonly tags: readonly string[];
  /** For so long at most, in milliseconds; not at all where it is 0. */
  readonly ttlMs: number;
}

/** A value that was worked out; it is not remembered where `options` is null. */
export interface Computed<T> {
  readonly value: T;
  readonly options: CacheEntryOptions | null;
}

/** What is wanted of a cache. */
export interface CacheRequest<T> {
  readonly key: string;
  /**
   * Callers of one key wait for one computation only where they also agree in this, such as in the time that they
   * give it; what is remembered is the same for all of them.
   */
  readonly together?: string;
  /** Reads a remembered value, which may be of another version of the program; where it throws, there is none. */
  parse(value: unknown): T;
  /**
   * Works the value out: plain JSON, which nobody changes afterwards.
   *
   * @param signal aborted when nobody waits for it any more.
   */
  compute(signal: AbortSignal): Promise<Computed<T>>;
}

/** What a removal has done. */
export interface TagRemoval {
  /** How many entries there were, in this process and in the shared store, as far as is known. */
  readonly removed: number;
  /** Whether no process can read any of them any more; false where the shared store could not be reached. */
  readonly complete: boolean;
}

/**
 * Remembers what can be worked out again. Losing all of it is no failure: a cache that cannot be reached works
 * everything out, and says so in `degraded`.
 */
export interface Cache extends AsyncDisposable {
  /**
   * The value of a key, worked out at most once at a time in this process. What began to be worked out before one of
   * its tags was removed is given to those who waited for it already, and to nobody else.
   *
   * @throws what `compute` throws; the signal's reason when it is aborted, which stops the work only where nobody
   * else waits for it; never for a cache that cannot be reached.
   */
  getOrCompute<T>(
    request: CacheRequest<T>,
    signal: AbortSignal,
  ): Promise<{ readonly value: T; readonly outcome: CacheOutcome }>;
  /**
   * Removes every entry with one of these tags. Where it is complete, no process can read any of them from then on.
   * Where the shared store cannot be reached, this process reads nothing from it until all entries of before
   * have been given up there. Other processes may do so until then, and a key that must not be stale carries what
   * it depends on itself.
   */
  removeTagged(tags: readonly string[]): Promise<TagRemoval>;
  /** What is wrong with the shared store at present, for people; null where nothing is. */
  degraded(): string | null;
}
