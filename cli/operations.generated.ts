// Made by `npm run schema` from schema/*.graphql: change those, and the models and operations beside this file.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** How an answer stands. */
export type AnswerState =
  /** It is whole. */
  | 'COMPLETED'
  /** It could not be made. */
  | 'FAILED'
  /** It is being made. */
  | 'RUNNING'
  /** It was stopped: by `stopAnswer`, or because nobody came back to it in time. */
  | 'STOPPED';

/** How an answer is made. */
export type AnswerStyle =
  /** It is made of the passages' own sentences, each with its citation. No language model is needed. */
  | 'EXTRACTIVE'
  /** A language model writes it; each of its sentences is attributed to a passage, and checked. */
  | 'GENERATED';

/** What to answer, and how. */
export type AskInput = {
  /** The conversation it goes on with; a new one by default. */
  readonly conversationId?: string | null | undefined;
  /** Which documents' passages to answer from; the same filter as that of `search`. */
  readonly filter?: SearchFilter | null | undefined;
  /** The same key given again within a day continues the same answer instead of starting another; 1 to 128 characters. */
  readonly idempotencyKey?: string | null | undefined;
  /** Answer from at most this many passages, 1 to 50. */
  readonly passages?: number | null | undefined;
  /** The question, 1 to 8,192 characters. */
  readonly question: string;
  /** How to answer; the server's default by default. */
  readonly style?: AnswerStyle | null | undefined;
  /** At most this many tokens, prompt and answer together, 256 to 131,072; the server's budget by default. */
  readonly tokenBudget?: number | null | undefined;
};

/** Whether a result was made or remembered. */
export type CacheOutcome =
  /** It was made now, and is not remembered. */
  | 'BYPASS'
  /** It was remembered, and nothing it rests on has changed since. */
  | 'HIT'
  /** It was made now, and remembered. */
  | 'MISS';

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

/** What is about to be sent. */
export type CreateUploadInput = {
  /** The size in bytes, where known; refused at once when over the limit. With it the address may be one of the object store. */
  readonly byteSize?: number | null | undefined;
  /** The file's name; used for the title, and to tell kinds of text apart. */
  readonly fileName: string;
  /** The media type, where known; the bytes decide. */
  readonly mediaType?: string | null | undefined;
};

/** A range of instants. */
export type DateTimeRange = {
  /** Before this. */
  readonly before?: string | null | undefined;
  /** At or after this. */
  readonly from?: string | null | undefined;
};

/** What is said of a document; every field is optional. */
export type DocumentAttributes = {
  /** The author, at most 1,000 characters. */
  readonly author?: string | null | undefined;
  /** Whether it contains personal data. */
  readonly containsPii?: boolean | null | undefined;
  /** The uploader's own fields: a JSON object of at most 16 KiB. */
  readonly metadata?: unknown;
  /** When it was published. */
  readonly publishedAt?: string | null | undefined;
  /** At most 64 tags of at most 128 characters. */
  readonly tags?: ReadonlyArray<string> | null | undefined;
  /** The title, at most 1,000 characters. */
  readonly title?: string | null | undefined;
  /** The year it is from. */
  readonly year?: number | null | undefined;
};

/** Which documents to list; what is left out does not restrict. */
export type DocumentFilter = {
  /** Documents by this author, exactly. */
  readonly author?: string | null | undefined;
  /** Documents of one of these kinds. */
  readonly modalities?: ReadonlyArray<Modality> | null | undefined;
  /** Documents from this source, exactly. */
  readonly source?: string | null | undefined;
  /** Documents in one of these states. Deleted ones are listed only when asked for by name. */
  readonly states?: ReadonlyArray<DocumentState> | null | undefined;
  /** Documents that have all of these tags. */
  readonly tags?: ReadonlyArray<string> | null | undefined;
  /** Documents whose title contains this, in any case. */
  readonly titleContains?: string | null | undefined;
};

/** Where a document stands. */
export type DocumentState =
  /** It was deleted and cannot be found. */
  | 'DELETED'
  /** None of it can be found; `gaps` says why. */
  | 'FAILED'
  /** Some of it can be found; `gaps` says what can not, and why. */
  | 'PARTIAL'
  /** A worker is reading, encoding or storing it. */
  | 'PROCESSING'
  /** Its bytes are here and a job is waiting for a worker. */
  | 'RECEIVED'
  /** All of it can be found. */
  | 'SEARCHABLE';

/** How an encoder migration stands. */
export type EncoderMigrationState =
  /** It was given up, and the target's vectors are gone. */
  | 'CANCELLED'
  /** It was given up, and the target's vectors are being removed. */
  | 'CANCELLING'
  /** The old encoder's vectors are gone. */
  | 'FINISHED'
  /** The old encoder's vectors are being removed. */
  | 'FINISHING'
  /** Every passage has a vector of both encoders; either can serve. New and changed documents are followed. */
  | 'READY'
  /** Passages are being encoded. */
  | 'RUNNING';

/** Exactly one of `uploadId`, `url` and `text` says where the content is. */
export type IngestDocumentInput = {
  /** What is said of the document. */
  readonly attributes?: DocumentAttributes | null | undefined;
  /** The media type of `text`: `text/plain` (the default), `text/markdown` or `text/html`. */
  readonly mediaType?: string | null | undefined;
  /** The name of the source, by which a later version of the same document is recognised; the URL or the file name by default. */
  readonly source?: string | null | undefined;
  /** The content itself, as text, at most 1 MiB. */
  readonly text?: string | null | undefined;
  /** The id of an upload whose bytes have arrived. */
  readonly uploadId?: string | null | undefined;
  /** A public http or https address to fetch. */
  readonly url?: string | null | undefined;
};

