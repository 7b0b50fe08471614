// Made by `npm run schema` from schema/*.graphql: change those, and the models and operations beside this file.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { AnswerModel, AnswerStartedModel, RetrievalProgressModel, TokenDeltaModel, CitationAddedModel, AnswerCompletedModel, AnswerFailedModel, AnswerEventModel, CitationModel, HitModel, LocatorModel } from './models.ts';
import type { GenerationContext } from './context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An instant in UTC, ISO 8601 with milliseconds: `2026-11-23T02:55:42.000Z`. */
  DateTime: { input: string; output: string; }
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
  /** An absolute http or https address, or one relative to this server's origin. */
  URL: { input: string; output: string; }
  _FieldSet: { input: string; output: string; }
};

/** An answer to a question, with the passages it rests on. */
export type Answer = Node & {
  /** The passages it rests on, in the order they are first cited. */
  readonly citations: ReadonlyArray<Citation>;
  /** The conversation it is a part of. */
  readonly conversationId: Scalars['ID']['output'];
  /** What was and was not searched for it; null until the search has ended. */
  readonly coverage: Maybe<Coverage>;
  /** When it was asked for. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** The cursor of its newest event: pass it as `after` to go on behind it. */
  readonly cursor: Scalars['String']['output'];
  /** When it ended. */
  readonly finishedAt: Maybe<Scalars['DateTime']['output']>;
  /** The global id. */
  readonly id: Scalars['ID']['output'];
  /** The model that makes it; `extractive` where none does. */
  readonly model: Scalars['String']['output'];
  /** The question. */
  readonly question: Scalars['String']['output'];
  /** Why it failed, or why it was stopped. */
  readonly reason: Maybe<Scalars['String']['output']>;
  /** How it stands. */
  readonly state: AnswerState;
  /** How it is made. */
  readonly style: AnswerStyle;
  /** What has been said so far. */
  readonly text: Scalars['String']['output'];
  /** What it took; null until it has ended. */
  readonly usage: Maybe<Usage>;
};

/** The answer has ended: whole, or stopped. The last event. */
export type AnswerCompleted = AnswerEvent & {
  /** The answer as it now stands, with usage and coverage. */
  readonly answer: Answer;
  /** The answer. */
  readonly answerId: Scalars['ID']['output'];
  /** Pass it as `after` to get every later event. */
  readonly cursor: Scalars['String']['output'];
  /** Counts the answer's events from 1, without a gap. */
  readonly sequence: Scalars['Int']['output'];
};

/** A page of answers. */
export type AnswerConnection = {
  /** The answers with their cursors. */
  readonly edges: ReadonlyArray<AnswerEdge>;
  /** The answers without their cursors. */
  readonly nodes: ReadonlyArray<Answer>;
  /** Where this page stands. */
  readonly pageInfo: PageInfo;
};

/** One answer of a page. */
export type AnswerEdge = {
  /** Pass it as `after` to go on behind this answer. */
  readonly cursor: Scalars['String']['output'];
  /** The answer. */
  readonly node: Answer;
};

/** One thing that happened to an answer. Events of one answer are numbered without a gap. */
export type AnswerEvent = {
  /** The answer. */
  readonly answerId: Scalars['ID']['output'];
  /** Pass it as `after` to get every later event. */
  readonly cursor: Scalars['String']['output'];
  /** Counts the answer's events from 1, without a gap. */
  readonly sequence: Scalars['Int']['output'];
};

/** The answer could not be made. The last event. */
export type AnswerFailed = AnswerEvent & {
  /** The answer. */
  readonly answerId: Scalars['ID']['output'];
  /** A stable word for the cause. */
  readonly code: Scalars['String']['output'];
  /** Pass it as `after` to get every later event. */
  readonly cursor: Scalars['String']['output'];
  /** What went wrong and what to do. */
  readonly message: Scalars['String']['output'];
  /** Whether asking again may help. */
  readonly retryable: Scalars['Boolean']['output'];
  /** Counts the answer's events from 1, without a gap. */
  readonly sequence: Scalars['Int']['output'];
};

/** The answer has begun. */
export type AnswerStarted = AnswerEvent & {
  /** The answer. */
  readonly answerId: Scalars['ID']['output'];
  /** Pass it as `after` to get every later event. */
  readonly cursor: Scalars['String']['output'];
  /** The model that makes it; `extractive` where none does. */
  readonly model: Scalars['String']['output'];
  /** Counts the answer's events from 1, without a gap. */
  readonly sequence: Scalars['Int']['output'];
  /** How it is made. */
  readonly style: AnswerStyle;
};

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
  readonly conversationId?: InputMaybe<Scalars['ID']['input']>;
  /** Which documents' passages to answer from; the same filter as that of `search`. */
  readonly filter?: InputMaybe<SearchFilter>;
  /** The same key given again within a day continues the same answer instead of starting another; 1 to 128 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Answer from at most this many passages, 1 to 50. */
  readonly passages?: InputMaybe<Scalars['Int']['input']>;
  /** The question, 1 to 8,192 characters. */
  readonly question: Scalars['String']['input'];
  /** How to answer; the server's default by default. */
  readonly style?: InputMaybe<AnswerStyle>;
  /** At most this many tokens, prompt and answer together, 256 to 131,072; the server's budget by default. */
  readonly tokenBudget?: InputMaybe<Scalars['Int']['input']>;
};

