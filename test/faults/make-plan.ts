import type { Seeded } from './seeded.ts';

/** One thing that is done to the document of one source: its text is put in, or (null) it is deleted. */
export interface Operation {
  readonly source: string;
  readonly text: string | null;
}

export interface Plan {
  /** In this order for each source; between sources the order does not matter. */
  readonly operations: readonly Operation[];
  /** What must be found in the end: the text of each source that was not deleted. */
  readonly expected: ReadonlyMap<string, string>;
}

/** So many of the operations are on a document that is there already, and so many of those delete it. */
const laterShare = 0.35;
const deletedShare = 0.4;

/** Puts so many documents in, with updates and deletions, and documents that come back, among them. */
export function makePlan(documents: number, random: Seeded): Plan {
  const operations: Operation[] = [];
  const state = new Map<string, string | null>();
  const sources: string[] = [];
  while (sources.length < documents) {
    const later = sources.length > 0 && random.next() < laterShare;
    const source = later ? random.pick(sources) : `source ${sources.length}`;
    if (!later) sources.push(source);
    const isThere = typeof state.get(source) === 'string';
    const deletes = isThere && random.next() < deletedShare;
    const number = operations.length;
    const text = deletes
      ? null
      : `Record ${number} of the harbour office. The mark of ${source} is zq${number}k.`;
    operations.push({ source, text });
    state.set(source, text);
  }
  const expected = [...state].filter((entry): entry is [string, string] => entry[1] !== null);
  return { operations, expected: new Map(expected) };
}