/** The stages that a job goes through, in this order. */
export type IngestStage =
  /** Cutting passages. */
  | 'CHUNK'
  /** Ended. */
  | 'DONE'
  /** Turning passages into vectors. */
  | 'ENCODE'
  /** Reading text and structure. */
  | 'EXTRACT'
  /** Finding out what the bytes are. */
  | 'INSPECT'
  /** Waiting for a worker. */
  | 'QUEUED'
  /** Writing vectors and rows. */
  | 'STORE';

/** A range of whole numbers, both ends included. */
export type IntRange = {
  /** At least this. */
  readonly from?: number | null | undefined;
  /** At most this. */
  readonly to?: number | null | undefined;
};

/** How a job stands. */
export type JobState =
  /** It was given up because the document was deleted or replaced meanwhile. */
  | 'CANCELLED'
  /** It ended badly; `error` says why. */
  | 'FAILED'
  /** Waiting for a worker. */
  | 'QUEUED'
  /** A worker is at it. */
  | 'RUNNING'
  /** It ended well; the document can be found. */
  | 'SUCCEEDED';

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

/** A query that quality is compared on. */
export type SavedQueryInput = {
  /** The ids of the documents that are relevant to it, at most 1,000, where that is known. */
  readonly relevantDocumentIds?: ReadonlyArray<string> | null | undefined;
  /** A question or words, 1 to 8,192 characters. */
  readonly text: string;
};

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

/** To which encoder to migrate. Exactly one of `fingerprint` and `model` names it; neither, where only one other is loaded. */
export type StartEncoderMigrationInput = {
  /** The fingerprint of an encoder that is loaded. */
  readonly fingerprint?: string | null | undefined;
  /** Asking again under the same key, 1 to 200 characters, gives the same migration. */
  readonly idempotencyKey?: string | null | undefined;
  /** The model of an encoder that is loaded, as `encoders` names it. */
  readonly model?: string | null | undefined;
  /** Queries of the caller's tenant to compare quality on, at most 1,000. */
  readonly savedQueries?: ReadonlyArray<SavedQueryInput> | null | undefined;
};

/** How far a passage bears a statement out. */
export type Support =
  /** The passage says the same: close in meaning, and with every number and name of the statement. */
  | 'SUPPORTED'
  /** No passage was found that says it. */
  | 'UNSUPPORTED'
  /** The statement is the passage's own words, found there letter by letter. */
  | 'VERIFIED';

/** Which encoder is to serve. */
export type SwitchEncoderInput = {
  /** Its fingerprint. */
  readonly fingerprint: string;
  /** Whether to switch although passages lack a vector of it: they are not found before they have one. */
  readonly force?: boolean | null | undefined;
};

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

type LocatorFields_CellRange_Fragment = { readonly __typename: 'CellRange', readonly sheet: string | null, readonly firstRow: number, readonly lastRow: number, readonly firstColumn: number, readonly lastColumn: number };

type LocatorFields_ImageRegion_Fragment = { readonly __typename: 'ImageRegion', readonly region: { readonly left: number, readonly top: number, readonly width: number, readonly height: number } };

type LocatorFields_PageRegion_Fragment = { readonly __typename: 'PageRegion', readonly page: number, readonly box: { readonly left: number, readonly top: number, readonly width: number, readonly height: number } | null };

type LocatorFields_TextRange_Fragment = { readonly __typename: 'TextRange', readonly start: number, readonly end: number };

type LocatorFields_TimeSpan_Fragment = { readonly __typename: 'TimeSpan', readonly startMs: number, readonly endMs: number };

export type LocatorFieldsFragment =
  | LocatorFields_CellRange_Fragment
  | LocatorFields_ImageRegion_Fragment
  | LocatorFields_PageRegion_Fragment
  | LocatorFields_TextRange_Fragment
  | LocatorFields_TimeSpan_Fragment
;

export type BoxFieldsFragment = { readonly left: number, readonly top: number, readonly width: number, readonly height: number };

export type JobFieldsFragment = { readonly id: string, readonly state: JobState, readonly stage: IngestStage, readonly duplicate: boolean, readonly chunksTotal: number, readonly chunksStored: number, readonly attempts: number, readonly error: { readonly code: string, readonly message: string, readonly field: string | null } | null, readonly document: { readonly id: string, readonly title: string, readonly state: DocumentState, readonly version: number } };

export type CoverageFieldsFragment = { readonly complete: boolean, readonly sources: ReadonlyArray<{ readonly modality: Modality, readonly space: VectorSpace, readonly method: SearchMethod, readonly tier: Tier, readonly status: CoverageStatus, readonly candidates: number, readonly tookMs: number, readonly reason: string | null }> };