/** An answer that has begun, or why there is none. */
export type AskResult = Answer | Busy | Rejected;

/** A rectangle in fractions of width and height, from 0 to 1, with its origin at the top left. */
export type Box = {
  /** The height. */
  readonly height: Scalars['Float']['output'];
  /** The distance from the left edge. */
  readonly left: Scalars['Float']['output'];
  /** The distance from the top edge. */
  readonly top: Scalars['Float']['output'];
  /** The width. */
  readonly width: Scalars['Float']['output'];
};

/** The service has too much to do; nothing was changed. */
export type Busy = Problem & {
  /** A stable word for the cause, such as `QUEUE_FULL`. */
  readonly code: Scalars['String']['output'];
  /** What was wrong and what to do. */
  readonly message: Scalars['String']['output'];
  /** Try again after this many milliseconds. */
  readonly retryAfterMs: Scalars['Int']['output'];
};

/** A score, and how it compares with those of what has nothing to do with the query. */
export type Calibration = {
  /** How likely a score this high is to be more than chance, 0 to 1. */
  readonly calibrated: Scalars['Float']['output'];
  /** The standard deviation of these scores. */
  readonly deviation: Scalars['Float']['output'];
  /** The mean of the scores of what has nothing to do with the query. */
  readonly mean: Scalars['Float']['output'];
  /** The method. */
  readonly method: SearchMethod;
  /** The score as it was found: inner product, or BM25. */
  readonly score: Scalars['Float']['output'];
  /** The space. */
  readonly space: VectorSpace;
};

/** One condition on a row of a table. A cell whose value is of another type than what it is compared with does not match. */
export type CellCondition = {
  /** Is at least this number, or not before this date. */
  readonly atLeast?: InputMaybe<Scalars['JSON']['input']>;
  /** Is at most this number, or not after this date. */
  readonly atMost?: InputMaybe<Scalars['JSON']['input']>;
  /** The column, as its header names it; neither case nor spacing counts. Of nested fields the path: `size.width`. */
  readonly column: Scalars['String']['input'];
  /** Is this text, number or boolean. A date is a text, `2026-11-23` or `2026-11-23T02:55:42`; a percentage a fraction, 0.25. */
  readonly equals?: InputMaybe<Scalars['JSON']['input']>;
  /** Whether the row has a value in the column. */
  readonly exists?: InputMaybe<Scalars['Boolean']['input']>;
  /** Is greater than this number, or after this date. */
  readonly greaterThan?: InputMaybe<Scalars['JSON']['input']>;
  /** Is one of these texts, numbers or booleans. */
  readonly in?: InputMaybe<ReadonlyArray<Scalars['JSON']['input']>>;
  /** Is less than this number, or before this date. */
  readonly lessThan?: InputMaybe<Scalars['JSON']['input']>;
};

/** Rows and columns of a table, both ends included. */
export type CellRange = {
  /** The first column, from 1. */
  readonly firstColumn: Scalars['Int']['output'];
  /** The first row, from 1; the header is row 1. */
  readonly firstRow: Scalars['Int']['output'];
  /** The last column. */
  readonly lastColumn: Scalars['Int']['output'];
  /** The last row. */
  readonly lastRow: Scalars['Int']['output'];
  /** The sheet, where the file has several. */
  readonly sheet: Maybe<Scalars['String']['output']>;
};

/** A passage; the ingest subgraph knows the rest of it. */
export type Chunk = {
  /** The global id. */
  readonly id: Scalars['ID']['output'];
};

/** A statement of the answer and the passage it rests on. */
export type Citation = {
  /** The statement, as a range of the answer's text. */
  readonly answerRange: TextRange;
  /** The passage; null where its document was deleted since, or where nothing supports the statement. */
  readonly chunk: Maybe<Chunk>;
  /** Its number, from 1, as the answer's reader sees it. */
  readonly index: Scalars['Int']['output'];
  /** Where in the document the quote stands, as exactly as is known; null where nothing supports the statement. */
  readonly locator: Maybe<Locator>;
  /** The passage's own words; null where nothing supports the statement, or the document was deleted since. */
  readonly quote: Maybe<Scalars['String']['output']>;
  /** How far the passage bears the statement out. */
  readonly support: Support;
};

/** What was said just now rests on a passage, or on none. */
export type CitationAdded = AnswerEvent & {
  /** The answer. */
  readonly answerId: Scalars['ID']['output'];
  /** The citation. */
  readonly citation: Citation;
  /** Pass it as `after` to get every later event. */
  readonly cursor: Scalars['String']['output'];
  /** Counts the answer's events from 1, without a gap. */
  readonly sequence: Scalars['Int']['output'];
};

