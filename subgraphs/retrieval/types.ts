import type { ChunkId } from '../../platform/ids.ts';
import type { CollectionName, Filter } from '../../platform/ports/vector-store.ts';
import type { Modality } from '../../platform/types.ts';

// What a search is on its way: Question → Plan → Candidates → Ranked → Hits.

export const searchMethods = ['DENSE', 'SPARSE'] as const;
export type SearchMethod = (typeof searchMethods)[number];

/** What is compared with the query: words, what is shown, or how it sounds. */
export const vectorSpaces = ['TEXT', 'VISUAL', 'SOUND'] as const;
export type VectorSpace = (typeof vectorSpaces)[number];

/** The family of collections that each space's vectors are in. */
export const familyOf = {
  TEXT: 'text',
  VISUAL: 'image',
  SOUND: 'audio',
} as const satisfies Readonly<Record<VectorSpace, CollectionName['family']>>;

/** Where documents are kept: in memory, or loaded on demand. */
export const tiers = ['HOT', 'COLD'] as const;
export type Tier = (typeof tiers)[number];

/** What was asked, and for whom. The input is the contract's and not yet checked: `plan` does that. */
export interface Question<Input> {
  readonly tenant: string;
  /** The caller's rights: what is remembered for those who have others is not theirs. */
  readonly access: readonly string[];
  readonly input: Input;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
}

/** What hits are near to. */
export type Query =
  | { readonly kind: 'text'; readonly text: string }
  /** The content of an upload, by its SHA-256. */
  | { readonly kind: 'picture'; readonly sha256: string }
  | { readonly kind: 'sound'; readonly sha256: string }
  /** A passage, in the space that its own vector is in. */
  | { readonly kind: 'similar'; readonly chunkId: ChunkId; readonly space: VectorSpace };

/** One modality in one space by one method in one tier, to be searched. */
export interface Source {
  readonly modality: Modality;
  readonly space: VectorSpace;
  readonly method: SearchMethod;
  readonly tier: Tier;
  readonly collection: CollectionName;
  /** The edge-detected copies of drawings, which are searched with it as one. */
  readonly edges?: CollectionName;
  /** What is missing in it, in a sentence. */
  readonly note?: string;
}

/** What became of one modality, space, method and tier; see `SourceCoverage` in the contract. */
export interface SourceCoverage {
  readonly modality: Modality;
  readonly space: VectorSpace;
  readonly method: SearchMethod;
  readonly tier: Tier;
  readonly status: 'SEARCHED' | 'SKIPPED' | 'TIMED_OUT' | 'UNAVAILABLE';
  readonly candidates: number;
  readonly tookMs: number;
  readonly reason: string | null;
}

/** An upload that is searched with. */
export interface QueryUpload {
  readonly sha256: string;
  read(signal: AbortSignal): Promise<Uint8Array>;
}

/** A question that was checked, and how it will be answered. */
export interface Plan {
  readonly tenant: string;
  readonly query: Query;
  /** The bytes that are searched with, where they are an upload's. */
  readonly upload: QueryUpload | null;
  readonly filter: Filter | null;
  readonly sources: readonly Source[];
  /** What will not be searched, and why. */
  readonly skipped: readonly SourceCoverage[];
  /** Whether cold documents are searched, too, where there are any. */
  readonly includeCold: boolean;
  /** How many hits stand before the page. */
  readonly offset: number;
  /** How many hits the page has at most. */
  readonly first: number;
  readonly perDocument: number | null;
  /** How many candidates each source gives. */
  readonly depth: number;
  /** How many hits all pages show together that this depth decides about. */
  readonly reach: number;
  readonly failFast: boolean;
  readonly explain: boolean;
  /** A hash of everything that decides which hits there are, and in which order. */
  readonly fingerprint: string;
  /** How long the caller gives it, in milliseconds. */
  readonly givenMs: number;
  /** When the answer is wanted, in milliseconds since the epoch. */
  readonly deadlineMs: number;
}

/** A passage that one source found, and that the caller may see. */
export interface Candidate {
  readonly chunkId: string;
  readonly documentId: string;
  readonly modality: Modality;
  /** Inner product, or BM25. */
  readonly score: number;
}

/** How the scores of what has nothing to do with a query are spread. */
export interface Background {
  readonly mean: number;
  /** The standard deviation. */
  readonly deviation: number;
}

/** What one source found, best first. */
export interface CandidateList {
  readonly source: Source;
  readonly candidates: readonly Candidate[];
  /** What the query's vector scores with things that it has nothing to do with; left out where nobody asked. */
  readonly background?: Background;
}

/** What all sources found. */
export interface Candidates {
  readonly lists: readonly CandidateList[];
  readonly coverage: readonly SourceCoverage[];
}

/** A score, and how it compares with those of what has nothing to do with the query; see the contract. */
export interface Calibration extends Background {
  readonly space: VectorSpace;
  readonly method: SearchMethod;
  readonly score: number;
  readonly calibrated: number;
}

/** A passage with its place among all. */
export interface Ranked {
  readonly chunkId: string;
  readonly documentId: string;
  readonly modality: Modality;
  readonly score: number;
  readonly dense: number | null;
  readonly sparse: number | null;
  readonly visual: number | null;
  readonly sound: number | null;
  readonly fused: number;
  /** From 0 to 1; null where nothing had to be made comparable. */
  readonly relevance: number | null;
  readonly boost: number;
  /** Its rank in each list it is in, by `MODALITY/METHOD`, with the space between them where that is not the text's. */
  readonly ranks: Readonly<Record<string, number>>;
  readonly calibrations: readonly Calibration[];
}

/** A range of a text, in UTF-16 code units. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A passage as it is given out. */
export interface Hit extends Ranked {
  /** From 1, over all pages. */
  readonly rank: number;
  readonly highlights: readonly TextRange[];
}

/** One page of hits. */
export interface Hits {
  readonly hits: readonly Hit[];
  readonly hasNextPage: boolean;
}

/** All passages that were found in their order, and what was searched for them. */
export interface Ranking {
  readonly ranked: readonly Ranked[];
  readonly coverage: readonly SourceCoverage[];
  /** What ran to make it, in its order. */
  readonly stages: readonly StageTiming[];
}

export const stageNames = ['plan', 'encode', 'search', 'fuse', 'hydrate'] as const;

export interface StageTiming {
  readonly stage: (typeof stageNames)[number];
  readonly tookMs: number;
}