export type CitationFieldsFragment = { readonly index: number, readonly support: Support, readonly quote: string | null, readonly answerRange: { readonly start: number, readonly end: number }, readonly locator:
    | { readonly __typename: 'CellRange', readonly sheet: string | null, readonly firstRow: number, readonly lastRow: number, readonly firstColumn: number, readonly lastColumn: number }
    | { readonly __typename: 'ImageRegion', readonly region: { readonly left: number, readonly top: number, readonly width: number, readonly height: number } }
    | { readonly __typename: 'PageRegion', readonly page: number, readonly box: { readonly left: number, readonly top: number, readonly width: number, readonly height: number } | null }
    | { readonly __typename: 'TextRange', readonly start: number, readonly end: number }
    | { readonly __typename: 'TimeSpan', readonly startMs: number, readonly endMs: number }
   | null, readonly chunk: { readonly id: string, readonly document: { readonly id: string, readonly title: string, readonly source: string | null } } | null };

export type ReceiptFieldsFragment = { readonly id: string, readonly documentId: string, readonly requestedAt: string, readonly unfindableAt: string, readonly purgedAt: string | null, readonly signature: string | null, readonly stores: ReadonlyArray<{ readonly store: string, readonly removed: number, readonly purgedAt: string | null }> };

export type CreateUploadMutationVariables = Exact<{
  input: CreateUploadInput;
}>;


export type CreateUploadMutation = { readonly createUpload:
    | { readonly __typename: 'Busy', readonly code: string, readonly message: string, readonly retryAfterMs: number }
    | { readonly __typename: 'Rejected', readonly code: string, readonly message: string, readonly field: string | null }
    | { readonly __typename: 'UploadTicket', readonly id: string, readonly putUrl: string, readonly maxBytes: number }
   };

export type IngestDocumentMutationVariables = Exact<{
  input: IngestDocumentInput;
}>;


export type IngestDocumentMutation = { readonly ingestDocument:
    | { readonly __typename: 'Busy', readonly code: string, readonly message: string, readonly retryAfterMs: number }
    | { readonly __typename: 'IngestJob', readonly id: string, readonly state: JobState, readonly stage: IngestStage, readonly duplicate: boolean, readonly chunksTotal: number, readonly chunksStored: number, readonly attempts: number, readonly error: { readonly code: string, readonly message: string, readonly field: string | null } | null, readonly document: { readonly id: string, readonly title: string, readonly state: DocumentState, readonly version: number } }
    | { readonly __typename: 'Rejected', readonly code: string, readonly message: string, readonly field: string | null }
   };

export type IngestJobQueryVariables = Exact<{
  id: string;
}>;


export type IngestJobQuery = { readonly ingestJob: { readonly id: string, readonly state: JobState, readonly stage: IngestStage, readonly duplicate: boolean, readonly chunksTotal: number, readonly chunksStored: number, readonly attempts: number, readonly error: { readonly code: string, readonly message: string, readonly field: string | null } | null, readonly document: { readonly id: string, readonly title: string, readonly state: DocumentState, readonly version: number } } | null };

export type IngestProgressSubscriptionVariables = Exact<{
  jobId: string;
}>;


export type IngestProgressSubscription = { readonly ingestProgress: { readonly sequence: number, readonly job: { readonly id: string, readonly state: JobState, readonly stage: IngestStage, readonly duplicate: boolean, readonly chunksTotal: number, readonly chunksStored: number, readonly attempts: number, readonly error: { readonly code: string, readonly message: string, readonly field: string | null } | null, readonly document: { readonly id: string, readonly title: string, readonly state: DocumentState, readonly version: number } } } };

export type DocumentsQueryVariables = Exact<{
  filter?: DocumentFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type DocumentsQuery = { readonly documents: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly title: string, readonly state: DocumentState, readonly modality: Modality, readonly mediaType: string, readonly byteSize: number, readonly source: string | null, readonly author: string | null, readonly year: number | null, readonly tags: ReadonlyArray<string>, readonly version: number, readonly createdAt: string, readonly updatedAt: string, readonly gaps: ReadonlyArray<{ readonly code: string, readonly message: string }> }> } };

export type DeleteDocumentMutationVariables = Exact<{
  id: string;
}>;


export type DeleteDocumentMutation = { readonly deleteDocument:
    | { readonly __typename: 'DeletionReceipt', readonly id: string, readonly documentId: string, readonly requestedAt: string, readonly unfindableAt: string, readonly purgedAt: string | null, readonly signature: string | null, readonly stores: ReadonlyArray<{ readonly store: string, readonly removed: number, readonly purgedAt: string | null }> }
    | { readonly __typename: 'Denied', readonly code: string, readonly message: string }
    | { readonly __typename: 'NotFound', readonly code: string, readonly message: string }
   };

export type SearchQueryVariables = Exact<{
  input: SearchInput;
}>;