/** What was and was not searched. A result is never silently partial. */
export type Coverage = {
  /** Whether everything that was wanted was searched. */
  readonly complete: Scalars['Boolean']['output'];
  /** Each modality and method, searched or not. */
  readonly sources: ReadonlyArray<SourceCoverage>;
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
  readonly before?: InputMaybe<Scalars['DateTime']['input']>;
  /** At or after this. */
  readonly from?: InputMaybe<Scalars['DateTime']['input']>;
};

/** A passage that was found. */
export type Hit = {
  /** The passage; null only where its document was deleted in the moment since. */
  readonly chunk: Maybe<Chunk>;
  /** The words of the query in the passage, as ranges of the passage's own text. */
  readonly highlights: ReadonlyArray<TextRange>;
  /** How the score came about. */
  readonly parts: ScoreParts;
  /** Its place, from 1 over all pages. */
  readonly rank: Scalars['Int']['output'];
  /** The score that orders the hits; higher is better. Comparable within one result only. */
  readonly score: Scalars['Float']['output'];
};

/** A region of a picture. */
export type ImageRegion = {
  /** The region. */
  readonly box: Box;
};

/** A range of whole numbers, both ends included. */
export type IntRange = {
  /** At least this. */
  readonly from?: InputMaybe<Scalars['Int']['input']>;
  /** At most this. */
  readonly to?: InputMaybe<Scalars['Int']['input']>;
};

/** Where in its document a chunk or a citation stands, for every modality. */
export type Locator = CellRange | ImageRegion | PageRegion | TextRange | TimeSpan;

