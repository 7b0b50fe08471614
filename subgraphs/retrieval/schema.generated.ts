// Made by `npm run schema` from schema/*.graphql: change those, and the models and operations beside this file.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { OperationContext } from '../../platform/subgraph.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
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
  _FieldSet: { input: string; output: string; }
};

/** Whether a result was made or remembered. */
export type CacheOutcome =
  /** It was made now, and is not remembered. */
  | 'BYPASS'
  /** It was remembered, and nothing it rests on has changed since. */
  | 'HIT'
  /** It was made now, and remembered. */
  | 'MISS';

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

/** A passage; the ingest subgraph knows the rest of it. */
export type Chunk = {
  /** The global id. */
  readonly id: Scalars['ID']['output'];
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

/** A page of hits. */
export type HitConnection = {
  /** The hits with their cursors. */
  readonly edges: ReadonlyArray<HitEdge>;
  /** The hits without their cursors. */
  readonly nodes: ReadonlyArray<Hit>;
  /** Where this page stands. */
  readonly pageInfo: PageInfo;
};

/** One hit of a page. */
export type HitEdge = {
  /** Pass it as `after` to go on behind this hit. */
  readonly cursor: Scalars['String']['output'];
  /** The hit. */
  readonly node: Hit;
};

/** A range of whole numbers, both ends included. */
export type IntRange = {
  /** At least this. */
  readonly from?: InputMaybe<Scalars['Int']['input']>;
  /** At most this. */
  readonly to?: InputMaybe<Scalars['Int']['input']>;
};

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

/** What to do when some source cannot be searched in time. */
export type PartialPolicy =
  /** Answer with the others, and say so in `coverage`. */
  | 'BEST_EFFORT'
  /** Fail with `UPSTREAM`. */
  | 'FAIL_FAST';

/** What can be asked. */
export type Query = {
  /** Searches everything the caller may read: by meaning and by words, over every wanted modality at once. */
  readonly search: SearchResult;
};


/** What can be asked. */
export type QuerySearchArgs = {
  input: SearchInput;
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

/** What to search for, and how. Exactly one of `text`, `imageUploadId`, `audioUploadId` and `similarToChunkId` asks. */
export type SearchInput = {
  /** Go on behind the hit with this cursor. Paging ends at the thousandth hit. */
  readonly after?: InputMaybe<Scalars['String']['input']>;
  /** What sounds like the first 30 seconds of this recording: an upload, of at most 20 MB, whose bytes have arrived. It can be searched with again until it expires. */
  readonly audioUploadId?: InputMaybe<Scalars['ID']['input']>;
  /** Answer within this many milliseconds, 1 to 60,000, with what was found by then; 10,000 by default. */
  readonly deadlineMs?: InputMaybe<Scalars['Int']['input']>;
  /** Search with the encoder of this fingerprint, where there are vectors of it, as during a migration; with the one that serves by default. */
  readonly encoder?: InputMaybe<Scalars['ID']['input']>;
  /** Whether the parts of each score carry its rank in every list. */
  readonly explain?: InputMaybe<Scalars['Boolean']['input']>;
  /** Only passages of documents that match. */
  readonly filter?: InputMaybe<SearchFilter>;
  /** How many hits, 1 to 200. */
  readonly first?: InputMaybe<Scalars['Int']['input']>;
  /** What looks like this picture: an upload, of at most 20 MB, whose bytes have arrived. It can be searched with again until it expires. */
  readonly imageUploadId?: InputMaybe<Scalars['ID']['input']>;
  /** Whether to search cold documents, too: those that no search has shown for a long time. The first search of a while may be over before they are loaded; `coverage` says so. */
  readonly includeCold?: InputMaybe<Scalars['Boolean']['input']>;
  /** Only these modalities; all of them by default. */
  readonly modalities?: InputMaybe<ReadonlyArray<Modality>>;
  /** By meaning, by words, or both fused. */
  readonly mode?: InputMaybe<SearchMode>;
  /** What to do when some source cannot be searched. */
  readonly partial?: InputMaybe<PartialPolicy>;
  /** At most this many hits from any one document; no limit by default. */
  readonly perDocument?: InputMaybe<Scalars['Int']['input']>;
  /** Passages like this one, which is left out of the hits itself: like its words, like what it shows, or like how it sounds. */
  readonly similarToChunkId?: InputMaybe<Scalars['ID']['input']>;
  /** A question or words, 1 to 8,192 characters. */
  readonly text?: InputMaybe<Scalars['String']['input']>;
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

/** What was found. */
export type SearchResult = {
  /** Whether the result was made or remembered. */
  readonly cache: CacheOutcome;
  /** What was and was not searched. */
  readonly coverage: Coverage;
  /** The hits, best first. */
  readonly hits: HitConnection;
  /** The time of each stage, in the order they ran. */
  readonly stages: ReadonlyArray<StageTiming>;
  /** The time the search took, in milliseconds. */
  readonly tookMs: Scalars['Float']['output'];
};

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

/** The time of one stage of the search. */
export type StageTiming = {
  /** The stage: `plan`, `encode`, `search`, `fuse`, `rerank` or `hydrate`. */
  readonly stage: Scalars['String']['output'];
  /** Milliseconds. */
  readonly tookMs: Scalars['Float']['output'];
};

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

/** What is compared with the query. Vectors of different spaces cannot be compared with one another. */
export type VectorSpace =
  /** How something sounds. */
  | 'SOUND'
  /** Words: prose, rows, captions, transcripts, and the text that was read in pictures. */
  | 'TEXT'
  /** What pictures and films show. */
  | 'VISUAL';



export type ResolverTypeWrapper<T> = Promise<T> | T;


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





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  CacheOutcome: CacheOutcome;
  Calibration: ResolverTypeWrapper<Calibration>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  CellCondition: CellCondition;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Chunk: ResolverTypeWrapper<Chunk>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Coverage: ResolverTypeWrapper<Coverage>;
  CoverageStatus: CoverageStatus;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DateTimeRange: DateTimeRange;
  Hit: ResolverTypeWrapper<Hit>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  HitConnection: ResolverTypeWrapper<HitConnection>;
  HitEdge: ResolverTypeWrapper<HitEdge>;
  IntRange: IntRange;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  MetadataCondition: MetadataCondition;
  Modality: Modality;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PartialPolicy: PartialPolicy;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ScoreParts: ResolverTypeWrapper<ScoreParts>;
  SearchFilter: SearchFilter;
  SearchInput: SearchInput;
  SearchMethod: SearchMethod;
  SearchMode: SearchMode;
  SearchResult: ResolverTypeWrapper<SearchResult>;
  SourceCoverage: ResolverTypeWrapper<SourceCoverage>;
  StageTiming: ResolverTypeWrapper<StageTiming>;
  TextRange: ResolverTypeWrapper<TextRange>;
  Tier: Tier;
  VectorSpace: VectorSpace;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Calibration: Calibration;
  Float: Scalars['Float']['output'];
  CellCondition: CellCondition;
  String: Scalars['String']['output'];
  Boolean: Scalars['Boolean']['output'];
  Chunk: Chunk;
  ID: Scalars['ID']['output'];
  Coverage: Coverage;
  DateTime: Scalars['DateTime']['output'];
  DateTimeRange: DateTimeRange;
  Hit: Hit;
  Int: Scalars['Int']['output'];
  HitConnection: HitConnection;
  HitEdge: HitEdge;
  IntRange: IntRange;
  JSON: Scalars['JSON']['output'];
  MetadataCondition: MetadataCondition;
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  ScoreParts: ScoreParts;
  SearchFilter: SearchFilter;
  SearchInput: SearchInput;
  SearchResult: SearchResult;
  SourceCoverage: SourceCoverage;
  StageTiming: StageTiming;
  TextRange: TextRange;
};

export type CalibrationResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['Calibration'] = ResolversParentTypes['Calibration']> = {
  calibrated?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  deviation?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  mean?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  method?: Resolver<ResolversTypes['SearchMethod'], ParentType, ContextType>;
  score?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  space?: Resolver<ResolversTypes['VectorSpace'], ParentType, ContextType>;
};

export type ChunkResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['Chunk'] = ResolversParentTypes['Chunk']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type CoverageResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['Coverage'] = ResolversParentTypes['Coverage']> = {
  complete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  sources?: Resolver<ReadonlyArray<ResolversTypes['SourceCoverage']>, ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type HitResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['Hit'] = ResolversParentTypes['Hit']> = {
  chunk?: Resolver<Maybe<ResolversTypes['Chunk']>, ParentType, ContextType>;
  highlights?: Resolver<ReadonlyArray<ResolversTypes['TextRange']>, ParentType, ContextType>;
  parts?: Resolver<ResolversTypes['ScoreParts'], ParentType, ContextType>;
  rank?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  score?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type HitConnectionResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['HitConnection'] = ResolversParentTypes['HitConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['HitEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Hit']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type HitEdgeResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['HitEdge'] = ResolversParentTypes['HitEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Hit'], ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type PageInfoResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  search?: Resolver<ResolversTypes['SearchResult'], ParentType, ContextType, RequireFields<QuerySearchArgs, 'input'>>;
};

export type ScorePartsResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['ScoreParts'] = ResolversParentTypes['ScoreParts']> = {
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

export type SearchResultResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['SearchResult'] = ResolversParentTypes['SearchResult']> = {
  cache?: Resolver<ResolversTypes['CacheOutcome'], ParentType, ContextType>;
  coverage?: Resolver<ResolversTypes['Coverage'], ParentType, ContextType>;
  hits?: Resolver<ResolversTypes['HitConnection'], ParentType, ContextType>;
  stages?: Resolver<ReadonlyArray<ResolversTypes['StageTiming']>, ParentType, ContextType>;
  tookMs?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type SourceCoverageResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['SourceCoverage'] = ResolversParentTypes['SourceCoverage']> = {
  candidates?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  method?: Resolver<ResolversTypes['SearchMethod'], ParentType, ContextType>;
  modality?: Resolver<ResolversTypes['Modality'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  space?: Resolver<ResolversTypes['VectorSpace'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['CoverageStatus'], ParentType, ContextType>;
  tier?: Resolver<ResolversTypes['Tier'], ParentType, ContextType>;
  tookMs?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type StageTimingResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['StageTiming'] = ResolversParentTypes['StageTiming']> = {
  stage?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  tookMs?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type TextRangeResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['TextRange'] = ResolversParentTypes['TextRange']> = {
  end?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  start?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type Resolvers<ContextType = OperationContext> = {
  Calibration?: CalibrationResolvers<ContextType>;
  Chunk?: ChunkResolvers<ContextType>;
  Coverage?: CoverageResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  Hit?: HitResolvers<ContextType>;
  HitConnection?: HitConnectionResolvers<ContextType>;
  HitEdge?: HitEdgeResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  ScoreParts?: ScorePartsResolvers<ContextType>;
  SearchResult?: SearchResultResolvers<ContextType>;
  SourceCoverage?: SourceCoverageResolvers<ContextType>;
  StageTiming?: StageTimingResolvers<ContextType>;
  TextRange?: TextRangeResolvers<ContextType>;
};