export type SearchQuery = { readonly search: { readonly tookMs: number, readonly cache: CacheOutcome, readonly stages: ReadonlyArray<{ readonly stage: string, readonly tookMs: number }>, readonly coverage: { readonly complete: boolean, readonly sources: ReadonlyArray<{ readonly modality: Modality, readonly space: VectorSpace, readonly method: SearchMethod, readonly tier: Tier, readonly status: CoverageStatus, readonly candidates: number, readonly tookMs: number, readonly reason: string | null }> }, readonly hits: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly rank: number, readonly score: number, readonly parts: { readonly dense: number | null, readonly sparse: number | null, readonly visual: number | null, readonly sound: number | null, readonly fused: number, readonly relevance: number | null, readonly boost: number, readonly rerank: number | null }, readonly highlights: ReadonlyArray<{ readonly start: number, readonly end: number }>, readonly chunk: { readonly id: string, readonly ordinal: number, readonly modality: Modality, readonly text: string | null, readonly locator:
            | { readonly __typename: 'CellRange', readonly sheet: string | null, readonly firstRow: number, readonly lastRow: number, readonly firstColumn: number, readonly lastColumn: number }
            | { readonly __typename: 'ImageRegion', readonly region: { readonly left: number, readonly top: number, readonly width: number, readonly height: number } }
            | { readonly __typename: 'PageRegion', readonly page: number, readonly box: { readonly left: number, readonly top: number, readonly width: number, readonly height: number } | null }
            | { readonly __typename: 'TextRange', readonly start: number, readonly end: number }
            | { readonly __typename: 'TimeSpan', readonly startMs: number, readonly endMs: number }
          , readonly document: { readonly id: string, readonly title: string, readonly source: string | null, readonly author: string | null, readonly year: number | null, readonly tags: ReadonlyArray<string> } } | null }> } } };

export type AnswerSubscriptionVariables = Exact<{
  input?: AskInput | null | undefined;
  id?: string | null | undefined;
  after?: string | null | undefined;
}>;


export type AnswerSubscription = { readonly answer:
    | { readonly __typename: 'AnswerCompleted', readonly cursor: string, readonly sequence: number, readonly answerId: string, readonly answer: { readonly id: string, readonly conversationId: string, readonly state: AnswerState, readonly style: AnswerStyle, readonly model: string, readonly text: string, readonly reason: string | null, readonly usage: { readonly promptTokens: number, readonly completionTokens: number, readonly costMicroUsd: number | null, readonly firstTokenMs: number | null, readonly totalMs: number } | null, readonly coverage: { readonly complete: boolean, readonly sources: ReadonlyArray<{ readonly modality: Modality, readonly space: VectorSpace, readonly method: SearchMethod, readonly tier: Tier, readonly status: CoverageStatus, readonly candidates: number, readonly tookMs: number, readonly reason: string | null }> } | null } }
    | { readonly __typename: 'AnswerFailed', readonly code: string, readonly retryable: boolean, readonly message: string, readonly cursor: string, readonly sequence: number, readonly answerId: string }
    | { readonly __typename: 'AnswerStarted', readonly model: string, readonly style: AnswerStyle, readonly cursor: string, readonly sequence: number, readonly answerId: string }
    | { readonly __typename: 'CitationAdded', readonly cursor: string, readonly sequence: number, readonly answerId: string, readonly citation: { readonly index: number, readonly support: Support, readonly quote: string | null, readonly answerRange: { readonly start: number, readonly end: number }, readonly locator:
          | { readonly __typename: 'CellRange', readonly sheet: string | null, readonly firstRow: number, readonly lastRow: number, readonly firstColumn: number, readonly lastColumn: number }
          | { readonly __typename: 'ImageRegion', readonly region: { readonly left: number, readonly top: number, readonly width: number, readonly height: number } }
          | { readonly __typename: 'PageRegion', readonly page: number, readonly box: { readonly left: number, readonly top: number, readonly width: number, readonly height: number } | null }
          | { readonly __typename: 'TextRange', readonly start: number, readonly end: number }
          | { readonly __typename: 'TimeSpan', readonly startMs: number, readonly endMs: number }
         | null, readonly chunk: { readonly id: string, readonly document: { readonly id: string, readonly title: string, readonly source: string | null } } | null } }
    | { readonly __typename: 'RetrievalProgress', readonly cursor: string, readonly sequence: number, readonly answerId: string, readonly source: { readonly modality: Modality, readonly space: VectorSpace, readonly method: SearchMethod, readonly status: CoverageStatus, readonly candidates: number, readonly tookMs: number, readonly reason: string | null } }
    | { readonly __typename: 'TokenDelta', readonly text: string, readonly cursor: string, readonly sequence: number, readonly answerId: string }
   };

export type StopAnswerMutationVariables = Exact<{
  id: string;
}>;


export type StopAnswerMutation = { readonly stopAnswer:
    | { readonly __typename: 'Answer', readonly id: string, readonly state: AnswerState }
    | { readonly __typename: 'NotFound', readonly code: string, readonly message: string }
   };

export type DoctorQueryVariables = Exact<{ [key: string]: never; }>;


export type DoctorQuery = { readonly documents: { readonly totalCount: number } };

export type EncoderMigrationFieldsFragment = { readonly id: string, readonly state: EncoderMigrationState, readonly source: string, readonly sourceModel: string, readonly target: string, readonly targetModel: string, readonly listed: boolean, readonly passagesTotal: number, readonly passagesEncoded: number, readonly passagesPresent: number, readonly vectorsRemoved: number, readonly failures: number, readonly createdAt: string, readonly readyAt: string | null, readonly finishedAt: string | null, readonly error: { readonly code: string, readonly message: string } | null, readonly quality: { readonly queries: number, readonly judgedQueries: number, readonly overlapAt10: number, readonly meanRankChange: number, readonly source: { readonly ndcgAt10: number, readonly recallAt100: number } | null, readonly target: { readonly ndcgAt10: number, readonly recallAt100: number } | null } | null };

export type EncodersQueryVariables = Exact<{ [key: string]: never; }>;


