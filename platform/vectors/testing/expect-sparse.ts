import { expect } from 'vitest';
import type { Candidate, VectorQuery, VectorStore } from '../../ports/vector-store.ts';

/** What a store is promised to be able to do; the suite holds it to what it says of itself. */
export interface Expected {
  /** Whether it can search by words. */
  readonly sparse: boolean;
}

/**
 * Searches by words, and expects what `check` says of what is found. A store that cannot search by words must say
 * so, in a way that tells what would help, and find nothing in silence never.
 */
export async function expectSparse(
  { sparse }: Expected,
  store: VectorStore,
  query: VectorQuery & { readonly text: string },
  check: (found: Candidate[]) => void,
): Promise<void> {
  if (sparse) {
    check(await store.searchSparse(query));
    return;
  }
  await expect(store.searchSparse(query)).rejects.toMatchObject({
    name: 'TributaryError',
    code: 'UPSTREAM',
    reason: 'NO_SPARSE',
    publicMessage: expect.stringContaining('cannot search by words'),
  });
}
