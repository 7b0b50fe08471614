// Made by `npm run schema` from schema/*.graphql: change those, and the models and operations beside this file.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { DocumentModel, ChunkModel, IngestJobModel, IngestEventModel, StorePurgeModel, DeletionReceiptModel, UploadTicketModel, TenantRemovalModel, EncoderModel, EncoderMigrationModel, EncoderMigrationEventModel } from './models.ts';
import type { IngestContext } from './context.ts';
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

/** An answer; the generation subgraph knows the rest of it. */
export type Answer = Node & {
  /** The global id. */
  readonly id: Scalars['ID']['output'];
};

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

/** One passage of a document: what is encoded, found and cited. */
export type Chunk = Node & {
  /** The document it is a part of. */
  readonly document: Document;
  /** The global id: the same content in the same place, encoded in the same way, always has the same one. */
  readonly id: Scalars['ID']['output'];
  /** Where in its document it stands. */
  readonly locator: Locator;
  /** The kind of content. */
  readonly modality: Modality;
  /** Its place in the document, from 0. */
  readonly ordinal: Scalars['Int']['output'];
  /** A picture of it, where there is one. */
  readonly previewUrl: Maybe<Scalars['URL']['output']>;
  /** The passage, the transcript of the span, the text read in the region, or the row group as text. */
  readonly text: Maybe<Scalars['String']['output']>;
};