export type EncodersQuery = { readonly encoders: ReadonlyArray<{ readonly fingerprint: string, readonly model: string, readonly serving: boolean, readonly loaded: boolean, readonly kept: boolean, readonly vectors: number, readonly missing: number }>, readonly encoderMigrations: ReadonlyArray<{ readonly id: string, readonly state: EncoderMigrationState, readonly source: string, readonly sourceModel: string, readonly target: string, readonly targetModel: string, readonly listed: boolean, readonly passagesTotal: number, readonly passagesEncoded: number, readonly passagesPresent: number, readonly vectorsRemoved: number, readonly failures: number, readonly createdAt: string, readonly readyAt: string | null, readonly finishedAt: string | null, readonly error: { readonly code: string, readonly message: string } | null, readonly quality: { readonly queries: number, readonly judgedQueries: number, readonly overlapAt10: number, readonly meanRankChange: number, readonly source: { readonly ndcgAt10: number, readonly recallAt100: number } | null, readonly target: { readonly ndcgAt10: number, readonly recallAt100: number } | null } | null }> };

export type StartEncoderMigrationMutationVariables = Exact<{
  input: StartEncoderMigrationInput;
}>;


export type StartEncoderMigrationMutation = { readonly startEncoderMigration:
    | { readonly __typename: 'Denied', readonly code: string, readonly message: string }
    | { readonly __typename: 'EncoderMigration', readonly id: string, readonly state: EncoderMigrationState, readonly source: string, readonly sourceModel: string, readonly target: string, readonly targetModel: string, readonly listed: boolean, readonly passagesTotal: number, readonly passagesEncoded: number, readonly passagesPresent: number, readonly vectorsRemoved: number, readonly failures: number, readonly createdAt: string, readonly readyAt: string | null, readonly finishedAt: string | null, readonly error: { readonly code: string, readonly message: string } | null, readonly quality: { readonly queries: number, readonly judgedQueries: number, readonly overlapAt10: number, readonly meanRankChange: number, readonly source: { readonly ndcgAt10: number, readonly recallAt100: number } | null, readonly target: { readonly ndcgAt10: number, readonly recallAt100: number } | null } | null }
    | { readonly __typename: 'Rejected', readonly code: string, readonly message: string }
   };

export type EncoderMigrationProgressSubscriptionVariables = Exact<{
  id: string;
  after?: number | null | undefined;
}>;


export type EncoderMigrationProgressSubscription = { readonly encoderMigrationProgress: { readonly sequence: number, readonly at: string, readonly migration: { readonly id: string, readonly state: EncoderMigrationState, readonly source: string, readonly sourceModel: string, readonly target: string, readonly targetModel: string, readonly listed: boolean, readonly passagesTotal: number, readonly passagesEncoded: number, readonly passagesPresent: number, readonly vectorsRemoved: number, readonly failures: number, readonly createdAt: string, readonly readyAt: string | null, readonly finishedAt: string | null, readonly error: { readonly code: string, readonly message: string } | null, readonly quality: { readonly queries: number, readonly judgedQueries: number, readonly overlapAt10: number, readonly meanRankChange: number, readonly source: { readonly ndcgAt10: number, readonly recallAt100: number } | null, readonly target: { readonly ndcgAt10: number, readonly recallAt100: number } | null } | null } } };

export type SwitchEncoderMutationVariables = Exact<{
  input: SwitchEncoderInput;
}>;


export type SwitchEncoderMutation = { readonly switchEncoder:
    | { readonly __typename: 'Denied', readonly code: string, readonly message: string }
    | { readonly __typename: 'EncoderSwitch', readonly previous: string, readonly switchedAt: string, readonly serving: { readonly fingerprint: string, readonly model: string, readonly vectors: number, readonly missing: number } }
    | { readonly __typename: 'Rejected', readonly code: string, readonly message: string }
   };

export type FinishEncoderMigrationMutationVariables = Exact<{
  id: string;
}>;


export type FinishEncoderMigrationMutation = { readonly finishEncoderMigration:
    | { readonly __typename: 'Denied', readonly code: string, readonly message: string }
    | { readonly __typename: 'EncoderMigration', readonly id: string, readonly state: EncoderMigrationState, readonly source: string, readonly sourceModel: string, readonly target: string, readonly targetModel: string, readonly listed: boolean, readonly passagesTotal: number, readonly passagesEncoded: number, readonly passagesPresent: number, readonly vectorsRemoved: number, readonly failures: number, readonly createdAt: string, readonly readyAt: string | null, readonly finishedAt: string | null, readonly error: { readonly code: string, readonly message: string } | null, readonly quality: { readonly queries: number, readonly judgedQueries: number, readonly overlapAt10: number, readonly meanRankChange: number, readonly source: { readonly ndcgAt10: number, readonly recallAt100: number } | null, readonly target: { readonly ndcgAt10: number, readonly recallAt100: number } | null } | null }
    | { readonly __typename: 'NotFound', readonly code: string, readonly message: string }
    | { readonly __typename: 'Rejected', readonly code: string, readonly message: string }
   };

export type CancelEncoderMigrationMutationVariables = Exact<{
  id: string;
}>;