/** One condition on a path of a document's metadata. A document without the path does not match, except for `exists: false`. */
export type MetadataCondition = {
  /** Is a number of at least this. */
  readonly atLeast?: InputMaybe<Scalars['Float']['input']>;
  /** Is a number of at most this. */
  readonly atMost?: InputMaybe<Scalars['Float']['input']>;
  /** Is this string, number or boolean. */
  readonly equals?: InputMaybe<Scalars['JSON']['input']>;
  /** Is there at all. */
  readonly exists?: InputMaybe<Scalars['Boolean']['input']>;
  /** Is a number greater than this. */
  readonly greaterThan?: InputMaybe<Scalars['Float']['input']>;
  /** Is one of these strings, numbers or booleans. */
  readonly in?: InputMaybe<ReadonlyArray<Scalars['JSON']['input']>>;
  /** Is a number less than this. */
  readonly lessThan?: InputMaybe<Scalars['Float']['input']>;
  /** The path, its keys joined by dots: `project.phase`. Keys are letters, digits, `_` and `-`. */
  readonly path: Scalars['String']['input'];
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

/** What can be changed. */
export type Mutation = {
  /** Starts an answer, and answers as soon as it has begun. Follow it with the `answer` subscription, or ask for it by its id. */
  readonly ask: AskResult;
  /** Stops an answer. What it had said by then is kept. Stopping one that has ended changes nothing. */
  readonly stopAnswer: StopAnswerResult;
};


/** What can be changed. */
export type MutationAskArgs = {
  input: AskInput;
};


/** What can be changed. */
export type MutationStopAnswerArgs = {
  id: Scalars['ID']['input'];
};

/** Anything with a global id. Ids are opaque: keep them, compare them, do not take them apart. */
export type Node = {
  /** The global id, unique over all types. */
  readonly id: Scalars['ID']['output'];
};

/** There is no such object that the caller may see. */
export type NotFound = Problem & {
  /** Always `NOT_FOUND`. */
  readonly code: Scalars['String']['output'];
  /** What was looked for. */
  readonly message: Scalars['String']['output'];
};

/** Where a page of a list stands. */
export type PageInfo = {
  /** The cursor of the last item, null in an empty page: pass it as `after`. */
  readonly endCursor: Maybe<Scalars['String']['output']>;
  /** Whether there is more after this page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether there was something before this page. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first item, null in an empty page. */
  readonly startCursor: Maybe<Scalars['String']['output']>;
};

/** A page, or a region of it. */
export type PageRegion = {
  /** The region; null for the whole page. */
  readonly box: Maybe<Box>;
  /** The page, from 1. */
  readonly page: Scalars['Int']['output'];
};

/** Something expected went wrong; what it was is in the type, and what to do in `message`. */
export type Problem = {
  /** A stable word for the cause. */
  readonly code: Scalars['String']['output'];
  /** What was wrong, what is allowed, and what to do. */
  readonly message: Scalars['String']['output'];
};

/** What can be asked. */
export type Query = {
  /** The answer with this id, or null where there is none that the caller may read. */
  readonly answer: Maybe<Answer>;
  /** The caller's answers, newest first. `first` is 1 to 200. */
  readonly answers: AnswerConnection;
};


/** What can be asked. */
export type QueryAnswerArgs = {
  id: Scalars['ID']['input'];
};


/** What can be asked. */
export type QueryAnswersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  conversationId?: InputMaybe<Scalars['ID']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** The input was refused and nothing was changed. */
export type Rejected = Problem & {
  /** A stable word for the cause. */
  readonly code: Scalars['String']['output'];
  /** The input field that was wrong, where one was. */
  readonly field: Maybe<Scalars['String']['output']>;
  /** What was wrong, what is allowed, and what to do. */
  readonly message: Scalars['String']['output'];
};

/** One source has been searched, or could not be. */
export type RetrievalProgress = AnswerEvent & {
  /** The answer. */
  readonly answerId: Scalars['ID']['output'];
  /** Pass it as `after` to get every later event. */
  readonly cursor: Scalars['String']['output'];
  /** The passages of this modality that the answer is made from; given once for each modality. */
  readonly hits: ReadonlyArray<Hit>;
  /** Counts the answer's events from 1, without a gap. */
  readonly sequence: Scalars['Int']['output'];
  /** The source, and what became of it. */
  readonly source: SourceCoverage;
};

/** How a score came about. What was not searched is null. */
export type ScoreParts = {
  /** The factor by which the modality weighs. */
  readonly boost: Scalars['Float']['output'];
  /** How its scores were made comparable with those of other spaces; only when `explain` was asked for. */
  readonly calibrations: ReadonlyArray<Calibration>;
  /** The inner product of the words of passage and query, the query sharpened by the first passages found; -1 to 1. */
  readonly dense: Maybe<Scalars['Float']['output']>;
  /** The sum of reciprocal ranks. */
  readonly fused: Scalars['Float']['output'];
  /** The rank in each list, from 1, by the list's name, such as `TEXT/DENSE` or `IMAGE/VISUAL/DENSE`; only when `explain` was asked for. */
  readonly ranks: Maybe<Scalars['JSON']['output']>;
  /** How likely the passage is to be more than chance, 0 to 1, by all spaces together; null where one space of one modality was searched, and nothing had to be made comparable. */
  readonly relevance: Maybe<Scalars['Float']['output']>;
  /** The reranker's score, where one is configured. */
  readonly rerank: Maybe<Scalars['Float']['output']>;
  /** The inner product of the query and how it sounds, -1 to 1. */
  readonly sound: Maybe<Scalars['Float']['output']>;
  /** The BM25 score, 0 or more. */
  readonly sparse: Maybe<Scalars['Float']['output']>;
  /** The inner product of the query and what is shown, -1 to 1. */
  readonly visual: Maybe<Scalars['Float']['output']>;
};

/** Which documents' passages to search. All given conditions must hold; what is left out does not restrict. */
export type SearchFilter = {
  /** All of these hold. */
  readonly and?: InputMaybe<ReadonlyArray<SearchFilter>>;
  /** The author is one of these, exactly. */
  readonly authors?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** There is one row of a table for which all of these hold; only rows of tables match. Not within `or` and `not`. */
  readonly cells?: InputMaybe<ReadonlyArray<CellCondition>>;
  /** Whether the document contains personal data. */
  readonly containsPii?: InputMaybe<Scalars['Boolean']['input']>;
  /** The document is one of these. */
  readonly documentIds?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  /** Conditions on the uploader's own fields. */
  readonly metadata?: InputMaybe<ReadonlyArray<MetadataCondition>>;
  /** This does not hold. */
  readonly not?: InputMaybe<SearchFilter>;
  /** One of these holds. */
  readonly or?: InputMaybe<ReadonlyArray<SearchFilter>>;
  /** Published in this range. */
  readonly publishedAt?: InputMaybe<DateTimeRange>;
  /** The source is one of these, exactly. */
  readonly sources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** The document has all of these tags. */
  readonly tagsAll?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** The document has one of these tags. */
  readonly tagsAny?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** The year is this, or in this range. */
  readonly year?: InputMaybe<IntRange>;
};

/** A way of searching. */
export type SearchMethod =
  /** By meaning: inner product of embeddings. */
  | 'DENSE'
  /** By words: BM25. */
  | 'SPARSE';

/** One modality, space, method and tier, searched or not. */
export type SourceCoverage = {
  /** How many candidates it gave. */
  readonly candidates: Scalars['Int']['output'];
  /** The method. */
  readonly method: SearchMethod;
  /** The modality. */
  readonly modality: Modality;
  /** Why it was not searched, or what of it could not be. */
  readonly reason: Maybe<Scalars['String']['output']>;
  /** The space: that of its words, of what it shows, or of how it sounds. */
  readonly space: VectorSpace;
  /** What became of it. */
  readonly status: CoverageStatus;
  /** Which documents: those in memory, or those that are loaded on demand. */
  readonly tier: Tier;
  /** The time it took, in milliseconds. */
  readonly tookMs: Scalars['Float']['output'];
};

/** The answer as it was stopped, or why it was not. */
export type StopAnswerResult = Answer | NotFound;

/** What can be followed as it happens. */
export type Subscription = {
  /**
   * Starts an answer (`input`), or goes on with one (`id`): every event after the cursor `after`, once, in
   * order, byte for byte as others saw it. Exactly one of `input` and `id` is given.
   */
  readonly answer: AnswerEvent;
};


/** What can be followed as it happens. */
export type SubscriptionAnswerArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
  input?: InputMaybe<AskInput>;
};

