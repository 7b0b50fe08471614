/** How many lists of an IVF index are searched where nothing is filtered, for limits up to 500. */
const leastProbes = 64;
/** Up to so many rows that match, all of them are compared: some milliseconds. */
const exactUpTo = 20_000;
const rememberMs = 60_000;
const remembered = 1_000;

/**
 * How many of the 1,024 lists of an IVF index a search must look into. Milvus searches so many lists, however few
 * of their rows a filter leaves: with a filter that leaves a hundredth, 32 lists find 0.57 of what exact search
 * finds. So it is asked how many rows match (which Milvus counts in milliseconds, and is remembered for a minute),
 * and so many lists are searched that as many matching rows are compared as without a filter; where few rows
 * match, all of them.
 */
export class MilvusProbes {
  readonly #counts = new Map<string, { readonly count: number; readonly untilMs: number }>();

  /**
   * @param key names the collection and the expression.
   * @param total how many rows there are in the collection.
   * @param matching how many of them match.
   */
  async probes(
    limit: number,
    total: () => Promise<number>,
    matching: () => Promise<number>,
    keys: { readonly total: string; readonly matching: string },
    lists: number,
  ): Promise<number> {
    const matched = await this.#count(keys.matching, matching);
    if (matched <= exactUpTo) return lists;
    const all = await this.#count(keys.total, total);
    const wanted = Math.max(leastProbes, Math.ceil(limit / 8));
    return Math.min(lists, Math.ceil((wanted * Math.max(all, matched)) / matched));
  }

  async #count(key: string, count: () => Promise<number>): Promise<number> {
    const known = this.#counts.get(key);
    if (known !== undefined && known.untilMs > Date.now()) return known.count;
    const counted = await count();
    this.#counts.delete(key);
    this.#counts.set(key, { count: counted, untilMs: Date.now() + rememberMs });
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > remembered && oldest !== undefined) this.#counts.delete(oldest);
    return counted;
  }
}