export type CancelEncoderMigrationMutation = { readonly cancelEncoderMigration:
    | { readonly __typename: 'Denied', readonly code: string, readonly message: string }
    | { readonly __typename: 'EncoderMigration', readonly id: string, readonly state: EncoderMigrationState, readonly source: string, readonly sourceModel: string, readonly target: string, readonly targetModel: string, readonly listed: boolean, readonly passagesTotal: number, readonly passagesEncoded: number, readonly passagesPresent: number, readonly vectorsRemoved: number, readonly failures: number, readonly createdAt: string, readonly readyAt: string | null, readonly finishedAt: string | null, readonly error: { readonly code: string, readonly message: string } | null, readonly quality: { readonly queries: number, readonly judgedQueries: number, readonly overlapAt10: number, readonly meanRankChange: number, readonly source: { readonly ndcgAt10: number, readonly recallAt100: number } | null, readonly target: { readonly ndcgAt10: number, readonly recallAt100: number } | null } | null }
    | { readonly __typename: 'NotFound', readonly code: string, readonly message: string }
    | { readonly __typename: 'Rejected', readonly code: string, readonly message: string }
   };

export type RankDocumentsQueryVariables = Exact<{
  input: SearchInput;
}>;


export type RankDocumentsQuery = { readonly search: { readonly hits: { readonly nodes: ReadonlyArray<{ readonly chunk: { readonly document: { readonly id: string, readonly source: string | null } } | null }> }, readonly coverage: { readonly complete: boolean } } };

/** An operation and the types that go with it. `types` is never there: it only carries them. */
export interface Operation<Result, Variables> {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name: string;
  readonly text: string;
  readonly types?: (variables: Variables) => Result;
}

export const CreateUploadOperation: Operation<CreateUploadMutation, CreateUploadMutationVariables> = {
  kind: 'mutation',
  name: 'CreateUpload',
  text: "mutation CreateUpload($input: CreateUploadInput!) {\n  createUpload(input: $input) {\n    __typename\n    ... on UploadTicket {\n      id\n      putUrl\n      maxBytes\n    }\n    ... on Rejected {\n      code\n      message\n      field\n    }\n    ... on Busy {\n      code\n      message\n      retryAfterMs\n    }\n  }\n}",
};

export const IngestDocumentOperation: Operation<IngestDocumentMutation, IngestDocumentMutationVariables> = {
  kind: 'mutation',
  name: 'IngestDocument',
  text: "mutation IngestDocument($input: IngestDocumentInput!) {\n  ingestDocument(input: $input) {\n    __typename\n    ... on IngestJob {\n      ...JobFields\n    }\n    ... on Rejected {\n      code\n      message\n      field\n    }\n    ... on Busy {\n      code\n      message\n      retryAfterMs\n    }\n  }\n}\n\nfragment JobFields on IngestJob {\n  id\n  state\n  stage\n  duplicate\n  chunksTotal\n  chunksStored\n  attempts\n  error {\n    code\n    message\n    field\n  }\n  document {\n    id\n    title\n    state\n    version\n  }\n}",
};

export const IngestJobOperation: Operation<IngestJobQuery, IngestJobQueryVariables> = {
  kind: 'query',
  name: 'IngestJob',
  text: "query IngestJob($id: ID!) {\n  ingestJob(id: $id) {\n    ...JobFields\n  }\n}\n\nfragment JobFields on IngestJob {\n  id\n  state\n  stage\n  duplicate\n  chunksTotal\n  chunksStored\n  attempts\n  error {\n    code\n    message\n    field\n  }\n  document {\n    id\n    title\n    state\n    version\n  }\n}",
};

export const IngestProgressOperation: Operation<IngestProgressSubscription, IngestProgressSubscriptionVariables> = {
  kind: 'subscription',
  name: 'IngestProgress',
  text: "subscription IngestProgress($jobId: ID!) {\n  ingestProgress(jobId: $jobId) {\n    sequence\n    job {\n      ...JobFields\n    }\n  }\n}\n\nfragment JobFields on IngestJob {\n  id\n  state\n  stage\n  duplicate\n  chunksTotal\n  chunksStored\n  attempts\n  error {\n    code\n    message\n    field\n  }\n  document {\n    id\n    title\n    state\n    version\n  }\n}",
};

export const DocumentsOperation: Operation<DocumentsQuery, DocumentsQueryVariables> = {
  kind: 'query',
  name: 'Documents',
  text: "query Documents($filter: DocumentFilter, $first: Int, $after: String) {\n  documents(filter: $filter, first: $first, after: $after) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      id\n      title\n      state\n      modality\n      mediaType\n      byteSize\n      source\n      author\n      year\n      tags\n      version\n      createdAt\n      updatedAt\n      gaps {\n        code\n        message\n      }\n    }\n  }\n}",
};

export const DeleteDocumentOperation: Operation<DeleteDocumentMutation, DeleteDocumentMutationVariables> = {
  kind: 'mutation',
  name: 'DeleteDocument',
  text: "mutation DeleteDocument($id: ID!) {\n  deleteDocument(id: $id) {\n    __typename\n    ... on DeletionReceipt {\n      ...ReceiptFields\n    }\n    ... on NotFound {\n      code\n      message\n    }\n    ... on Denied {\n      code\n      message\n    }\n  }\n}\n\nfragment ReceiptFields on DeletionReceipt {\n  id\n  documentId\n  requestedAt\n  unfindableAt\n  purgedAt\n  signature\n  stores {\n    store\n    removed\n    purgedAt\n  }\n}",
};

