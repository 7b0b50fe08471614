import type { Modality } from '../types.ts';

/** The vectors of one encoder and one modality family. A mismatched encoder can never be asked. */
export interface CollectionName {
  readonly family: 'text' | 'image' | 'audio';
  readonly fingerprint: string;
  /** Where it is kept: `hot`, the default, in memory; `cold` is loaded when it is searched, and released again. */
  readonly tier?: 'hot' | 'cold';
}

/** What a vector store keeps of one chunk. */
export interface VectorRecord {
  readonly chunkId: string;
  readonly tenant: string;
  readonly documentId: string;
  readonly modality: Modality;
  /** Shape [768], L2-normalised. */
  readonly vector: Float32Array;
  /** What BM25 sees; the title stands before the passage. */
  readonly searchText: string;
  readonly year: number | null;
  readonly author: string | null;
  readonly tags: readonly string[];
  readonly source: string | null;
  /** Milliseconds since the epoch. */
  readonly publishedAtMs: number | null;
  readonly containsPii: boolean;
  /** The uploader's own fields; any path of it can be filtered by. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A value that a metadata path can be compared with. */
export type Scalar = string | number | boolean;

/** The typed filter language. Stores compile it; nothing compiles strings. */
export type Filter =
  | { readonly kind: 'and'; readonly filters: readonly Filter[] }
  | { readonly kind: 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'documentIn'; readonly documentIds: readonly string[] }
  | { readonly kind: 'modalityIn'; readonly modalities: readonly Modality[] }
  | { readonly kind: 'yearRange'; readonly from: number | null; readonly to: number | null }
  | { readonly kind: 'authorIn'; readonly authors: readonly string[] }
  | { readonly kind: 'sourceIn'; readonly sources: readonly string[] }
  | { readonly kind: 'tagsAll'; readonly tags: readonly string[] }
  | { readonly kind: 'tagsAny'; readonly tags: readonly string[] }
  | { readonly kind: 'publishedRange'; readonly fromMs: number | null; readonly beforeMs: number | null }
  | { readonly kind: 'containsPii'; readonly value: boolean }
  | { readonly kind: 'metadataIn'; readonly path: readonly string[]; readonly values: readonly Scalar[] }
  | {
      readonly kind: 'metadataCompare';
      readonly path: readonly string[];
      readonly operator: '>' | '>=' | '<' | '<=';
      readonly value: number;
    }
  | { readonly kind: 'metadataExists'; readonly path: readonly string[] }
  /**
   * There is one row in the passage for which all of the tests hold. A store rules out by what `indexCells` put into the
   * metadata, and lets some through that have no such row: whoever asks looks at the rows themselves. Never within `not`.
   */
  | { readonly kind: 'cells'; readonly tests: RowTest };

/** One condition on the cell of a row in one column; columns are named as in the header. */
export type CellTest =
  | { readonly column: string; readonly operator: 'in'; readonly values: readonly Scalar[] }
  | {
      readonly column: string;
      readonly operator: '>' | '>=' | '<' | '<=';
      /** A number, or a date (`2026-11-23`) or date and time in UTC (`2026-11-23T02:55:42`). */
      readonly value: number | string;
    }
  | { readonly column: string; readonly operator: 'exists'; readonly exists: boolean };

/** Conditions on one row, all of which hold. */
export type RowTest = readonly CellTest[];

/** What every search says. Tenancy is never optional. */
export interface VectorQuery {
  readonly collection: CollectionName;
  readonly tenant: string;
  readonly filter: Filter | null;
  /** How many candidates at most. */
  readonly limit: number;
  /**
   * `latest`, the default, sees every write that has resolved, in whichever process; `bounded` may miss the
   * last seconds and is faster in a cluster.
   */
  readonly consistency?: 'latest' | 'bounded';
}

export interface Candidate {
  readonly chunkId: string;
  readonly documentId: string;
  readonly modality: Modality;
  /** Inner product for dense; BM25, positive, for sparse. Higher is better. */
  readonly score: number;
}

/** What this store can do; what it cannot do is said in coverage. */
export interface VectorStoreCapabilities {
  readonly vendor: string;
  readonly version: string;
  /** Whether it can search by words (BM25). */
  readonly sparse: boolean;
  /** The most candidates of one search. */
  readonly maxLimit: number;
}

/**
 * Keeps vectors and finds the nearest. Filters prune before the search. A search of a collection that does
 * not exist yet finds nothing. After `upsert` or a delete has resolved, every later search sees it, unless it
 * asks for bounded consistency.
 */
export interface VectorStore extends AsyncDisposable {
  capabilities(signal?: AbortSignal): Promise<VectorStoreCapabilities>;
  /** Writes records by chunk id: what is there is replaced, and doing it twice is doing it once. */
  upsert(collection: CollectionName, records: readonly VectorRecord[], signal?: AbortSignal): Promise<void>;
  /** The nearest by inner product, best first. `vector` has shape [768], L2-normalised. */
  searchDense(
    query: VectorQuery & { readonly vector: Float32Array },
    signal?: AbortSignal,
  ): Promise<Candidate[]>;
  /** The best by BM25, best first. */
  searchSparse(query: VectorQuery & { readonly text: string }, signal?: AbortSignal): Promise<Candidate[]>;
  /** The stored vectors of chunks, for `similarToChunkId`; unknown ones are left out. */
  vectors(
    collection: CollectionName,
    tenant: string,
    chunkIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<Map<string, Float32Array>>;
  /** Removes chunks. @returns how many were there. */
  deleteChunks(
    collection: CollectionName,
    tenant: string,
    chunkIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<number>;
  /** Removes all chunks of documents, in every collection. @returns how many were there. */
  deleteDocuments(tenant: string, documentIds: readonly string[], signal?: AbortSignal): Promise<number>;
  /** Every collection that exists. */
  collections(signal?: AbortSignal): Promise<CollectionName[]>;
  /** Every chunk of a collection, of one tenant or of all, in no order: what the reconciler compares. */
  listChunks(
    collection: CollectionName,
    tenant: string | null,
    signal?: AbortSignal,
  ): AsyncIterable<{ readonly tenant: string; readonly chunkId: string; readonly documentId: string }>;
  /** Builds or refreshes indexes and drops old versions of the data; safe at any time. */
  optimize(signal?: AbortSignal): Promise<void>;
}
