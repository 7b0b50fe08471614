// Made by `npm run schema` from schema/*.graphql: change those, and the models and operations beside this file.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** One condition on a row of a table. A cell whose value is of another type than what it is compared with does not match. */
export type CellCondition = {
  /** Is at least this number, or not before this date. */
  readonly atLeast?: unknown;
  /** Is at most this number, or not after this date. */
  readonly atMost?: unknown;
  /** The column, as its header names it; neither case nor spacing counts. Of nested fields the path: `size.width`. */
  readonly column: string;
  /** Is this text, number or boolean. A date is a text, `2026-11-23` or `2026-11-23T02:55:42`; a percentage a fraction, 0.25. */
  readonly equals?: unknown;
  /** Whether the row has a value in the column. */
  readonly exists?: boolean | null | undefined;
  /** Is greater than this number, or after this date. */
  readonly greaterThan?: unknown;
  /** Is one of these texts, numbers or booleans. */
  readonly in?: ReadonlyArray<unknown> | null | undefined;
  /** Is less than this number, or before this date. */
  readonly lessThan?: unknown;
};

/** What became of a source. */
export type CoverageStatus =
  /** It was searched, whole. */
  | 'SEARCHED'
  /** It was not wanted, or there is nothing in it. */
  | 'SKIPPED'
  /** It did not answer before the deadline. */
  | 'TIMED_OUT'
  /** It could not be searched. */
  | 'UNAVAILABLE';

/** A range of instants. */
export type DateTimeRange = {
  /** Before this. */
  readonly before?: string | null | undefined;
  /** At or after this. */
  readonly from?: string | null | undefined;
};

/** A range of whole numbers, both ends included. */
export type IntRange = {
  /** At least this. */
  readonly from?: number | null | undefined;
  /** At most this. */
  readonly to?: number | null | undefined;
};

/** One condition on a path of a document's metadata. A document without the path does not match, except for `exists: false`. */
export type MetadataCondition = {
  /** Is a number of at least this. */
  readonly atLeast?: number | null | undefined;
  /** Is a number of at most this. */
  readonly atMost?: number | null | undefined;
  /** Is this string, number or boolean. */
  readonly equals?: unknown;
  /** Is there at all. */
  readonly exists?: boolean | null | undefined;
  /** Is a number greater than this. */
  readonly greaterThan?: number | null | undefined;
  /** Is one of these strings, numbers or booleans. */
  readonly in?: ReadonlyArray<unknown> | null | undefined;
  /** Is a number less than this. */
  readonly lessThan?: number | null | undefined;
  /** The path, its keys joined by dots: `project.phase`. Keys are letters, digits, `_` and `-`. */
  readonly path: string;
};

/** The kind of content. One document can hold passages of several. */
export type Modality =
  /** Sound. */
  | 'AUDIO'
  /** Still pictures. */
  | 'IMAGE'
  /** Rows and columns. */
  | 'TABLE'
  /** Prose: plain text, Markdown, HTML, and the text of PDF pages. */
  | 'TEXT'
  /** Moving pictures, with their sound. */
  | 'VIDEO';

/** What to do when some source cannot be searched in time. */
export type PartialPolicy =
  /** Answer with the others, and say so in `coverage`. */
  | 'BEST_EFFORT'
  /** Fail with `UPSTREAM`. */
  | 'FAIL_FAST';

/** Which documents' passages to search. All given conditions must hold; what is left out does not restrict. */
export type SearchFilter = {
  /** All of these hold. */
  readonly and?: ReadonlyArray<SearchFilter> | null | undefined;
  /** The author is one of these, exactly. */
  readonly authors?: ReadonlyArray<string> | null | undefined;
  /** There is one row of a table for which all of these hold; only rows of tables match. Not within `or` and `not`. */
  readonly cells?: ReadonlyArray<CellCondition> | null | undefined;
  /** Whether the document contains personal data. */
  readonly containsPii?: boolean | null | undefined;
  /** The document is one of these. */
  readonly documentIds?: ReadonlyArray<string> | null | undefined;
  /** Conditions on the uploader's own fields. */
  readonly metadata?: ReadonlyArray<MetadataCondition> | null | undefined;
  /** This does not hold. */
  readonly not?: SearchFilter | null | undefined;
  /** One of these holds. */
  readonly or?: ReadonlyArray<SearchFilter> | null | undefined;
  /** Published in this range. */
  readonly publishedAt?: DateTimeRange | null | undefined;
  /** The source is one of these, exactly. */
  readonly sources?: ReadonlyArray<string> | null | undefined;
  /** The document has all of these tags. */
  readonly tagsAll?: ReadonlyArray<string> | null | undefined;
  /** The document has one of these tags. */
  readonly tagsAny?: ReadonlyArray<string> | null | undefined;
  /** The year is this, or in this range. */
  readonly year?: IntRange | null | undefined;
};