export const SearchOperation: Operation<SearchQuery, SearchQueryVariables> = {
  kind: 'query',
  name: 'Search',
  text: "query Search($input: SearchInput!) {\n  search(input: $input) {\n    tookMs\n    cache\n    stages {\n      stage\n      tookMs\n    }\n    coverage {\n      ...CoverageFields\n    }\n    hits {\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        rank\n        score\n        parts {\n          dense\n          sparse\n          visual\n          sound\n          fused\n          relevance\n          boost\n          rerank\n        }\n        highlights {\n          start\n          end\n        }\n        chunk {\n          id\n          ordinal\n          modality\n          text\n          locator {\n            ...LocatorFields\n          }\n          document {\n            id\n            title\n            source\n            author\n            year\n            tags\n          }\n        }\n      }\n    }\n  }\n}\n\nfragment CoverageFields on Coverage {\n  complete\n  sources {\n    modality\n    space\n    method\n    tier\n    status\n    candidates\n    tookMs\n    reason\n  }\n}\n\nfragment LocatorFields on Locator {\n  __typename\n  ... on TextRange {\n    start\n    end\n  }\n  ... on PageRegion {\n    page\n    box {\n      ...BoxFields\n    }\n  }\n  ... on ImageRegion {\n    region: box {\n      ...BoxFields\n    }\n  }\n  ... on TimeSpan {\n    startMs\n    endMs\n  }\n  ... on CellRange {\n    sheet\n    firstRow\n    lastRow\n    firstColumn\n    lastColumn\n  }\n}\n\nfragment BoxFields on Box {\n  left\n  top\n  width\n  height\n}",
};

export const AnswerOperation: Operation<AnswerSubscription, AnswerSubscriptionVariables> = {
  kind: 'subscription',
  name: 'Answer',
  text: "subscription Answer($input: AskInput, $id: ID, $after: String) {\n  answer(input: $input, id: $id, after: $after) {\n    __typename\n    cursor\n    sequence\n    answerId\n    ... on AnswerStarted {\n      model\n      style\n    }\n    ... on RetrievalProgress {\n      source {\n        modality\n        space\n        method\n        status\n        candidates\n        tookMs\n        reason\n      }\n    }\n    ... on TokenDelta {\n      text\n    }\n    ... on CitationAdded {\n      citation {\n        ...CitationFields\n      }\n    }\n    ... on AnswerCompleted {\n      answer {\n        id\n        conversationId\n        state\n        style\n        model\n        text\n        reason\n        usage {\n          promptTokens\n          completionTokens\n          costMicroUsd\n          firstTokenMs\n          totalMs\n        }\n        coverage {\n          ...CoverageFields\n        }\n      }\n    }\n    ... on AnswerFailed {\n      code\n      retryable\n      message\n    }\n  }\n}\n\nfragment CitationFields on Citation {\n  index\n  support\n  quote\n  answerRange {\n    start\n    end\n  }\n  locator {\n    ...LocatorFields\n  }\n  chunk {\n    id\n    document {\n      id\n      title\n      source\n    }\n  }\n}\n\nfragment LocatorFields on Locator {\n  __typename\n  ... on TextRange {\n    start\n    end\n  }\n  ... on PageRegion {\n    page\n    box {\n      ...BoxFields\n    }\n  }\n  ... on ImageRegion {\n    region: box {\n      ...BoxFields\n    }\n  }\n  ... on TimeSpan {\n    startMs\n    endMs\n  }\n  ... on CellRange {\n    sheet\n    firstRow\n    lastRow\n    firstColumn\n    lastColumn\n  }\n}\n\nfragment BoxFields on Box {\n  left\n  top\n  width\n  height\n}\n\nfragment CoverageFields on Coverage {\n  complete\n  sources {\n    modality\n    space\n    method\n    tier\n    status\n    candidates\n    tookMs\n    reason\n  }\n}",
};

export const StopAnswerOperation: Operation<StopAnswerMutation, StopAnswerMutationVariables> = {
  kind: 'mutation',
  name: 'StopAnswer',
  text: "mutation StopAnswer($id: ID!) {\n  stopAnswer(id: $id) {\n    __typename\n    ... on Answer {\n      id\n      state\n    }\n    ... on NotFound {\n      code\n      message\n    }\n  }\n}",
};

export const DoctorOperation: Operation<DoctorQuery, DoctorQueryVariables> = {
  kind: 'query',
  name: 'Doctor',
  text: "query Doctor {\n  documents(first: 1) {\n    totalCount\n  }\n}",
};

export const EncodersOperation: Operation<EncodersQuery, EncodersQueryVariables> = {
  kind: 'query',
  name: 'Encoders',
  text: "query Encoders {\n  encoders {\n    fingerprint\n    model\n    serving\n    loaded\n    kept\n    vectors\n    missing\n  }\n  encoderMigrations {\n    ...EncoderMigrationFields\n  }\n}\n\nfragment EncoderMigrationFields on EncoderMigration {\n  id\n  state\n  source\n  sourceModel\n  target\n  targetModel\n  listed\n  passagesTotal\n  passagesEncoded\n  passagesPresent\n  vectorsRemoved\n  failures\n  error {\n    code\n    message\n  }\n  quality {\n    queries\n    judgedQueries\n    overlapAt10\n    meanRankChange\n    source {\n      ndcgAt10\n      recallAt100\n    }\n    target {\n      ndcgAt10\n      recallAt100\n    }\n  }\n  createdAt\n  readyAt\n  finishedAt\n}",
};