/** A page of passages. */
export type ChunkConnection = {
  /** The passages with their cursors. */
  readonly edges: ReadonlyArray<ChunkEdge>;
  /** The passages without their cursors. */
  readonly nodes: ReadonlyArray<Chunk>;
  /** Where this page stands. */
  readonly pageInfo: PageInfo;
  /** How many passages the document has. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One passage of a page. */
export type ChunkEdge = {
  /** Pass it as `after` to go on behind this passage. */
  readonly cursor: Scalars['String']['output'];
  /** The passage. */
  readonly node: Chunk;
};

/** What is about to be sent. */
export type CreateUploadInput = {
  /** The size in bytes, where known; refused at once when over the limit. With it the address may be one of the object store. */
  readonly byteSize?: InputMaybe<Scalars['Int']['input']>;
  /** The file's name; used for the title, and to tell kinds of text apart. */
  readonly fileName: Scalars['String']['input'];
  /** The media type, where known; the bytes decide. */
  readonly mediaType?: InputMaybe<Scalars['String']['input']>;
};

/** An upload, or why there is none. */
export type CreateUploadResult = Busy | Rejected | UploadTicket;

/** A receipt, or why there is none. */
export type DeleteDocumentResult = DeletionReceipt | Denied | NotFound;

/** Proof of erasure: what was removed from each store, and when; signed, and to be had again. */
export type DeletionReceipt = Node & {
  /** The document that was deleted. */
  readonly documentId: Scalars['ID']['output'];
  /** The global id. */
  readonly id: Scalars['ID']['output'];
  /** When the last byte was gone; null while the purge is under way. */
  readonly purgedAt: Maybe<Scalars['DateTime']['output']>;
  /** When the deletion was asked for. */
  readonly requestedAt: Scalars['DateTime']['output'];
  /** Ed25519 signature, base64url, over the receipt's canonical JSON; the public key is at `/v1/receipts/key`. Null until `purgedAt` is set. */
  readonly signature: Maybe<Scalars['String']['output']>;
  /** What was removed from each store. */
  readonly stores: ReadonlyArray<StorePurge>;
  /** From this instant on the document was not found any more. */
  readonly unfindableAt: Scalars['DateTime']['output'];
};

/** The caller may not do this. */
export type Denied = Problem & {
  /** Always `DENIED`. */
  readonly code: Scalars['String']['output'];
  /** Which scope is needed. */
  readonly message: Scalars['String']['output'];
};

/** One thing that was put in, in its newest version. */
export type Document = Node & {
  /** Who wrote it, as the uploader said or the file itself says. */
  readonly author: Maybe<Scalars['String']['output']>;
  /** The size of the original, in bytes. */
  readonly byteSize: Scalars['Int']['output'];
  /** Its passages in reading order. `first` is 1 to 200. */
  readonly chunks: ChunkConnection;
  /** Whether the uploader marked it as containing personal data. */
  readonly containsPii: Scalars['Boolean']['output'];
  /** A signed, short-lived address of the original bytes; null once the document is deleted. */
  readonly contentUrl: Maybe<Scalars['URL']['output']>;
  /** When it was first put in. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** What could not be made searchable, and why. */
  readonly gaps: ReadonlyArray<Gap>;
  /** The global id; it stays the same over all versions. */
  readonly id: Scalars['ID']['output'];
  /** The media type that was found in the bytes (not the one that was claimed), such as `application/pdf`. */
  readonly mediaType: Scalars['String']['output'];
  /** The uploader's own fields: a JSON object, filterable by path. */
  readonly metadata: Scalars['JSON']['output'];
  /** The kind of content that the document mainly is. */
  readonly modality: Modality;
  /** When it was published. */
  readonly publishedAt: Maybe<Scalars['DateTime']['output']>;
  /** Where it came from: a web address, or the path that the uploader named. */
  readonly source: Maybe<Scalars['String']['output']>;
  /** Where it stands. */
  readonly state: DocumentState;
  /** The uploader's tags, in the order given, each once. */
  readonly tags: ReadonlyArray<Scalars['String']['output']>;
  /** The uploader's title, else the one found in the content, else the file name. */
  readonly title: Scalars['String']['output'];
  /** When it, or what is said of it, last changed. */
  readonly updatedAt: Scalars['DateTime']['output'];
  /** The version, from 1; each change of content is one more. */
  readonly version: Scalars['Int']['output'];
  /** The year it is from, for filtering. */
  readonly year: Maybe<Scalars['Int']['output']>;
};


/** One thing that was put in, in its newest version. */
export type DocumentChunksArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** What is said of a document; every field is optional. */
export type DocumentAttributes = {
  /** The author, at most 1,000 characters. */
  readonly author?: InputMaybe<Scalars['String']['input']>;
  /** Whether it contains personal data. */
  readonly containsPii?: InputMaybe<Scalars['Boolean']['input']>;
  /** The uploader's own fields: a JSON object of at most 16 KiB. */
  readonly metadata?: InputMaybe<Scalars['JSON']['input']>;
  /** When it was published. */
  readonly publishedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** At most 64 tags of at most 128 characters. */
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** The title, at most 1,000 characters. */
  readonly title?: InputMaybe<Scalars['String']['input']>;
  /** The year it is from. */
  readonly year?: InputMaybe<Scalars['Int']['input']>;
};

/** A page of documents. */
export type DocumentConnection = {
  /** The documents with their cursors. */
  readonly edges: ReadonlyArray<DocumentEdge>;
  /** The documents without their cursors. */
  readonly nodes: ReadonlyArray<Document>;
  /** Where this page stands. */
  readonly pageInfo: PageInfo;
  /** How many documents match, over all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One document of a page. */
export type DocumentEdge = {
  /** Pass it as `after` to go on behind this document. */
  readonly cursor: Scalars['String']['output'];
  /** The document. */
  readonly node: Document;
};

/** Which documents to list; what is left out does not restrict. */
export type DocumentFilter = {
  /** Documents by this author, exactly. */
  readonly author?: InputMaybe<Scalars['String']['input']>;
  /** Documents of one of these kinds. */
  readonly modalities?: InputMaybe<ReadonlyArray<Modality>>;
  /** Documents from this source, exactly. */
  readonly source?: InputMaybe<Scalars['String']['input']>;
  /** Documents in one of these states. Deleted ones are listed only when asked for by name. */
  readonly states?: InputMaybe<ReadonlyArray<DocumentState>>;
  /** Documents that have all of these tags. */
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Documents whose title contains this, in any case. */
  readonly titleContains?: InputMaybe<Scalars['String']['input']>;
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

/** A text encoder: what turns passages and questions into vectors that can be compared. */
export type Encoder = {
  /** Identifies the vectors: a hash over weights, tokenizer, pooling, prompts and longest length. */
  readonly fingerprint: Scalars['ID']['output'];
  /** Whether passages are given vectors of it. */
  readonly kept: Scalars['Boolean']['output'];
  /** Whether a process that encodes passages has it loaded at present. */
  readonly loaded: Scalars['Boolean']['output'];
  /** How many passages that can be found have none. */
  readonly missing: Scalars['Int']['output'];
  /** The model's name, for people. */
  readonly model: Scalars['String']['output'];
  /** Whether searches are served with it. */
  readonly serving: Scalars['Boolean']['output'];
  /** How many passages that can be found have a vector of it, over all tenants. */
  readonly vectors: Scalars['Int']['output'];
};

/** Giving every passage a vector of another encoder. */
export type EncoderMigration = Node & {
  /** How both encoders answer the saved queries of the caller's tenant; empty before every passage has both vectors. */
  readonly comparison: ReadonlyArray<SavedQueryComparison>;
  /** When it was begun. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** What failed last. */
  readonly error: Maybe<Rejected>;
  /** How often a batch failed; each is tried again. */
  readonly failures: Scalars['Int']['output'];
  /** When it had ended, and the vectors that were to be removed were gone. */
  readonly finishedAt: Maybe<Scalars['DateTime']['output']>;
  /** The global id. */
  readonly id: Scalars['ID']['output'];
  /** Whether all documents have been gone through, so that `passagesTotal` is all there is to do. */
  readonly listed: Scalars['Boolean']['output'];
  /** Passages that were given one by this migration. New and changed documents have theirs from the start. */
  readonly passagesEncoded: Scalars['Int']['output'];
  /** Passages that had one already, and were not encoded again. */
  readonly passagesPresent: Scalars['Int']['output'];
  /** Passages that had no vector of the target, as far as documents have been gone through. */
  readonly passagesTotal: Scalars['Int']['output'];
  /** The mean over those saved queries; null where there are none. */
  readonly quality: Maybe<EncoderQuality>;
  /** When every passage had a vector of the target for the first time. */
  readonly readyAt: Maybe<Scalars['DateTime']['output']>;
  /** The fingerprint of the encoder that served when it began. */
  readonly source: Scalars['ID']['output'];
  /** The model of that encoder. */
  readonly sourceModel: Scalars['String']['output'];
  /** How it stands. */
  readonly state: EncoderMigrationState;
  /** The fingerprint of the encoder that passages are given vectors of. */
  readonly target: Scalars['ID']['output'];
  /** The model of that encoder. */
  readonly targetModel: Scalars['String']['output'];
  /** Vectors that were removed when it was finished or cancelled. */
  readonly vectorsRemoved: Scalars['Int']['output'];
};

/** One change of an encoder migration. */
export type EncoderMigrationEvent = {
  /** When it happened. */
  readonly at: Scalars['DateTime']['output'];
  /** The migration as it stood then. */
  readonly migration: EncoderMigration;
  /** Numbers a migration's events without gaps, from 1. */
  readonly sequence: Scalars['Int']['output'];
};

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

/** How two encoders answer saved queries on average. */
export type EncoderQuality = {
  /** Over how many of them for which relevant documents are known. */
  readonly judgedQueries: Scalars['Int']['output'];
  /** The mean change of rank. */
  readonly meanRankChange: Scalars['Float']['output'];
  /** The mean overlap of the first ten documents. */
  readonly overlapAt10: Scalars['Float']['output'];
  /** Over how many queries. */
  readonly queries: Scalars['Int']['output'];
  /** The old encoder's means over the judged queries; null where there are none. */
  readonly source: Maybe<RankingMeasures>;
  /** The new encoder's means over the judged queries; null where there are none. */
  readonly target: Maybe<RankingMeasures>;
};

/** Which encoder serves now. */
export type EncoderSwitch = {
  /** The fingerprint of the one that served before. */
  readonly previous: Scalars['ID']['output'];
  /** The encoder that serves, within a second in every process. */
  readonly serving: Encoder;
  /** When it was switched. */
  readonly switchedAt: Scalars['DateTime']['output'];
};

/** The migration, or why it was not ended. */
export type EndEncoderMigrationResult = Denied | EncoderMigration | NotFound | Rejected;

/** Something in a document that could not be made searchable. */
export type Gap = {
  /** A stable word for the cause, such as `PAGE_UNREADABLE`, `NO_TEXT` or `ENCODER_MISSING`. */
  readonly code: Scalars['String']['output'];
  /** Where in the document, where that is known. */
  readonly locator: Maybe<Locator>;
  /** What is missing and why, in one sentence. */
  readonly message: Scalars['String']['output'];
};

/** A region of a picture. */
export type ImageRegion = {
  /** The region. */
  readonly box: Box;
};

/** Exactly one of `uploadId`, `url` and `text` says where the content is. */
export type IngestDocumentInput = {
  /** What is said of the document. */
  readonly attributes?: InputMaybe<DocumentAttributes>;
  /** The media type of `text`: `text/plain` (the default), `text/markdown` or `text/html`. */
  readonly mediaType?: InputMaybe<Scalars['String']['input']>;
  /** The name of the source, by which a later version of the same document is recognised; the URL or the file name by default. */
  readonly source?: InputMaybe<Scalars['String']['input']>;
  /** The content itself, as text, at most 1 MiB. */
  readonly text?: InputMaybe<Scalars['String']['input']>;
  /** The id of an upload whose bytes have arrived. */
  readonly uploadId?: InputMaybe<Scalars['ID']['input']>;
  /** A public http or https address to fetch. */
  readonly url?: InputMaybe<Scalars['URL']['input']>;
};

/** A job, or why there is none. */
export type IngestDocumentResult = Busy | IngestJob | Rejected;

/** One change of a job. */
export type IngestEvent = {
  /** When it happened. */
  readonly at: Scalars['DateTime']['output'];
  /** The job as it now stands. */
  readonly job: IngestJob;
  /** Counts the job's events from 1; none is left out. */
  readonly sequence: Scalars['Int']['output'];
};

/** The durable work of making one version of a document findable. */
export type IngestJob = Node & {
  /** How often it was begun; more than 1 after a crash. */
  readonly attempts: Scalars['Int']['output'];
  /** Passages stored so far. */
  readonly chunksStored: Scalars['Int']['output'];
  /** Passages cut so far. */
  readonly chunksTotal: Scalars['Int']['output'];
  /** When it was accepted. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** The document it is about. */
  readonly document: Document;
  /** Whether the content was here already, so that there is nothing to do. */
  readonly duplicate: Scalars['Boolean']['output'];
  /** Why it failed. */
  readonly error: Maybe<Rejected>;
  /** When it ended. */
  readonly finishedAt: Maybe<Scalars['DateTime']['output']>;
  /** The global id. */
  readonly id: Scalars['ID']['output'];
  /** The stage it is in. */
  readonly stage: IngestStage;
  /** How it stands. */
  readonly state: JobState;
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

/** Where in its document a chunk or a citation stands, for every modality. */
export type Locator = CellRange | ImageRegion | PageRegion | TextRange | TimeSpan;

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
  /** Gives a migration up: the vectors of its target are removed. Refused while the target serves. Needs the scope `admin`. */
  readonly cancelEncoderMigration: EndEncoderMigrationResult;
  /** Asks for a one-time address to which the bytes of one document can be sent by HTTP PUT. */
  readonly createUpload: CreateUploadResult;
  /** Makes a document unfindable at once, and purges it from every store within five minutes. */
  readonly deleteDocument: DeleteDocumentResult;
  /**
   * Ends a migration for good: the vectors of the old encoder are removed, and there is no way back. Refused while the
   * old one serves, or passages lack a vector of the new one. Needs the scope `admin`.
   */
  readonly finishEncoderMigration: EndEncoderMigrationResult;
  /**
   * Takes a document in, from a finished upload, from a URL or from inline text, and answers as soon as
   * the job is durable. The same content under the same source is one document; changed content under the
   * same source is a new version of it.
   */
  readonly ingestDocument: IngestDocumentResult;
  /** Removes a tenant with everything in it, at once and for good. Needs the scope `admin`. */
  readonly removeTenant: RemoveTenantResult;
  /**
   * Begins to give every passage of this installation, of all tenants, a vector of another encoder, beside the one
   * that serves. Searches go on with the old one meanwhile. Needs the scope `admin`.
   */
  readonly startEncoderMigration: StartEncoderMigrationResult;
  /**
   * Decides which encoder serves searches: the one flag that is switched, and switched back by the same mutation.
   * Refused while passages lack a vector of it, unless `force` says otherwise. Needs the scope `admin`.
   */
  readonly switchEncoder: SwitchEncoderResult;
  /** Changes what is said of a document, or its content. Left-out fields stay as they are. */
  readonly updateDocument: UpdateDocumentResult;
};


/** What can be changed. */
export type MutationCancelEncoderMigrationArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed. */
export type MutationCreateUploadArgs = {
  input: CreateUploadInput;
};


/** What can be changed. */
export type MutationDeleteDocumentArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed. */
export type MutationFinishEncoderMigrationArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed. */
export type MutationIngestDocumentArgs = {
  input: IngestDocumentInput;
};


/** What can be changed. */
export type MutationRemoveTenantArgs = {
  tenant: Scalars['String']['input'];
};


/** What can be changed. */
export type MutationStartEncoderMigrationArgs = {
  input: StartEncoderMigrationInput;
};


/** What can be changed. */
export type MutationSwitchEncoderArgs = {
  input: SwitchEncoderInput;
};


/** What can be changed. */
export type MutationUpdateDocumentArgs = {
  input: UpdateDocumentInput;
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
  /** The receipt of a deletion, by its own id or by the id of the document it is about. */
  readonly deletionReceipt: Maybe<DeletionReceipt>;
  /** The document with this id, or null where there is none that the caller may read. */
  readonly document: Maybe<Document>;
  /** The caller's documents, newest first. `first` is 1 to 200. */
  readonly documents: DocumentConnection;
  /** The encoder migration with this id, or null where there is none. Needs the scope `admin`. */
  readonly encoderMigration: Maybe<EncoderMigration>;
  /** The newest encoder migrations, at most 100, newest first. Needs the scope `admin`. */
  readonly encoderMigrations: ReadonlyArray<EncoderMigration>;
  /** The encoders that processes of this installation have loaded, or that passages are given vectors of. Needs the scope `admin`. */
  readonly encoders: ReadonlyArray<Encoder>;
  /** The ingest job with this id, or null where there is none that the caller may read. */
  readonly ingestJob: Maybe<IngestJob>;
  /** The object with this global id, or null where there is none that the caller may read. */
  readonly node: Maybe<Node>;
};


/** What can be asked. */
export type QueryDeletionReceiptArgs = {
  id: Scalars['ID']['input'];
};


/** What can be asked. */
export type QueryDocumentArgs = {
  id: Scalars['ID']['input'];
};


/** What can be asked. */
export type QueryDocumentsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DocumentFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** What can be asked. */
export type QueryEncoderMigrationArgs = {
  id: Scalars['ID']['input'];
};


/** What can be asked. */
export type QueryIngestJobArgs = {
  id: Scalars['ID']['input'];
};


/** What can be asked. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};

/** The measures of a ranking, from 0 to 1. */
export type RankingMeasures = {
  /** Normalised discounted cumulative gain over the first ten documents. */
  readonly ndcgAt10: Scalars['Float']['output'];
  /** The share of the relevant documents among the first hundred. */
  readonly recallAt100: Scalars['Float']['output'];
};

/** The input was refused and nothing was changed. */
export type Rejected = Problem & {
  /** A stable word for the cause, such as `EMPTY_FILE`, `UNSUPPORTED_MEDIA_TYPE` or `TOO_LARGE`. */
  readonly code: Scalars['String']['output'];
  /** The input field that was wrong, where one was. */
  readonly field: Maybe<Scalars['String']['output']>;
  /** What was wrong, what is allowed, and what to do. */
  readonly message: Scalars['String']['output'];
};

/** A tenant that was removed, or why it was not. */
export type RemoveTenantResult = Denied | Rejected | TenantRemoval;

/** How two encoders answer one saved query, by meaning alone, by document. */
export type SavedQueryComparison = {
  /** How far the old encoder's first ten documents moved on average, in ranks; what left the first hundred counts as 101st. */
  readonly meanRankChange: Scalars['Float']['output'];
  /** The share of the old encoder's first ten documents that is among the new one's. */
  readonly overlapAt10: Scalars['Float']['output'];
  /** How well the old encoder answers; null where nothing is known to be relevant. */
  readonly source: Maybe<RankingMeasures>;
  /** How well the new encoder answers; null where nothing is known to be relevant. */
  readonly target: Maybe<RankingMeasures>;
  /** The query. */
  readonly text: Scalars['String']['output'];
};

/** A query that quality is compared on. */
export type SavedQueryInput = {
  /** The ids of the documents that are relevant to it, at most 1,000, where that is known. */
  readonly relevantDocumentIds?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  /** A question or words, 1 to 8,192 characters. */
  readonly text: Scalars['String']['input'];
};

/** To which encoder to migrate. Exactly one of `fingerprint` and `model` names it; neither, where only one other is loaded. */
export type StartEncoderMigrationInput = {
  /** The fingerprint of an encoder that is loaded. */
  readonly fingerprint?: InputMaybe<Scalars['ID']['input']>;
  /** Asking again under the same key, 1 to 200 characters, gives the same migration. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The model of an encoder that is loaded, as `encoders` names it. */
  readonly model?: InputMaybe<Scalars['String']['input']>;
  /** Queries of the caller's tenant to compare quality on, at most 1,000. */
  readonly savedQueries?: InputMaybe<ReadonlyArray<SavedQueryInput>>;
};

/** A migration, or why there is none. */
export type StartEncoderMigrationResult = Denied | EncoderMigration | Rejected;

/** What was removed from one store. */
export type StorePurge = {
  /**
   * When the last of them was gone; null while it is under way, and for a `cache` that could not be reached: what is in it
   * then is found by nobody, has no texts, and expires within minutes.
   */
  readonly purgedAt: Maybe<Scalars['DateTime']['output']>;
  /** How many things were removed from it: rows, vectors, objects, or remembered searches. */
  readonly removed: Scalars['Int']['output'];
  /** The store: `metadata`, `vectors`, `blobs`, `answers`, `answer-streams`, `cache`. */
  readonly store: Scalars['String']['output'];
};

/** What can be followed as it happens. */
export type Subscription = {
  /**
   * What happens to an encoder migration: every event behind `after`, or the newest one and what follows it, until the
   * migration has ended. Needs the scope `admin`.
   */
  readonly encoderMigrationProgress: EncoderMigrationEvent;
  /** What happens to one job: its present state at once, then every change, until it has ended. */
  readonly ingestProgress: IngestEvent;
};


/** What can be followed as it happens. */
export type SubscriptionEncoderMigrationProgressArgs = {
  after?: InputMaybe<Scalars['Int']['input']>;
  id: Scalars['ID']['input'];
};


/** What can be followed as it happens. */
export type SubscriptionIngestProgressArgs = {
  jobId: Scalars['ID']['input'];
};

/** Which encoder is to serve. */
export type SwitchEncoderInput = {
  /** Its fingerprint. */
  readonly fingerprint: Scalars['ID']['input'];
  /** Whether to switch although passages lack a vector of it: they are not found before they have one. */
  readonly force?: InputMaybe<Scalars['Boolean']['input']>;
};

/** What serves now, or why it was not switched. */
export type SwitchEncoderResult = Denied | EncoderSwitch | Rejected;

/** What was removed with a tenant. */
export type TenantRemoval = {
  /** When the last of it was gone. */
  readonly removedAt: Scalars['DateTime']['output'];
  /** What was removed from each store. */
  readonly stores: ReadonlyArray<StorePurge>;
  /** The tenant. */
  readonly tenant: Scalars['String']['output'];
};

/** A range of the document's text. */
export type TextRange = {
  /** One past the last character, in UTF-16 code units. */
  readonly end: Scalars['Int']['output'];
  /** The first character, in UTF-16 code units from 0, of the document's extracted text. */
  readonly start: Scalars['Int']['output'];
};

/** A span of sound or of moving pictures. */
export type TimeSpan = {
  /** The end, in milliseconds from the beginning. */
  readonly endMs: Scalars['Int']['output'];
  /** A still of the span, where there is one. */
  readonly keyframeUrl: Maybe<Scalars['URL']['output']>;
  /** The start, in milliseconds from the beginning. */
  readonly startMs: Scalars['Int']['output'];
};

/** What to change of a document. */
export type UpdateDocumentInput = {
  /** What is said of it; left-out fields stay as they are. */
  readonly attributes?: InputMaybe<DocumentAttributes>;
  /** The document. */
  readonly id: Scalars['ID']['input'];
  /** New content, as text. */
  readonly text?: InputMaybe<Scalars['String']['input']>;
  /** New content, from an upload whose bytes have arrived. */
  readonly uploadId?: InputMaybe<Scalars['ID']['input']>;
};

/** A job for the change, or why there is none. */
export type UpdateDocumentResult = Busy | IngestJob | NotFound | Rejected;

/** A one-time address for the bytes of one document. */
export type UploadTicket = {
  /** After this the address is refused. */
  readonly expiresAt: Scalars['DateTime']['output'];
  /** Pass it to `ingestDocument` once the bytes have been sent. */
  readonly id: Scalars['ID']['output'];
  /** The most bytes that will be taken. */
  readonly maxBytes: Scalars['Int']['output'];
  /**
   * Send the bytes here by HTTP PUT, once: a path of this server, or an address of the object store itself, which
   * takes exactly as many bytes as `byteSize` said.
   */
  readonly putUrl: Scalars['URL']['output'];
};



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
  Chunk: Chunk;
  DeletionReceipt: DeletionReceipt;
  Document: Document;
  EncoderMigration: EncoderMigration;
  IngestJob: IngestJob;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Chunk:
    ( { __typename: 'Chunk' }
    & GraphQLRecursivePick<FederationTypes['Chunk'], {"id":true}> );
  DeletionReceipt:
    ( { __typename: 'DeletionReceipt' }
    & GraphQLRecursivePick<FederationTypes['DeletionReceipt'], {"id":true}> );
  Document:
    ( { __typename: 'Document' }
    & GraphQLRecursivePick<FederationTypes['Document'], {"id":true}> );
  EncoderMigration:
    ( { __typename: 'EncoderMigration' }
    & GraphQLRecursivePick<FederationTypes['EncoderMigration'], {"id":true}> );
  IngestJob:
    ( { __typename: 'IngestJob' }
    & GraphQLRecursivePick<FederationTypes['IngestJob'], {"id":true}> );
};

/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  CreateUploadResult:
    | ( Busy & { __typename: 'Busy' } )
    | ( Rejected & { __typename: 'Rejected' } )
    | ( UploadTicketModel & { __typename: 'UploadTicket' } )
  ;
  DeleteDocumentResult:
    | ( DeletionReceiptModel & { __typename: 'DeletionReceipt' } )
    | ( Denied & { __typename: 'Denied' } )
    | ( NotFound & { __typename: 'NotFound' } )
  ;
  EndEncoderMigrationResult:
    | ( Denied & { __typename: 'Denied' } )
    | ( EncoderMigrationModel & { __typename: 'EncoderMigration' } )
    | ( NotFound & { __typename: 'NotFound' } )
    | ( Rejected & { __typename: 'Rejected' } )
  ;
  IngestDocumentResult:
    | ( Busy & { __typename: 'Busy' } )
    | ( IngestJobModel & { __typename: 'IngestJob' } )
    | ( Rejected & { __typename: 'Rejected' } )
  ;
  Locator:
    | ( CellRange & { __typename: 'CellRange' } )
    | ( ImageRegion & { __typename: 'ImageRegion' } )
    | ( PageRegion & { __typename: 'PageRegion' } )
    | ( TextRange & { __typename: 'TextRange' } )
    | ( TimeSpan & { __typename: 'TimeSpan' } )
  ;
  RemoveTenantResult:
    | ( Denied & { __typename: 'Denied' } )
    | ( Rejected & { __typename: 'Rejected' } )
    | ( TenantRemovalModel & { __typename: 'TenantRemoval' } )
  ;
  StartEncoderMigrationResult:
    | ( Denied & { __typename: 'Denied' } )
    | ( EncoderMigrationModel & { __typename: 'EncoderMigration' } )
    | ( Rejected & { __typename: 'Rejected' } )
  ;
  SwitchEncoderResult:
    | ( Denied & { __typename: 'Denied' } )
    | ( Omit<EncoderSwitch, 'serving'> & { serving: _RefType['Encoder'] } & { __typename: 'EncoderSwitch' } )
    | ( Rejected & { __typename: 'Rejected' } )
  ;
  UpdateDocumentResult:
    | ( Busy & { __typename: 'Busy' } )
    | ( IngestJobModel & { __typename: 'IngestJob' } )
    | ( NotFound & { __typename: 'NotFound' } )
    | ( Rejected & { __typename: 'Rejected' } )
  ;
};

/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( Answer & { __typename: 'Answer' } )
    | ( ChunkModel & { __typename: 'Chunk' } )
    | ( DeletionReceiptModel & { __typename: 'DeletionReceipt' } )
    | ( DocumentModel & { __typename: 'Document' } )
    | ( EncoderMigrationModel & { __typename: 'EncoderMigration' } )
    | ( IngestJobModel & { __typename: 'IngestJob' } )
  ;
  Problem:
    | ( Busy & { __typename: 'Busy' } )
    | ( Denied & { __typename: 'Denied' } )
    | ( NotFound & { __typename: 'NotFound' } )
    | ( Rejected & { __typename: 'Rejected' } )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Answer: ResolverTypeWrapper<Answer>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Box: ResolverTypeWrapper<Box>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Busy: ResolverTypeWrapper<Busy>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  CellRange: ResolverTypeWrapper<CellRange>;
  Chunk: ResolverTypeWrapper<ChunkModel>;
  ChunkConnection: ResolverTypeWrapper<Omit<ChunkConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['ChunkEdge']>, nodes: ReadonlyArray<ResolversTypes['Chunk']> }>;
  ChunkEdge: ResolverTypeWrapper<Omit<ChunkEdge, 'node'> & { node: ResolversTypes['Chunk'] }>;
  CreateUploadInput: CreateUploadInput;
  CreateUploadResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['CreateUploadResult']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DeleteDocumentResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['DeleteDocumentResult']>;
  DeletionReceipt: ResolverTypeWrapper<DeletionReceiptModel>;
  Denied: ResolverTypeWrapper<Denied>;
  Document: ResolverTypeWrapper<DocumentModel>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  DocumentAttributes: DocumentAttributes;
  DocumentConnection: ResolverTypeWrapper<Omit<DocumentConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['DocumentEdge']>, nodes: ReadonlyArray<ResolversTypes['Document']> }>;
  DocumentEdge: ResolverTypeWrapper<Omit<DocumentEdge, 'node'> & { node: ResolversTypes['Document'] }>;
  DocumentFilter: DocumentFilter;
  DocumentState: DocumentState;
  Encoder: ResolverTypeWrapper<EncoderModel>;
  EncoderMigration: ResolverTypeWrapper<EncoderMigrationModel>;
  EncoderMigrationEvent: ResolverTypeWrapper<EncoderMigrationEventModel>;
  EncoderMigrationState: EncoderMigrationState;
  EncoderQuality: ResolverTypeWrapper<EncoderQuality>;
  EncoderSwitch: ResolverTypeWrapper<Omit<EncoderSwitch, 'serving'> & { serving: ResolversTypes['Encoder'] }>;
  EndEncoderMigrationResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['EndEncoderMigrationResult']>;
  Gap: ResolverTypeWrapper<Omit<Gap, 'locator'> & { locator?: Maybe<ResolversTypes['Locator']> }>;
  ImageRegion: ResolverTypeWrapper<ImageRegion>;
  IngestDocumentInput: IngestDocumentInput;
  IngestDocumentResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['IngestDocumentResult']>;
  IngestEvent: ResolverTypeWrapper<IngestEventModel>;
  IngestJob: ResolverTypeWrapper<IngestJobModel>;
  IngestStage: IngestStage;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  JobState: JobState;
  Locator: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['Locator']>;
  Modality: Modality;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  NotFound: ResolverTypeWrapper<NotFound>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PageRegion: ResolverTypeWrapper<PageRegion>;
  Problem: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Problem']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RankingMeasures: ResolverTypeWrapper<RankingMeasures>;
  Rejected: ResolverTypeWrapper<Rejected>;
  RemoveTenantResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['RemoveTenantResult']>;
  SavedQueryComparison: ResolverTypeWrapper<SavedQueryComparison>;
  SavedQueryInput: SavedQueryInput;
  StartEncoderMigrationInput: StartEncoderMigrationInput;
  StartEncoderMigrationResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['StartEncoderMigrationResult']>;
  StorePurge: ResolverTypeWrapper<StorePurgeModel>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  SwitchEncoderInput: SwitchEncoderInput;
  SwitchEncoderResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['SwitchEncoderResult']>;
  TenantRemoval: ResolverTypeWrapper<TenantRemovalModel>;
  TextRange: ResolverTypeWrapper<TextRange>;
  TimeSpan: ResolverTypeWrapper<TimeSpan>;
  URL: ResolverTypeWrapper<Scalars['URL']['output']>;
  UpdateDocumentInput: UpdateDocumentInput;
  UpdateDocumentResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['UpdateDocumentResult']>;
  UploadTicket: ResolverTypeWrapper<UploadTicketModel>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Answer: Answer;
  ID: Scalars['ID']['output'];
  Box: Box;
  Float: Scalars['Float']['output'];
  Busy: Busy;
  String: Scalars['String']['output'];
  Int: Scalars['Int']['output'];
  CellRange: CellRange;
  Chunk: ChunkModel;
  ChunkConnection: Omit<ChunkConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['ChunkEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Chunk']> };
  ChunkEdge: Omit<ChunkEdge, 'node'> & { node: ResolversParentTypes['Chunk'] };
  CreateUploadInput: CreateUploadInput;
  CreateUploadResult: ResolversUnionTypes<ResolversParentTypes>['CreateUploadResult'];
  DateTime: Scalars['DateTime']['output'];
  DeleteDocumentResult: ResolversUnionTypes<ResolversParentTypes>['DeleteDocumentResult'];
  DeletionReceipt: DeletionReceiptModel;
  Denied: Denied;
  Document: DocumentModel;
  Boolean: Scalars['Boolean']['output'];
  DocumentAttributes: DocumentAttributes;
  DocumentConnection: Omit<DocumentConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['DocumentEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Document']> };
  DocumentEdge: Omit<DocumentEdge, 'node'> & { node: ResolversParentTypes['Document'] };
  DocumentFilter: DocumentFilter;
  Encoder: EncoderModel;
  EncoderMigration: EncoderMigrationModel;
  EncoderMigrationEvent: EncoderMigrationEventModel;
  EncoderQuality: EncoderQuality;
  EncoderSwitch: Omit<EncoderSwitch, 'serving'> & { serving: ResolversParentTypes['Encoder'] };
  EndEncoderMigrationResult: ResolversUnionTypes<ResolversParentTypes>['EndEncoderMigrationResult'];
  Gap: Omit<Gap, 'locator'> & { locator?: Maybe<ResolversParentTypes['Locator']> };
  ImageRegion: ImageRegion;
  IngestDocumentInput: IngestDocumentInput;
  IngestDocumentResult: ResolversUnionTypes<ResolversParentTypes>['IngestDocumentResult'];
  IngestEvent: IngestEventModel;
  IngestJob: IngestJobModel;
  JSON: Scalars['JSON']['output'];
  Locator: ResolversUnionTypes<ResolversParentTypes>['Locator'];
  Mutation: Record<PropertyKey, never>;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  NotFound: NotFound;
  PageInfo: PageInfo;
  PageRegion: PageRegion;
  Problem: ResolversInterfaceTypes<ResolversParentTypes>['Problem'];
  Query: Record<PropertyKey, never>;
  RankingMeasures: RankingMeasures;
  Rejected: Rejected;
  RemoveTenantResult: ResolversUnionTypes<ResolversParentTypes>['RemoveTenantResult'];
  SavedQueryComparison: SavedQueryComparison;
  SavedQueryInput: SavedQueryInput;
  StartEncoderMigrationInput: StartEncoderMigrationInput;
  StartEncoderMigrationResult: ResolversUnionTypes<ResolversParentTypes>['StartEncoderMigrationResult'];
  StorePurge: StorePurgeModel;
  Subscription: Record<PropertyKey, never>;
  SwitchEncoderInput: SwitchEncoderInput;
  SwitchEncoderResult: ResolversUnionTypes<ResolversParentTypes>['SwitchEncoderResult'];
  TenantRemoval: TenantRemovalModel;
  TextRange: TextRange;
  TimeSpan: TimeSpan;
  URL: Scalars['URL']['output'];
  UpdateDocumentInput: UpdateDocumentInput;
  UpdateDocumentResult: ResolversUnionTypes<ResolversParentTypes>['UpdateDocumentResult'];
  UploadTicket: UploadTicketModel;
};

