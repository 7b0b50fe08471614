import type { EntryId, EntryIndex, NewEntry, Ticket } from './entry-index.ts';

interface Entry {
  readonly id: EntryId;
  readonly tags: readonly string[];
  readonly expiresAtMs: number;
  readonly cost: number;
}

/** About what an entry, and each tag of it, takes in memory beside its value, in bytes. */
const entryCost = 500;
const tagCost = 150;

/** So many removals are remembered, for computations that began before them. */
const keptRemovals = 10_000;

/**
 * An index in this process, for values in this process. The oldest entries make room for new ones.
 *
 * @param options.maxBytes what all entries take together, their values and tags counted.
 * @param options.onRemoved called with each entry that made room or expired.
 */
export function createMemoryEntryIndex(options: {
  readonly maxBytes: number;
  readonly onRemoved: (id: EntryId) => void;
}): EntryIndex {
  return new MemoryEntryIndex(options.maxBytes, options.onRemoved);
}

class MemoryEntryIndex implements EntryIndex {
  readonly #maxBytes: number;
  readonly #onRemoved: (id: EntryId) => void;
  /** By key, the one that was asked for longest ago first. */
  readonly #entries = new Map<string, Entry>();
  readonly #keysByTag = new Map<string, Set<string>>();
  #bytes = 0;
  #removals = 0;
  /** The number of each tag's last removal, the oldest first; what is older than `#forgotten` is not in it. */
  readonly #removedAt = new Map<string, number>();
  #forgotten = 0;

  constructor(maxBytes: number, onRemoved: (id: EntryId) => void) {
    this.#maxBytes = maxBytes;
    this.#onRemoved = onRemoved;
  }

  async find(key: string): Promise<{ readonly stamp: string | null; readonly ticket: Ticket }> {
    const ticket = { state: String(this.#removals) };
    const entry = this.#entries.get(key);
    if (entry === undefined) return { stamp: null, ticket };
    if (entry.expiresAtMs <= Date.now()) {
      this.#drop(entry);
      this.#onRemoved(entry.id);
      return { stamp: null, ticket };
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return { stamp: entry.id.stamp, ticket };
  }

  async add({ id, tags, ttlMs, bytes, ticket }: NewEntry): Promise<boolean> {
    const since = Number(ticket.state);
    if (since < this.#forgotten) return false;
    if (tags.some((tag) => (this.#removedAt.get(tag) ?? 0) > since)) return false;
    const cost = bytes + entryCost + 2 * id.key.length + tagCost * tags.length;
    if (cost > this.#maxBytes) return false;
    const former = this.#entries.get(id.key);
    if (former !== undefined) {
      this.#drop(former);
      this.#onRemoved(former.id);
    }
    const entry: Entry = { id, tags, expiresAtMs: Date.now() + ttlMs, cost };
    this.#entries.set(id.key, entry);
    this.#bytes += cost;
    for (const tag of tags) {
      const keys = this.#keysByTag.get(tag) ?? new Set();
      this.#keysByTag.set(tag, keys.add(id.key));
    }
    for (const oldest of this.#entries.values()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest);
      this.#onRemoved(oldest.id);
    }
    return true;
  }

  async removeTagged(tags: readonly string[]): Promise<readonly EntryId[]> {
    this.#removals++;
    const removed: EntryId[] = [];
    for (const tag of tags) {
      this.#removedAt.delete(tag);
      this.#removedAt.set(tag, this.#removals);
      for (const key of [...(this.#keysByTag.get(tag) ?? [])]) {
        const entry = this.#entries.get(key);
        if (entry === undefined) continue;
        this.#drop(entry);
        removed.push(entry.id);
      }
    }
    for (const [tag, at] of this.#removedAt) {
      if (this.#removedAt.size <= keptRemovals) break;
      this.#removedAt.delete(tag);
      this.#forgotten = at;
    }
    return removed;
  }

  degraded(): null {
    return null;
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.id.key);
    this.#bytes -= entry.cost;
    for (const tag of entry.tags) {
      const keys = this.#keysByTag.get(tag);
      keys?.delete(entry.id.key);
      if (keys?.size === 0) this.#keysByTag.delete(tag);
    }
  }
}
