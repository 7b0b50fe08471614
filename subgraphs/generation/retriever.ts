import type { Identity } from '../../platform/identity.ts';
import type { Coverage, Passage } from './types.ts';

export interface RetrieverQuery {
  /** What to look for. */
  readonly text: string;
  /** The contract's `SearchFilter`. */
  readonly filter: Readonly<Record<string, unknown>> | null;
  /** How many passages at most. */
  readonly first: number;
}

/** Finds the passages that an answer is made from. */
export interface Retriever {
  /**
   * The best passages, best first; those without words are left out.
   *
   * @throws TributaryError `REJECTED_INPUT` when the filter is wrong; `DENIED`; `BUSY`; `UPSTREAM` when the
   * search cannot be reached; the signal's reason when aborted.
   */
  search(
    identity: Identity,
    query: RetrieverQuery,
    signal: AbortSignal,
  ): Promise<{ readonly passages: readonly Passage[]; readonly coverage: Coverage }>;
  /** Resolves when the search can be reached. */
  ping(signal: AbortSignal): Promise<void>;
}