export type AnswerResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Answer'] = ResolversParentTypes['Answer']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type BoxResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Box'] = ResolversParentTypes['Box']> = {
  height?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  left?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  top?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  width?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type BusyResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Busy'] = ResolversParentTypes['Busy']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  retryAfterMs?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CellRangeResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['CellRange'] = ResolversParentTypes['CellRange']> = {
  firstColumn?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  firstRow?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastColumn?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastRow?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  sheet?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ChunkResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Chunk'] = ResolversParentTypes['Chunk'], FederationReferenceType extends FederationReferenceTypes['Chunk'] = FederationReferenceTypes['Chunk']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Chunk']> | FederationReferenceType, FederationReferenceType, ContextType>;
  document?: Resolver<ResolversTypes['Document'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  locator?: Resolver<ResolversTypes['Locator'], ParentType, ContextType>;
  modality?: Resolver<ResolversTypes['Modality'], ParentType, ContextType>;
  ordinal?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  previewUrl?: Resolver<Maybe<ResolversTypes['URL']>, ParentType, ContextType>;
  text?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ChunkConnectionResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['ChunkConnection'] = ResolversParentTypes['ChunkConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ChunkEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Chunk']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ChunkEdgeResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['ChunkEdge'] = ResolversParentTypes['ChunkEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Chunk'], ParentType, ContextType>;
};