/** What to search for, and how. Exactly one of `text`, `imageUploadId`, `audioUploadId` and `similarToChunkId` asks. */
export type SearchInput = {
  /** Go on behind the hit with this cursor. Paging ends at the thousandth hit. */
  readonly after?: string | null | undefined;
  /** What sounds like the first 30 seconds of this recording: an upload, of at most 20 MB, whose bytes have arrived. It can be searched with again until it expires. */
  readonly audioUploadId?: string | null | undefined;
  /** Answer within this many milliseconds, 1 to 60,000, with what was found by then; 10,000 by default. */
  readonly deadlineMs?: number | null | undefined;
  /** Search with the encoder of this fingerprint, where there are vectors of it, as during a migration; with the one that serves by default. */
  readonly encoder?: string | null | undefined;
  /** Whether the parts of each score carry its rank in every list. */
  readonly explain?: boolean | null | undefined;
  /** Only passages of documents that match. */
  readonly filter?: SearchFilter | null | undefined;
  /** How many hits, 1 to 200. */
  readonly first?: number | null | undefined;
  /** What looks like this picture: an upload, of at most 20 MB, whose bytes have arrived. It can be searched with again until it expires. */
  readonly imageUploadId?: string | null | undefined;
  /** Whether to search cold documents, too: those that no search has shown for a long time. The first search of a while may be over before they are loaded; `coverage` says so. */
  readonly includeCold?: boolean | null | undefined;
  /** Only these modalities; all of them by default. */
  readonly modalities?: ReadonlyArray<Modality> | null | undefined;
  /** By meaning, by words, or both fused. */
  readonly mode?: SearchMode | null | undefined;
  /** What to do when some source cannot be searched. */
  readonly partial?: PartialPolicy | null | undefined;
  /** At most this many hits from any one document; no limit by default. */
  readonly perDocument?: number | null | undefined;
  /** Passages like this one, which is left out of the hits itself: like its words, like what it shows, or like how it sounds. */
  readonly similarToChunkId?: string | null | undefined;
  /** A question or words, 1 to 8,192 characters. */
  readonly text?: string | null | undefined;
};

/** A way of searching. */
export type SearchMethod =
  /** By meaning: inner product of embeddings. */
  | 'DENSE'
  /** By words: BM25. */
  | 'SPARSE';

/** Which searches are made. */
export type SearchMode =
  /** By meaning, looks or sound: inner product of embeddings. */
  | 'DENSE'
  /** By meaning and by words, fused by reciprocal rank. */
  | 'HYBRID'
  /** By words: BM25. */
  | 'SPARSE';

/** Where documents are kept. */
export type Tier =
  /** Not shown by any search for a long time: loaded when a search asks for them by `includeCold`. Named only where there are such documents. */
  | 'COLD'
  /** In memory: every search covers them. */
  | 'HOT';

/** What is compared with the query. Vectors of different spaces cannot be compared with one another. */
export type VectorSpace =
  /** How something sounds. */
  | 'SOUND'
  /** Words: prose, rows, captions, transcripts, and the text that was read in pictures. */
  | 'TEXT'
  /** What pictures and films show. */
  | 'VISUAL';

export type RetrieveQueryVariables = Exact<{
  input: SearchInput;
}>;


export type RetrieveQuery = { readonly search: { readonly hits: { readonly nodes: ReadonlyArray<{ readonly rank: number, readonly score: number, readonly parts: { readonly dense: number | null, readonly sparse: number | null, readonly visual: number | null, readonly sound: number | null, readonly fused: number, readonly relevance: number | null, readonly boost: number, readonly rerank: number | null, readonly ranks: unknown, readonly calibrations: ReadonlyArray<{ readonly space: VectorSpace, readonly method: SearchMethod, readonly score: number, readonly mean: number, readonly deviation: number, readonly calibrated: number }> }, readonly highlights: ReadonlyArray<{ readonly start: number, readonly end: number }>, readonly chunk: { readonly id: string, readonly text: string | null, readonly modality: Modality, readonly locator:
            | { readonly __typename: 'CellRange', readonly sheet: string | null, readonly firstRow: number, readonly lastRow: number, readonly firstColumn: number, readonly lastColumn: number }
            | { readonly __typename: 'ImageRegion', readonly region: { readonly left: number, readonly top: number, readonly width: number, readonly height: number } }
            | { readonly __typename: 'PageRegion', readonly page: number, readonly box: { readonly left: number, readonly top: number, readonly width: number, readonly height: number } | null }
            | { readonly __typename: 'TextRange', readonly start: number, readonly end: number }
            | { readonly __typename: 'TimeSpan', readonly startMs: number, readonly endMs: number }
          , readonly document: { readonly id: string, readonly title: string } } | null }> }, readonly coverage: { readonly complete: boolean, readonly sources: ReadonlyArray<{ readonly modality: Modality, readonly space: VectorSpace, readonly method: SearchMethod, readonly tier: Tier, readonly status: CoverageStatus, readonly candidates: number, readonly tookMs: number, readonly reason: string | null }> } } };

/** An operation and the types that go with it. `types` is never there: it only carries them. */
export interface Operation<Result, Variables> {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name: string;
  readonly text: string;
  readonly types?: (variables: Variables) => Result;
}

export const RetrieveOperation: Operation<RetrieveQuery, RetrieveQueryVariables> = {
  kind: 'query',
  name: 'Retrieve',
  text: "query Retrieve($input: SearchInput!) {\n  search(input: $input) {\n    hits {\n      nodes {\n        rank\n        score\n        parts {\n          dense\n          sparse\n          visual\n          sound\n          fused\n          relevance\n          boost\n          rerank\n          ranks\n          calibrations {\n            space\n            method\n            score\n            mean\n            deviation\n            calibrated\n          }\n        }\n        highlights {\n          start\n          end\n        }\n        chunk {\n          id\n          text\n          modality\n          locator {\n            __typename\n            ... on TextRange {\n              start\n              end\n            }\n            ... on PageRegion {\n              page\n              box {\n                left\n                top\n                width\n                height\n              }\n            }\n            ... on ImageRegion {\n              region: box {\n                left\n                top\n                width\n                height\n              }\n            }\n            ... on TimeSpan {\n              startMs\n              endMs\n            }\n            ... on CellRange {\n              sheet\n              firstRow\n              lastRow\n              firstColumn\n              lastColumn\n            }\n          }\n          document {\n            id\n            title\n          }\n        }\n      }\n    }\n    coverage {\n      complete\n      sources {\n        modality\n        space\n        method\n        tier\n        status\n        candidates\n        tookMs\n        reason\n      }\n    }\n  }\n}",
};