/** How far a passage bears a statement out. */
export type Support =
  /** The passage says the same: close in meaning, and with every number and name of the statement. */
  | 'SUPPORTED'
  /** No passage was found that says it. */
  | 'UNSUPPORTED'
  /** The statement is the passage's own words, found there letter by letter. */
  | 'VERIFIED';

/** A range of a text. */
export type TextRange = {
  /** One past the last character, in UTF-16 code units. */
  readonly end: Scalars['Int']['output'];
  /** The first character, in UTF-16 code units from 0. */
  readonly start: Scalars['Int']['output'];
};

/** Where documents are kept. */
export type Tier =
  /** Not shown by any search for a long time: loaded when a search asks for them by `includeCold`. Named only where there are such documents. */
  | 'COLD'
  /** In memory: every search covers them. */
  | 'HOT';

/** A span of sound or of moving pictures. */
export type TimeSpan = {
  /** The end, in milliseconds from the beginning. */
  readonly endMs: Scalars['Int']['output'];
  /** A still of the span, where there is one. */
  readonly keyframeUrl: Maybe<Scalars['URL']['output']>;
  /** The start, in milliseconds from the beginning. */
  readonly startMs: Scalars['Int']['output'];
};

/** More text. All deltas of an answer, joined, are its text. */
export type TokenDelta = AnswerEvent & {
  /** The answer. */
  readonly answerId: Scalars['ID']['output'];
  /** Pass it as `after` to get every later event. */
  readonly cursor: Scalars['String']['output'];
  /** Counts the answer's events from 1, without a gap. */
  readonly sequence: Scalars['Int']['output'];
  /** The text to append. */
  readonly text: Scalars['String']['output'];
};

/** What an answer took. */
export type Usage = {
  /** Tokens of the answer, by the model's tokenizer; 0 where no model was asked. */
  readonly completionTokens: Scalars['Int']['output'];
  /** The cost, in millionths of a US dollar; null where the price is not configured. */
  readonly costMicroUsd: Maybe<Scalars['Int']['output']>;
  /** From the question to the first token, in milliseconds; null where there was none. */
  readonly firstTokenMs: Maybe<Scalars['Float']['output']>;
  /** Tokens of the prompt, by the model's tokenizer; 0 where no model was asked. */
  readonly promptTokens: Scalars['Int']['output'];
  /** From the question to the end, in milliseconds. */
  readonly totalMs: Scalars['Float']['output'];
};

/** What is compared with the query. Vectors of different spaces cannot be compared with one another. */
export type VectorSpace =
  /** How something sounds. */
  | 'SOUND'
  /** Words: prose, rows, captions, transcripts, and the text that was read in pictures. */
  | 'TEXT'
  /** What pictures and films show. */
  | 'VISUAL';



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  Answer: Answer;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Answer:
    ( { __typename: 'Answer' }
    & GraphQLRecursivePick<FederationTypes['Answer'], {"id":true}> );
};

/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  AskResult:
    | ( AnswerModel & { __typename: 'Answer' } )
    | ( Busy & { __typename: 'Busy' } )
    | ( Rejected & { __typename: 'Rejected' } )
  ;
  Locator:
    | ( CellRange & { __typename: 'CellRange' } )
    | ( ImageRegion & { __typename: 'ImageRegion' } )
    | ( PageRegion & { __typename: 'PageRegion' } )
    | ( TextRange & { __typename: 'TextRange' } )
    | ( TimeSpan & { __typename: 'TimeSpan' } )
  ;
  StopAnswerResult:
    | ( AnswerModel & { __typename: 'Answer' } )
    | ( NotFound & { __typename: 'NotFound' } )
  ;
};