export type CreateUploadResultResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['CreateUploadResult'] = ResolversParentTypes['CreateUploadResult']> = {
  __resolveType: TypeResolveFn<'Busy' | 'Rejected' | 'UploadTicket', ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeleteDocumentResultResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['DeleteDocumentResult'] = ResolversParentTypes['DeleteDocumentResult']> = {
  __resolveType: TypeResolveFn<'DeletionReceipt' | 'Denied' | 'NotFound', ParentType, ContextType>;
};

export type DeletionReceiptResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['DeletionReceipt'] = ResolversParentTypes['DeletionReceipt'], FederationReferenceType extends FederationReferenceTypes['DeletionReceipt'] = FederationReferenceTypes['DeletionReceipt']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['DeletionReceipt']> | FederationReferenceType, FederationReferenceType, ContextType>;
  documentId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  purgedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  requestedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  signature?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  stores?: Resolver<ReadonlyArray<ResolversTypes['StorePurge']>, ParentType, ContextType>;
  unfindableAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type DeniedResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Denied'] = ResolversParentTypes['Denied']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type DocumentResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Document'] = ResolversParentTypes['Document'], FederationReferenceType extends FederationReferenceTypes['Document'] = FederationReferenceTypes['Document']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Document']> | FederationReferenceType, FederationReferenceType, ContextType>;
  author?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  byteSize?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  chunks?: Resolver<ResolversTypes['ChunkConnection'], ParentType, ContextType, RequireFields<DocumentChunksArgs, 'first'>>;
  containsPii?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  contentUrl?: Resolver<Maybe<ResolversTypes['URL']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  gaps?: Resolver<ReadonlyArray<ResolversTypes['Gap']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  mediaType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  metadata?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  modality?: Resolver<ResolversTypes['Modality'], ParentType, ContextType>;
  publishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  source?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  state?: Resolver<ResolversTypes['DocumentState'], ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  title?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  year?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type DocumentConnectionResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['DocumentConnection'] = ResolversParentTypes['DocumentConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['DocumentEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Document']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DocumentEdgeResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['DocumentEdge'] = ResolversParentTypes['DocumentEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Document'], ParentType, ContextType>;
};