export const StartEncoderMigrationOperation: Operation<StartEncoderMigrationMutation, StartEncoderMigrationMutationVariables> = {
  kind: 'mutation',
  name: 'StartEncoderMigration',
  text: "mutation StartEncoderMigration($input: StartEncoderMigrationInput!) {\n  startEncoderMigration(input: $input) {\n    __typename\n    ...EncoderMigrationFields\n    ... on Problem {\n      code\n      message\n    }\n  }\n}\n\nfragment EncoderMigrationFields on EncoderMigration {\n  id\n  state\n  source\n  sourceModel\n  target\n  targetModel\n  listed\n  passagesTotal\n  passagesEncoded\n  passagesPresent\n  vectorsRemoved\n  failures\n  error {\n    code\n    message\n  }\n  quality {\n    queries\n    judgedQueries\n    overlapAt10\n    meanRankChange\n    source {\n      ndcgAt10\n      recallAt100\n    }\n    target {\n      ndcgAt10\n      recallAt100\n    }\n  }\n  createdAt\n  readyAt\n  finishedAt\n}",
};

export const EncoderMigrationProgressOperation: Operation<EncoderMigrationProgressSubscription, EncoderMigrationProgressSubscriptionVariables> = {
  kind: 'subscription',
  name: 'EncoderMigrationProgress',
  text: "subscription EncoderMigrationProgress($id: ID!, $after: Int) {\n  encoderMigrationProgress(id: $id, after: $after) {\n    sequence\n    at\n    migration {\n      ...EncoderMigrationFields\n    }\n  }\n}\n\nfragment EncoderMigrationFields on EncoderMigration {\n  id\n  state\n  source\n  sourceModel\n  target\n  targetModel\n  listed\n  passagesTotal\n  passagesEncoded\n  passagesPresent\n  vectorsRemoved\n  failures\n  error {\n    code\n    message\n  }\n  quality {\n    queries\n    judgedQueries\n    overlapAt10\n    meanRankChange\n    source {\n      ndcgAt10\n      recallAt100\n    }\n    target {\n      ndcgAt10\n      recallAt100\n    }\n  }\n  createdAt\n  readyAt\n  finishedAt\n}",
};

export const SwitchEncoderOperation: Operation<SwitchEncoderMutation, SwitchEncoderMutationVariables> = {
  kind: 'mutation',
  name: 'SwitchEncoder',
  text: "mutation SwitchEncoder($input: SwitchEncoderInput!) {\n  switchEncoder(input: $input) {\n    __typename\n    ... on EncoderSwitch {\n      serving {\n        fingerprint\n        model\n        vectors\n        missing\n      }\n      previous\n      switchedAt\n    }\n    ... on Problem {\n      code\n      message\n    }\n  }\n}",
};

export const FinishEncoderMigrationOperation: Operation<FinishEncoderMigrationMutation, FinishEncoderMigrationMutationVariables> = {
  kind: 'mutation',
  name: 'FinishEncoderMigration',
  text: "mutation FinishEncoderMigration($id: ID!) {\n  finishEncoderMigration(id: $id) {\n    __typename\n    ...EncoderMigrationFields\n    ... on Problem {\n      code\n      message\n    }\n  }\n}\n\nfragment EncoderMigrationFields on EncoderMigration {\n  id\n  state\n  source\n  sourceModel\n  target\n  targetModel\n  listed\n  passagesTotal\n  passagesEncoded\n  passagesPresent\n  vectorsRemoved\n  failures\n  error {\n    code\n    message\n  }\n  quality {\n    queries\n    judgedQueries\n    overlapAt10\n    meanRankChange\n    source {\n      ndcgAt10\n      recallAt100\n    }\n    target {\n      ndcgAt10\n      recallAt100\n    }\n  }\n  createdAt\n  readyAt\n  finishedAt\n}",
};

export const CancelEncoderMigrationOperation: Operation<CancelEncoderMigrationMutation, CancelEncoderMigrationMutationVariables> = {
  kind: 'mutation',
  name: 'CancelEncoderMigration',
  text: "mutation CancelEncoderMigration($id: ID!) {\n  cancelEncoderMigration(id: $id) {\n    __typename\n    ...EncoderMigrationFields\n    ... on Problem {\n      code\n      message\n    }\n  }\n}\n\nfragment EncoderMigrationFields on EncoderMigration {\n  id\n  state\n  source\n  sourceModel\n  target\n  targetModel\n  listed\n  passagesTotal\n  passagesEncoded\n  passagesPresent\n  vectorsRemoved\n  failures\n  error {\n    code\n    message\n  }\n  quality {\n    queries\n    judgedQueries\n    overlapAt10\n    meanRankChange\n    source {\n      ndcgAt10\n      recallAt100\n    }\n    target {\n      ndcgAt10\n      recallAt100\n    }\n  }\n  createdAt\n  readyAt\n  finishedAt\n}",
};

export const RankDocumentsOperation: Operation<RankDocumentsQuery, RankDocumentsQueryVariables> = {
  kind: 'query',
  name: 'RankDocuments',
  text: "query RankDocuments($input: SearchInput!) {\n  search(input: $input) {\n    hits {\n      nodes {\n        chunk {\n          document {\n            id\n            source\n          }\n        }\n      }\n    }\n    coverage {\n      complete\n    }\n  }\n}",
};
