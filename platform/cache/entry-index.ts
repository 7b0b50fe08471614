/**
 * The state of the index when a computation began. What it made is remembered only where nothing that it rests on was
 * removed since.
 */
export interface Ticket {
  /** Equal tickets: nothing was removed between them. */
  readonly state: string;
}

/** An entry's name: its key, and a stamp that is new whenever its value is. What is stored under it never changes. */
export interface EntryId {
  readonly key: string;
  readonly stamp: string;
}

export interface NewEntry {
  readonly id: EntryId;
  readonly tags: readonly string[];
  readonly ttlMs: number;
  /** The size of the value. */
  readonly bytes: number;
  readonly ticket: Ticket;
}

/**
 * Which entries there are, and which tags they have: the one place that decides whether an entry can be read.
 * Values are kept elsewhere, by the ids that this gives out, and nobody can ask for one whose id is gone.
 */
export interface EntryIndex {
  /** The present stamp of a key, null where it has none. Null altogether where the index cannot be reached. */
  find(key: string): Promise<{ readonly stamp: string | null; readonly ticket: Ticket } | null>;
  /** Makes an entry readable. @returns false where one of its tags was removed since the ticket, or it has no room. */
  add(entry: NewEntry): Promise<boolean>;
  /** Makes entries unreadable. @returns those that there were; null where the index cannot be reached. */
  removeTagged(tags: readonly string[]): Promise<readonly EntryId[] | null>;
  degraded(): string | null;
}