export type EncoderResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Encoder'] = ResolversParentTypes['Encoder']> = {
  fingerprint?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kept?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  loaded?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  missing?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  serving?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  vectors?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type EncoderMigrationResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['EncoderMigration'] = ResolversParentTypes['EncoderMigration'], FederationReferenceType extends FederationReferenceTypes['EncoderMigration'] = FederationReferenceTypes['EncoderMigration']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['EncoderMigration']> | FederationReferenceType, FederationReferenceType, ContextType>;
  comparison?: Resolver<ReadonlyArray<ResolversTypes['SavedQueryComparison']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['Rejected']>, ParentType, ContextType>;
  failures?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  listed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  passagesEncoded?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  passagesPresent?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  passagesTotal?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  quality?: Resolver<Maybe<ResolversTypes['EncoderQuality']>, ParentType, ContextType>;
  readyAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  source?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  sourceModel?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['EncoderMigrationState'], ParentType, ContextType>;
  target?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  targetModel?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  vectorsRemoved?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type EncoderMigrationEventResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['EncoderMigrationEvent'] = ResolversParentTypes['EncoderMigrationEvent']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  migration?: Resolver<ResolversTypes['EncoderMigration'], ParentType, ContextType>;
  sequence?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type EncoderQualityResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['EncoderQuality'] = ResolversParentTypes['EncoderQuality']> = {
  judgedQueries?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  meanRankChange?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  overlapAt10?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  queries?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  source?: Resolver<Maybe<ResolversTypes['RankingMeasures']>, ParentType, ContextType>;
  target?: Resolver<Maybe<ResolversTypes['RankingMeasures']>, ParentType, ContextType>;
};

