import type { Identity } from '../../platform/identity.ts';
import type { AnswerId, ConversationId } from '../../platform/ids.ts';
import type { ChatMessage } from '../../platform/ports/language-model.ts';
import type { Locator, Modality } from '../../platform/types.ts';

/**
 * What an answer is on its way: `Question → Context → Prompt → Token → Answer`. The pipeline is in
 * `pipeline.ts`; what is stored of an answer is in `models.ts`.
 */

/** How an answer is made; see `AnswerStyle` in the contract. */
export type AnswerStyle = 'GENERATED' | 'EXTRACTIVE';

/** What is asked, checked: enough to make the answer anew, in any process. */
export interface Question {
  readonly answerId: AnswerId;
  readonly conversationId: ConversationId;
  readonly identity: Identity;
  readonly text: string;
  readonly style: AnswerStyle;
  /** The contract's `SearchFilter`, passed on as it came. */
  readonly filter: Readonly<Record<string, unknown>> | null;
  /** At most this many passages. */
  readonly passages: number;
  /** At most this many tokens, prompt and answer together. */
  readonly tokenBudget: number;
}

/** How a score compares with those of what has nothing to do with the query; see `Calibration` in the contract. */
export interface Calibration {
  readonly space: VectorSpace;
  readonly method: 'DENSE' | 'SPARSE';
  readonly score: number;
  readonly mean: number;
  readonly deviation: number;
  readonly calibrated: number;
}

export type VectorSpace = 'TEXT' | 'VISUAL' | 'SOUND';

/** How a score came about; see `ScoreParts` in the contract. */
export interface ScoreParts {
  readonly dense: number | null;
  readonly sparse: number | null;
  /** Left out, as `sound`, `relevance` and `calibrations`, by what was kept when there were words alone. */
  readonly visual?: number | null;
  readonly sound?: number | null;
  readonly relevance?: number | null;
  readonly calibrations?: readonly Calibration[];
  readonly fused: number;
  readonly boost: number;
  readonly rerank: number | null;
  readonly ranks: Readonly<Record<string, unknown>> | null;
}

/** A range of a text, in UTF-16 code units. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A passage that was found, with its words. */
export interface Passage {
  readonly rank: number;
  readonly score: number;
  readonly parts: ScoreParts;
  readonly highlights: readonly Range[];
  readonly chunkId: string;
  readonly documentId: string;
  readonly title: string;
  readonly modality: Modality;
  readonly text: string;
  readonly locator: Locator;
}

/** One modality, space and method, searched or not; see `SourceCoverage` in the contract. */
export interface SourceCoverage {
  readonly modality: Modality;
  /** Left out by what was kept when there were words alone: then it is `TEXT`. */
  readonly space?: VectorSpace;
  readonly method: 'DENSE' | 'SPARSE';
  /** Left out by what was kept before there were tiers: then it is `HOT`. */
  readonly tier?: 'HOT' | 'COLD';
  readonly status: 'SEARCHED' | 'SKIPPED' | 'TIMED_OUT' | 'UNAVAILABLE';
  readonly candidates: number;
  readonly tookMs: number;
  readonly reason: string | null;
}

/** What was and was not searched. */
export interface Coverage {
  readonly complete: boolean;
  readonly sources: readonly SourceCoverage[];
}

/** A former question of the same conversation, and what was answered. */
export interface Turn {
  readonly question: string;
  readonly answer: string;
}

/** What the answer is made from. Stored, so that another process can go on with it. */
export interface Context {
  /** What was searched for: the question, in a conversation made whole by the one before it. */
  readonly query: string;
  readonly passages: readonly Passage[];
  readonly coverage: Coverage;
  readonly turns: readonly Turn[];
  /** How the answer is made from it; null until that is decided. */
  readonly plan: Plan | null;
}

/** What an answer will consist of. */
export type Plan =
  /** What a model writes. */
  | { readonly kind: 'prompt'; readonly prompt: Prompt }
  /** These sentences of the passages. */
  | { readonly kind: 'excerpts'; readonly excerpts: readonly Excerpt[] }
  /** That no passage answers the question. */
  | { readonly kind: 'nothing' };

/** What the model is asked. */
export interface Prompt {
  readonly messages: readonly ChatMessage[];
  /** The prompt's tokens, by the model's tokenizer. */
  readonly promptTokens: number;
  /** The most tokens of the answer. */
  readonly maxTokens: number;
}

/** A sentence of a passage. */
export interface Excerpt {
  /** The passage, as an index into `Context.passages`. */
  readonly passage: number;
  /** The sentence's place in the passage's text. */
  readonly range: Range;
}

/** How far a passage bears a statement out; see `Support` in the contract. */
export type Support = 'VERIFIED' | 'SUPPORTED' | 'UNSUPPORTED';

/** A statement of the answer and the passage it rests on. */
export interface Citation {
  readonly index: number;
  readonly chunkId: string | null;
  readonly locator: Locator | null;
  readonly quote: string | null;
  readonly answerRange: Range;
  readonly support: Support;
}

/** A hit as `RetrievalProgress` carries it: the passage by its id alone. */
export type LoggedHit = Pick<Passage, 'rank' | 'chunkId' | 'score' | 'parts' | 'highlights'>;

/** One thing that happened to an answer, before it has its number. */
export type AnswerEvent =
  | { readonly kind: 'AnswerStarted'; readonly model: string; readonly style: AnswerStyle }
  | {
      readonly kind: 'RetrievalProgress';
      readonly source: SourceCoverage;
      readonly hits: readonly LoggedHit[];
    }
  | { readonly kind: 'TokenDelta'; readonly text: string }
  | { readonly kind: 'CitationAdded'; readonly citation: Citation }
  | { readonly kind: 'AnswerCompleted' }
  | {
      readonly kind: 'AnswerFailed';
      readonly code: string;
      readonly retryable: boolean;
      readonly message: string;
    };

/** An event with its number, as it stands in the log. */
export type LoggedEvent = AnswerEvent & { readonly sequence: number };

/** Whether an event is an answer's last one. */
export const isLast = (event: AnswerEvent): boolean =>
  event.kind === 'AnswerCompleted' || event.kind === 'AnswerFailed';

/** What an answer took; see `Usage` in the contract. */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costMicroUsd: number | null;
  readonly firstTokenMs: number | null;
  readonly totalMs: number;
}

/** What has been said so far: the sum of an answer's events. */
export interface Said {
  readonly text: string;
  readonly citations: readonly Citation[];
}

/** The text and citations that an answer's events add up to. */
export function said(events: Iterable<AnswerEvent>): Said {
  let text = '';
  const citations: Citation[] = [];
  for (const event of events) {
    if (event.kind === 'TokenDelta') text += event.text;
    else if (event.kind === 'CitationAdded') citations.push(event.citation);
  }
  return { text, citations };
}