/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  AnswerEvent:
    | ( AnswerCompletedModel & { __typename: 'AnswerCompleted' } )
    | ( AnswerFailedModel & { __typename: 'AnswerFailed' } )
    | ( AnswerStartedModel & { __typename: 'AnswerStarted' } )
    | ( CitationAddedModel & { __typename: 'CitationAdded' } )
    | ( RetrievalProgressModel & { __typename: 'RetrievalProgress' } )
    | ( TokenDeltaModel & { __typename: 'TokenDelta' } )
  ;
  Node: ( AnswerModel & { __typename: 'Answer' } );
  Problem:
    | ( Busy & { __typename: 'Busy' } )
    | ( NotFound & { __typename: 'NotFound' } )
    | ( Rejected & { __typename: 'Rejected' } )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Answer: ResolverTypeWrapper<AnswerModel>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  AnswerCompleted: ResolverTypeWrapper<AnswerCompletedModel>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  AnswerConnection: ResolverTypeWrapper<Omit<AnswerConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['AnswerEdge']>, nodes: ReadonlyArray<ResolversTypes['Answer']> }>;
  AnswerEdge: ResolverTypeWrapper<Omit<AnswerEdge, 'node'> & { node: ResolversTypes['Answer'] }>;
  AnswerEvent: ResolverTypeWrapper<AnswerEventModel>;
  AnswerFailed: ResolverTypeWrapper<AnswerFailedModel>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  AnswerStarted: ResolverTypeWrapper<AnswerStartedModel>;
  AnswerState: AnswerState;
  AnswerStyle: AnswerStyle;
  AskInput: AskInput;
  AskResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['AskResult']>;
  Box: ResolverTypeWrapper<Box>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Busy: ResolverTypeWrapper<Busy>;
  Calibration: ResolverTypeWrapper<Calibration>;
  CellCondition: CellCondition;
  CellRange: ResolverTypeWrapper<CellRange>;
  Chunk: ResolverTypeWrapper<Chunk>;
  Citation: ResolverTypeWrapper<CitationModel>;
  CitationAdded: ResolverTypeWrapper<CitationAddedModel>;
  Coverage: ResolverTypeWrapper<Coverage>;
  CoverageStatus: CoverageStatus;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DateTimeRange: DateTimeRange;
  Hit: ResolverTypeWrapper<HitModel>;
  ImageRegion: ResolverTypeWrapper<ImageRegion>;
  IntRange: IntRange;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  Locator: ResolverTypeWrapper<LocatorModel>;
  MetadataCondition: MetadataCondition;
  Modality: Modality;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  NotFound: ResolverTypeWrapper<NotFound>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PageRegion: ResolverTypeWrapper<PageRegion>;
  Problem: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Problem']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Rejected: ResolverTypeWrapper<Rejected>;
  RetrievalProgress: ResolverTypeWrapper<RetrievalProgressModel>;
  ScoreParts: ResolverTypeWrapper<ScoreParts>;
  SearchFilter: SearchFilter;
  SearchMethod: SearchMethod;
  SourceCoverage: ResolverTypeWrapper<SourceCoverage>;
  StopAnswerResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['StopAnswerResult']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Support: Support;
  TextRange: ResolverTypeWrapper<TextRange>;
  Tier: Tier;
  TimeSpan: ResolverTypeWrapper<TimeSpan>;
  TokenDelta: ResolverTypeWrapper<TokenDeltaModel>;
  URL: ResolverTypeWrapper<Scalars['URL']['output']>;
  Usage: ResolverTypeWrapper<Usage>;
  VectorSpace: VectorSpace;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Answer: AnswerModel;
  ID: Scalars['ID']['output'];
  String: Scalars['String']['output'];
  AnswerCompleted: AnswerCompletedModel;
  Int: Scalars['Int']['output'];
  AnswerConnection: Omit<AnswerConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['AnswerEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Answer']> };
  AnswerEdge: Omit<AnswerEdge, 'node'> & { node: ResolversParentTypes['Answer'] };
  AnswerEvent: AnswerEventModel;
  AnswerFailed: AnswerFailedModel;
  Boolean: Scalars['Boolean']['output'];
  AnswerStarted: AnswerStartedModel;
  AskInput: AskInput;
  AskResult: ResolversUnionTypes<ResolversParentTypes>['AskResult'];
  Box: Box;
  Float: Scalars['Float']['output'];
  Busy: Busy;
  Calibration: Calibration;
  CellCondition: CellCondition;
  CellRange: CellRange;
  Chunk: Chunk;
  Citation: CitationModel;
  CitationAdded: CitationAddedModel;
  Coverage: Coverage;
  DateTime: Scalars['DateTime']['output'];
  DateTimeRange: DateTimeRange;
  Hit: HitModel;
  ImageRegion: ImageRegion;
  IntRange: IntRange;
  JSON: Scalars['JSON']['output'];
  Locator: LocatorModel;
  MetadataCondition: MetadataCondition;
  Mutation: Record<PropertyKey, never>;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  NotFound: NotFound;
  PageInfo: PageInfo;
  PageRegion: PageRegion;
  Problem: ResolversInterfaceTypes<ResolversParentTypes>['Problem'];
  Query: Record<PropertyKey, never>;
  Rejected: Rejected;
  RetrievalProgress: RetrievalProgressModel;
  ScoreParts: ScoreParts;
  SearchFilter: SearchFilter;
  SourceCoverage: SourceCoverage;
  StopAnswerResult: ResolversUnionTypes<ResolversParentTypes>['StopAnswerResult'];
  Subscription: Record<PropertyKey, never>;
  TextRange: TextRange;
  TimeSpan: TimeSpan;
  TokenDelta: TokenDeltaModel;
  URL: Scalars['URL']['output'];
  Usage: Usage;
};