export type EncoderSwitchResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['EncoderSwitch'] = ResolversParentTypes['EncoderSwitch']> = {
  previous?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  serving?: Resolver<ResolversTypes['Encoder'], ParentType, ContextType>;
  switchedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type EndEncoderMigrationResultResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['EndEncoderMigrationResult'] = ResolversParentTypes['EndEncoderMigrationResult']> = {
  __resolveType: TypeResolveFn<'Denied' | 'EncoderMigration' | 'NotFound' | 'Rejected', ParentType, ContextType>;
};

export type GapResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Gap'] = ResolversParentTypes['Gap']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  locator?: Resolver<Maybe<ResolversTypes['Locator']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ImageRegionResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['ImageRegion'] = ResolversParentTypes['ImageRegion']> = {
  box?: Resolver<ResolversTypes['Box'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type IngestDocumentResultResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['IngestDocumentResult'] = ResolversParentTypes['IngestDocumentResult']> = {
  __resolveType: TypeResolveFn<'Busy' | 'IngestJob' | 'Rejected', ParentType, ContextType>;
};

export type IngestEventResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['IngestEvent'] = ResolversParentTypes['IngestEvent']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  job?: Resolver<ResolversTypes['IngestJob'], ParentType, ContextType>;
  sequence?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type IngestJobResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['IngestJob'] = ResolversParentTypes['IngestJob'], FederationReferenceType extends FederationReferenceTypes['IngestJob'] = FederationReferenceTypes['IngestJob']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['IngestJob']> | FederationReferenceType, FederationReferenceType, ContextType>;
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  chunksStored?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  chunksTotal?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  document?: Resolver<ResolversTypes['Document'], ParentType, ContextType>;
  duplicate?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['Rejected']>, ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  stage?: Resolver<ResolversTypes['IngestStage'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['JobState'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type LocatorResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Locator'] = ResolversParentTypes['Locator']> = {
  __resolveType: TypeResolveFn<'CellRange' | 'ImageRegion' | 'PageRegion' | 'TextRange' | 'TimeSpan', ParentType, ContextType>;
};

export type MutationResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  cancelEncoderMigration?: Resolver<ResolversTypes['EndEncoderMigrationResult'], ParentType, ContextType, RequireFields<MutationCancelEncoderMigrationArgs, 'id'>>;
  createUpload?: Resolver<ResolversTypes['CreateUploadResult'], ParentType, ContextType, RequireFields<MutationCreateUploadArgs, 'input'>>;
  deleteDocument?: Resolver<ResolversTypes['DeleteDocumentResult'], ParentType, ContextType, RequireFields<MutationDeleteDocumentArgs, 'id'>>;
  finishEncoderMigration?: Resolver<ResolversTypes['EndEncoderMigrationResult'], ParentType, ContextType, RequireFields<MutationFinishEncoderMigrationArgs, 'id'>>;
  ingestDocument?: Resolver<ResolversTypes['IngestDocumentResult'], ParentType, ContextType, RequireFields<MutationIngestDocumentArgs, 'input'>>;
  removeTenant?: Resolver<ResolversTypes['RemoveTenantResult'], ParentType, ContextType, RequireFields<MutationRemoveTenantArgs, 'tenant'>>;
  startEncoderMigration?: Resolver<ResolversTypes['StartEncoderMigrationResult'], ParentType, ContextType, RequireFields<MutationStartEncoderMigrationArgs, 'input'>>;
  switchEncoder?: Resolver<ResolversTypes['SwitchEncoderResult'], ParentType, ContextType, RequireFields<MutationSwitchEncoderArgs, 'input'>>;
  updateDocument?: Resolver<ResolversTypes['UpdateDocumentResult'], ParentType, ContextType, RequireFields<MutationUpdateDocumentArgs, 'input'>>;
};

export type NodeResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Answer' | 'Chunk' | 'DeletionReceipt' | 'Document' | 'EncoderMigration' | 'IngestJob', ParentType, ContextType>;
};

export type NotFoundResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['NotFound'] = ResolversParentTypes['NotFound']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PageRegionResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['PageRegion'] = ResolversParentTypes['PageRegion']> = {
  box?: Resolver<Maybe<ResolversTypes['Box']>, ParentType, ContextType>;
  page?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ProblemResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Problem'] = ResolversParentTypes['Problem']> = {
  __resolveType: TypeResolveFn<'Busy' | 'Denied' | 'NotFound' | 'Rejected', ParentType, ContextType>;
};

export type QueryResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  deletionReceipt?: Resolver<Maybe<ResolversTypes['DeletionReceipt']>, ParentType, ContextType, RequireFields<QueryDeletionReceiptArgs, 'id'>>;
  document?: Resolver<Maybe<ResolversTypes['Document']>, ParentType, ContextType, RequireFields<QueryDocumentArgs, 'id'>>;
  documents?: Resolver<ResolversTypes['DocumentConnection'], ParentType, ContextType, RequireFields<QueryDocumentsArgs, 'first'>>;
  encoderMigration?: Resolver<Maybe<ResolversTypes['EncoderMigration']>, ParentType, ContextType, RequireFields<QueryEncoderMigrationArgs, 'id'>>;
  encoderMigrations?: Resolver<ReadonlyArray<ResolversTypes['EncoderMigration']>, ParentType, ContextType>;
  encoders?: Resolver<ReadonlyArray<ResolversTypes['Encoder']>, ParentType, ContextType>;
  ingestJob?: Resolver<Maybe<ResolversTypes['IngestJob']>, ParentType, ContextType, RequireFields<QueryIngestJobArgs, 'id'>>;
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
};

