import type { AnswerId, ConversationId } from '../../platform/ids.ts';
import type { Locator } from '../../platform/types.ts';
import type { AnswerEvent, AnswerStyle, Citation, Coverage, LoggedEvent, LoggedHit, Usage } from './types.ts';

/** What the resolvers' parents are; `schema.generated.ts` is made with these. */

/** An answer as its row has it. Its text and citations are in its log. */
export interface AnswerModel {
  readonly tenant: string;
  readonly id: AnswerId;
  readonly subject: string;
  readonly conversationId: ConversationId;
  readonly question: string;
  readonly style: AnswerStyle;
  readonly model: string;
  readonly state: 'RUNNING' | 'COMPLETED' | 'STOPPED' | 'FAILED';
  readonly reason: string | null;
  readonly coverage: Coverage | null;
  readonly usage: Usage | null;
  readonly lastSequence: number;
  readonly createdAt: Date;
  /** `createdAt` in microseconds since the epoch, as exactly as the database has it. */
  readonly createdAtMicros: string;
  readonly finishedAt: Date | null;
}

type EventModel<Kind extends AnswerEvent['kind']> = Extract<LoggedEvent, { kind: Kind }> & {
  readonly answerId: AnswerId;
};

export type AnswerStartedModel = EventModel<'AnswerStarted'>;
export type RetrievalProgressModel = EventModel<'RetrievalProgress'>;
export type TokenDeltaModel = EventModel<'TokenDelta'>;
export type CitationAddedModel = EventModel<'CitationAdded'>;
export type AnswerCompletedModel = EventModel<'AnswerCompleted'>;
export type AnswerFailedModel = EventModel<'AnswerFailed'>;
export type AnswerEventModel = EventModel<AnswerEvent['kind']>;
export type CitationModel = Citation;
export type HitModel = LoggedHit;
export type LocatorModel = Locator;
