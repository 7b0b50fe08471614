import type { Locator, Modality } from '../../platform/types.ts';
import type { DocumentState, EncoderMigrationState, IngestStage, JobState } from './schema.generated.ts';
import type { Gap } from './types.ts';

/** A document as it is kept, with its newest version. */
export interface DocumentModel {
  readonly tenant: string;
  readonly id: string;
  readonly title: string;
  readonly modality: Modality;
  readonly mediaType: string;
  readonly byteSize: number;
  readonly source: string | null;
  readonly author: string | null;
  readonly year: number | null;
  readonly publishedAt: Date | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly containsPii: boolean;
  readonly state: DocumentState;
  readonly version: number;
  readonly gaps: readonly Gap[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A passage that can be found. */
export interface ChunkModel {
  readonly tenant: string;
  readonly id: string;
  readonly documentId: string;
  readonly modality: Modality;
  readonly ordinal: number;
  readonly text: string | null;
  readonly locator: Locator;
}

/** A job as it stood at one moment. */
export interface IngestJobModel {
  readonly tenant: string;
  readonly id: string;
  readonly documentId: string;
  readonly state: JobState;
  readonly stage: IngestStage;
  readonly duplicate: boolean;
  readonly chunksTotal: number;
  readonly chunksStored: number;
  readonly attempts: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** What happened to a job, numbered without a gap. */
export interface IngestEventModel {
  readonly sequence: number;
  readonly job: IngestJobModel;
  readonly at: Date;
}

export interface StorePurgeModel {
  readonly store: string;
  readonly removed: number;
  readonly purgedAt: string | null;
}

/** The proof of a deletion. Instants are ISO 8601 in UTC with milliseconds: they are what is signed. */
export interface DeletionReceiptModel {
  readonly id: string;
  readonly documentId: string;
  readonly requestedAt: string;
  readonly unfindableAt: string;
  readonly purgedAt: string | null;
  readonly stores: readonly StorePurgeModel[];
  readonly signature: string | null;
}

/** A one-time address; the instant is when it is refused from. */
export interface UploadTicketModel {
  readonly id: string;
  readonly putUrl: string;
  readonly expiresAt: Date;
  readonly maxBytes: number;
}

/** What was removed with a tenant. */
export interface TenantRemovalModel {
  readonly tenant: string;
  readonly stores: readonly StorePurgeModel[];
  readonly removedAt: Date;
}

/** An encoder that is loaded somewhere, or that passages have vectors of. */
export interface EncoderModel {
  readonly fingerprint: string;
  readonly model: string;
  readonly serving: boolean;
  readonly loaded: boolean;
  readonly kept: boolean;
  readonly vectors: number;
  readonly missing: number;
}

/** An encoder migration as it stood at one moment. */
export interface EncoderMigrationModel {
  readonly id: string;
  readonly state: EncoderMigrationState;
  readonly source: string;
  readonly sourceModel: string;
  readonly target: string;
  readonly targetModel: string;
  readonly listed: boolean;
  readonly passagesTotal: number;
  readonly passagesEncoded: number;
  readonly passagesPresent: number;
  readonly vectorsRemoved: number;
  readonly failures: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly createdAt: Date;
  readonly readyAt: Date | null;
  readonly endingAt: Date | null;
  readonly finishedAt: Date | null;
}

/** What happened to an encoder migration, numbered without a gap. */
export interface EncoderMigrationEventModel {
  readonly sequence: number;
  readonly migration: EncoderMigrationModel;
  readonly at: Date;
}