export type RankingMeasuresResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['RankingMeasures'] = ResolversParentTypes['RankingMeasures']> = {
  ndcgAt10?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  recallAt100?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type RejectedResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Rejected'] = ResolversParentTypes['Rejected']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  field?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type RemoveTenantResultResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['RemoveTenantResult'] = ResolversParentTypes['RemoveTenantResult']> = {
  __resolveType: TypeResolveFn<'Denied' | 'Rejected' | 'TenantRemoval', ParentType, ContextType>;
};

export type SavedQueryComparisonResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['SavedQueryComparison'] = ResolversParentTypes['SavedQueryComparison']> = {
  meanRankChange?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  overlapAt10?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  source?: Resolver<Maybe<ResolversTypes['RankingMeasures']>, ParentType, ContextType>;
  target?: Resolver<Maybe<ResolversTypes['RankingMeasures']>, ParentType, ContextType>;
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type StartEncoderMigrationResultResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['StartEncoderMigrationResult'] = ResolversParentTypes['StartEncoderMigrationResult']> = {
  __resolveType: TypeResolveFn<'Denied' | 'EncoderMigration' | 'Rejected', ParentType, ContextType>;
};

export type StorePurgeResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['StorePurge'] = ResolversParentTypes['StorePurge']> = {
  purgedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  removed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  store?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  encoderMigrationProgress?: SubscriptionResolver<ResolversTypes['EncoderMigrationEvent'], "encoderMigrationProgress", ParentType, ContextType, RequireFields<SubscriptionEncoderMigrationProgressArgs, 'id'>>;
  ingestProgress?: SubscriptionResolver<ResolversTypes['IngestEvent'], "ingestProgress", ParentType, ContextType, RequireFields<SubscriptionIngestProgressArgs, 'jobId'>>;
};

export type SwitchEncoderResultResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['SwitchEncoderResult'] = ResolversParentTypes['SwitchEncoderResult']> = {
  __resolveType: TypeResolveFn<'Denied' | 'EncoderSwitch' | 'Rejected', ParentType, ContextType>;
};

export type TenantRemovalResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['TenantRemoval'] = ResolversParentTypes['TenantRemoval']> = {
  removedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  stores?: Resolver<ReadonlyArray<ResolversTypes['StorePurge']>, ParentType, ContextType>;
  tenant?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type TextRangeResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['TextRange'] = ResolversParentTypes['TextRange']> = {
  end?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  start?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type TimeSpanResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['TimeSpan'] = ResolversParentTypes['TimeSpan']> = {
  endMs?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  keyframeUrl?: Resolver<Maybe<ResolversTypes['URL']>, ParentType, ContextType>;
  startMs?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface UrlScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['URL'], any> {
  name: 'URL';
}

export type UpdateDocumentResultResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['UpdateDocumentResult'] = ResolversParentTypes['UpdateDocumentResult']> = {
  __resolveType: TypeResolveFn<'Busy' | 'IngestJob' | 'NotFound' | 'Rejected', ParentType, ContextType>;
};

export type UploadTicketResolvers<ContextType = IngestContext, ParentType extends ResolversParentTypes['UploadTicket'] = ResolversParentTypes['UploadTicket']> = {
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  maxBytes?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  putUrl?: Resolver<ResolversTypes['URL'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type Resolvers<ContextType = IngestContext> = {
  Answer?: AnswerResolvers<ContextType>;
  Box?: BoxResolvers<ContextType>;
  Busy?: BusyResolvers<ContextType>;
  CellRange?: CellRangeResolvers<ContextType>;
  Chunk?: ChunkResolvers<ContextType>;
  ChunkConnection?: ChunkConnectionResolvers<ContextType>;
  ChunkEdge?: ChunkEdgeResolvers<ContextType>;
  CreateUploadResult?: CreateUploadResultResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DeleteDocumentResult?: DeleteDocumentResultResolvers<ContextType>;
  DeletionReceipt?: DeletionReceiptResolvers<ContextType>;
  Denied?: DeniedResolvers<ContextType>;
  Document?: DocumentResolvers<ContextType>;
  DocumentConnection?: DocumentConnectionResolvers<ContextType>;
  DocumentEdge?: DocumentEdgeResolvers<ContextType>;
  Encoder?: EncoderResolvers<ContextType>;
  EncoderMigration?: EncoderMigrationResolvers<ContextType>;
  EncoderMigrationEvent?: EncoderMigrationEventResolvers<ContextType>;
  EncoderQuality?: EncoderQualityResolvers<ContextType>;
  EncoderSwitch?: EncoderSwitchResolvers<ContextType>;
  EndEncoderMigrationResult?: EndEncoderMigrationResultResolvers<ContextType>;
  Gap?: GapResolvers<ContextType>;
  ImageRegion?: ImageRegionResolvers<ContextType>;
  IngestDocumentResult?: IngestDocumentResultResolvers<ContextType>;
  IngestEvent?: IngestEventResolvers<ContextType>;
  IngestJob?: IngestJobResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  Locator?: LocatorResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  NotFound?: NotFoundResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  PageRegion?: PageRegionResolvers<ContextType>;
  Problem?: ProblemResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RankingMeasures?: RankingMeasuresResolvers<ContextType>;
  Rejected?: RejectedResolvers<ContextType>;
  RemoveTenantResult?: RemoveTenantResultResolvers<ContextType>;
  SavedQueryComparison?: SavedQueryComparisonResolvers<ContextType>;
  StartEncoderMigrationResult?: StartEncoderMigrationResultResolvers<ContextType>;
  StorePurge?: StorePurgeResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  SwitchEncoderResult?: SwitchEncoderResultResolvers<ContextType>;
  TenantRemoval?: TenantRemovalResolvers<ContextType>;
  TextRange?: TextRangeResolvers<ContextType>;
  TimeSpan?: TimeSpanResolvers<ContextType>;
  URL?: GraphQLScalarType;
  UpdateDocumentResult?: UpdateDocumentResultResolvers<ContextType>;
  UploadTicket?: UploadTicketResolvers<ContextType>;
};

