import { rejected } from '../../platform/errors.ts';
import type { Identity } from '../../platform/identity.ts';
import { isId, newId } from '../../platform/ids.ts';
import type { AskInput } from './schema.generated.ts';
import type { AnswerStyle, Question } from './types.ts';

/** What holds where the caller does not say. */
export interface AskDefaults {
  readonly style: AnswerStyle;
  readonly tokenBudget: number;
  /** Whether there is a model that could write an answer. */
  readonly canGenerate: boolean;
}

export interface ParsedAsk {
  readonly question: Question;
  /** Whether it goes on with a conversation. */
  readonly continues: boolean;
  readonly idempotencyKey: string | null;
}

/** Checks what is asked. @throws TributaryError `REJECTED_INPUT`, with the field that was wrong. */
export function parseAsk(identity: Identity, input: AskInput, defaults: AskDefaults): ParsedAsk {
  const text = input.question.replaceAll('\0', '').trim();
  if (text === '') {
    throw rejected('EMPTY_QUESTION', 'The question is empty. Ask something, in 1 to 8,192 characters.', {
      field: 'question',
    });
  }
  if (text.length > 8_192) {
    throw rejected(
      'QUESTION_TOO_LONG',
      `The question has ${text.length.toLocaleString('en')} characters; 1 to 8,192 are allowed. Shorten it, or put long material in as a document.`,
      { field: 'question' },
    );
  }
  const conversationId = input.conversationId ?? null;
  if (conversationId !== null && !isId('cnv', conversationId)) {
    throw rejected(
      'UNKNOWN_CONVERSATION',
      'There is no such conversation of yours. Pass the `conversationId` of one of your answers, or leave it out to begin a new conversation.',
      { field: 'conversationId' },
    );
  }
  const passages = inRange('passages', input.passages ?? 8, 1, 50);
  const tokenBudget = inRange('tokenBudget', input.tokenBudget ?? defaults.tokenBudget, 256, 131_072);
  const style = input.style ?? defaults.style;
  if (style === 'GENERATED' && !defaults.canGenerate) {
    throw rejected(
      'NO_LANGUAGE_MODEL',
      'No language model is configured to write answers. Ask with `style: EXTRACTIVE` for the passages’ own sentences, or have TRIBUTARY_LANGUAGE_MODEL or TRIBUTARY_OPENAI_BASE_URL set on the server.',
      { field: 'style' },
    );
  }
  const idempotencyKey = input.idempotencyKey ?? null;
  if (idempotencyKey !== null && (!/^.{1,128}$/su.test(idempotencyKey) || idempotencyKey.includes('\0'))) {
    throw rejected('INVALID_IDEMPOTENCY_KEY', 'The idempotency key must have 1 to 128 characters.', {
      field: 'idempotencyKey',
    });
  }
  return {
    question: {
      answerId: newId('ans'),
      conversationId: conversationId ?? newId('cnv'),
      identity,
      text,
      style,
      filter: input.filter ? { ...input.filter } : null,
      passages,
      tokenBudget,
    },
    continues: conversationId !== null,
    idempotencyKey,
  };
}

function inRange(field: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  throw rejected(
    'OUT_OF_RANGE',
    `\`${field}\` is ${value}; ${least.toLocaleString('en')} to ${most.toLocaleString('en')} are allowed.`,
    { field },
  );
}