export type AnswerResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Answer'] = ResolversParentTypes['Answer'], FederationReferenceType extends FederationReferenceTypes['Answer'] = FederationReferenceTypes['Answer']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Answer']> | FederationReferenceType, FederationReferenceType, ContextType>;
  citations?: Resolver<ReadonlyArray<ResolversTypes['Citation']>, ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  coverage?: Resolver<Maybe<ResolversTypes['Coverage']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  question?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  state?: Resolver<ResolversTypes['AnswerState'], ParentType, ContextType>;
  style?: Resolver<ResolversTypes['AnswerStyle'], ParentType, ContextType>;
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  usage?: Resolver<Maybe<ResolversTypes['Usage']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type AnswerCompletedResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['AnswerCompleted'] = ResolversParentTypes['AnswerCompleted']> = {
  answer?: Resolver<ResolversTypes['Answer'], ParentType, ContextType>;
  answerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sequence?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type AnswerConnectionResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['AnswerConnection'] = ResolversParentTypes['AnswerConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['AnswerEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Answer']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type AnswerEdgeResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['AnswerEdge'] = ResolversParentTypes['AnswerEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Answer'], ParentType, ContextType>;
};

export type AnswerEventResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['AnswerEvent'] = ResolversParentTypes['AnswerEvent']> = {
  __resolveType: TypeResolveFn<'AnswerCompleted' | 'AnswerFailed' | 'AnswerStarted' | 'CitationAdded' | 'RetrievalProgress' | 'TokenDelta', ParentType, ContextType>;
};

export type AnswerFailedResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['AnswerFailed'] = ResolversParentTypes['AnswerFailed']> = {
  answerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  retryable?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  sequence?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type AnswerStartedResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['AnswerStarted'] = ResolversParentTypes['AnswerStarted']> = {
  answerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sequence?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  style?: Resolver<ResolversTypes['AnswerStyle'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type AskResultResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['AskResult'] = ResolversParentTypes['AskResult']> = {
  __resolveType: TypeResolveFn<'Answer' | 'Busy' | 'Rejected', ParentType, ContextType>;
};

export type BoxResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Box'] = ResolversParentTypes['Box']> = {
  height?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  left?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  top?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  width?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type BusyResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Busy'] = ResolversParentTypes['Busy']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  retryAfterMs?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CalibrationResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Calibration'] = ResolversParentTypes['Calibration']> = {
  calibrated?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  deviation?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  mean?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  method?: Resolver<ResolversTypes['SearchMethod'], ParentType, ContextType>;
  score?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  space?: Resolver<ResolversTypes['VectorSpace'], ParentType, ContextType>;
};

export type CellRangeResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['CellRange'] = ResolversParentTypes['CellRange']> = {
  firstColumn?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  firstRow?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastColumn?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastRow?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  sheet?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ChunkResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Chunk'] = ResolversParentTypes['Chunk']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type CitationResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Citation'] = ResolversParentTypes['Citation']> = {
  answerRange?: Resolver<ResolversTypes['TextRange'], ParentType, ContextType>;
  chunk?: Resolver<Maybe<ResolversTypes['Chunk']>, ParentType, ContextType>;
  index?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  locator?: Resolver<Maybe<ResolversTypes['Locator']>, ParentType, ContextType>;
  quote?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  support?: Resolver<ResolversTypes['Support'], ParentType, ContextType>;
};

export type CitationAddedResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['CitationAdded'] = ResolversParentTypes['CitationAdded']> = {
  answerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  citation?: Resolver<ResolversTypes['Citation'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sequence?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CoverageResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Coverage'] = ResolversParentTypes['Coverage']> = {
  complete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  sources?: Resolver<ReadonlyArray<ResolversTypes['SourceCoverage']>, ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type HitResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Hit'] = ResolversParentTypes['Hit']> = {
  chunk?: Resolver<Maybe<ResolversTypes['Chunk']>, ParentType, ContextType>;
  highlights?: Resolver<ReadonlyArray<ResolversTypes['TextRange']>, ParentType, ContextType>;
  parts?: Resolver<ResolversTypes['ScoreParts'], ParentType, ContextType>;
  rank?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  score?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type ImageRegionResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['ImageRegion'] = ResolversParentTypes['ImageRegion']> = {
  box?: Resolver<ResolversTypes['Box'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type LocatorResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Locator'] = ResolversParentTypes['Locator']> = {
  __resolveType: TypeResolveFn<'CellRange' | 'ImageRegion' | 'PageRegion' | 'TextRange' | 'TimeSpan', ParentType, ContextType>;
};

export type MutationResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  ask?: Resolver<ResolversTypes['AskResult'], ParentType, ContextType, RequireFields<MutationAskArgs, 'input'>>;
  stopAnswer?: Resolver<ResolversTypes['StopAnswerResult'], ParentType, ContextType, RequireFields<MutationStopAnswerArgs, 'id'>>;
};

export type NodeResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Answer', ParentType, ContextType>;
};

export type NotFoundResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['NotFound'] = ResolversParentTypes['NotFound']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PageRegionResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['PageRegion'] = ResolversParentTypes['PageRegion']> = {
  box?: Resolver<Maybe<ResolversTypes['Box']>, ParentType, ContextType>;
  page?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ProblemResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Problem'] = ResolversParentTypes['Problem']> = {
  __resolveType: TypeResolveFn<'Busy' | 'NotFound' | 'Rejected', ParentType, ContextType>;
};

export type QueryResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  answer?: Resolver<Maybe<ResolversTypes['Answer']>, ParentType, ContextType, RequireFields<QueryAnswerArgs, 'id'>>;
  answers?: Resolver<ResolversTypes['AnswerConnection'], ParentType, ContextType, RequireFields<QueryAnswersArgs, 'first'>>;
};

export type RejectedResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Rejected'] = ResolversParentTypes['Rejected']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  field?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type RetrievalProgressResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['RetrievalProgress'] = ResolversParentTypes['RetrievalProgress']> = {
  answerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  hits?: Resolver<ReadonlyArray<ResolversTypes['Hit']>, ParentType, ContextType>;
  sequence?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  source?: Resolver<ResolversTypes['SourceCoverage'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ScorePartsResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['ScoreParts'] = ResolversParentTypes['ScoreParts']> = {
  boost?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  calibrations?: Resolver<ReadonlyArray<ResolversTypes['Calibration']>, ParentType, ContextType>;
  dense?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  fused?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  ranks?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  relevance?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  rerank?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  sound?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  sparse?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  visual?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type SourceCoverageResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['SourceCoverage'] = ResolversParentTypes['SourceCoverage']> = {
  candidates?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  method?: Resolver<ResolversTypes['SearchMethod'], ParentType, ContextType>;
  modality?: Resolver<ResolversTypes['Modality'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  space?: Resolver<ResolversTypes['VectorSpace'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['CoverageStatus'], ParentType, ContextType>;
  tier?: Resolver<ResolversTypes['Tier'], ParentType, ContextType>;
  tookMs?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type StopAnswerResultResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['StopAnswerResult'] = ResolversParentTypes['StopAnswerResult']> = {
  __resolveType: TypeResolveFn<'Answer' | 'NotFound', ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  answer?: SubscriptionResolver<ResolversTypes['AnswerEvent'], "answer", ParentType, ContextType, Partial<SubscriptionAnswerArgs>>;
};

export type TextRangeResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['TextRange'] = ResolversParentTypes['TextRange']> = {
  end?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  start?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type TimeSpanResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['TimeSpan'] = ResolversParentTypes['TimeSpan']> = {
  endMs?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  keyframeUrl?: Resolver<Maybe<ResolversTypes['URL']>, ParentType, ContextType>;
  startMs?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type TokenDeltaResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['TokenDelta'] = ResolversParentTypes['TokenDelta']> = {
  answerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sequence?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface UrlScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['URL'], any> {
  name: 'URL';
}

export type UsageResolvers<ContextType = GenerationContext, ParentType extends ResolversParentTypes['Usage'] = ResolversParentTypes['Usage']> = {
  completionTokens?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  costMicroUsd?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  firstTokenMs?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  promptTokens?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  totalMs?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type Resolvers<ContextType = GenerationContext> = {
  Answer?: AnswerResolvers<ContextType>;
  AnswerCompleted?: AnswerCompletedResolvers<ContextType>;
  AnswerConnection?: AnswerConnectionResolvers<ContextType>;
  AnswerEdge?: AnswerEdgeResolvers<ContextType>;
  AnswerEvent?: AnswerEventResolvers<ContextType>;
  AnswerFailed?: AnswerFailedResolvers<ContextType>;
  AnswerStarted?: AnswerStartedResolvers<ContextType>;
  AskResult?: AskResultResolvers<ContextType>;
  Box?: BoxResolvers<ContextType>;
  Busy?: BusyResolvers<ContextType>;
  Calibration?: CalibrationResolvers<ContextType>;
  CellRange?: CellRangeResolvers<ContextType>;
  Chunk?: ChunkResolvers<ContextType>;
  Citation?: CitationResolvers<ContextType>;
  CitationAdded?: CitationAddedResolvers<ContextType>;
  Coverage?: CoverageResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  Hit?: HitResolvers<ContextType>;
  ImageRegion?: ImageRegionResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  Locator?: LocatorResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  NotFound?: NotFoundResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  PageRegion?: PageRegionResolvers<ContextType>;
  Problem?: ProblemResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Rejected?: RejectedResolvers<ContextType>;
  RetrievalProgress?: RetrievalProgressResolvers<ContextType>;
  ScoreParts?: ScorePartsResolvers<ContextType>;
  SourceCoverage?: SourceCoverageResolvers<ContextType>;
  StopAnswerResult?: StopAnswerResultResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  TextRange?: TextRangeResolvers<ContextType>;
  TimeSpan?: TimeSpanResolvers<ContextType>;
  TokenDelta?: TokenDeltaResolvers<ContextType>;
  URL?: GraphQLScalarType;
  Usage?: UsageResolvers<ContextType>;
};

