import type { Encoder } from '../../platform/ports/encoder.ts';
import type { LanguageModel } from '../../platform/ports/language-model.ts';
import type { EventWriter } from './answers/event-writer.ts';
import { coverageNote } from './retrieve.ts';
import { encodeSentences } from './sentences/encode-sentences.ts';
import { StatementTracker } from './sentences/statement-tracker.ts';
import type { Context, Prompt, Said } from './types.ts';
import { verifyCitation } from './verify-citations.ts';

export interface ModelUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface StreamTokensOptions {
  readonly context: Context;
  readonly prompt: Prompt;
  /** What the log has of the answer: the model goes on behind it. */
  readonly before: Said;
  readonly writer: Pick<EventWriter, 'push'>;
  readonly languageModel: LanguageModel;
  readonly encoder: Encoder;
  /** Gets the tokens used, also when the answer is broken off. */
  readonly spent: { usage: ModelUsage | null };
  readonly signal: AbortSignal;
}

/**
 * Streams what the model writes, as it comes; behind each sentence, the citation that it was given by
 * `verifyCitation`. What the model says of its sources itself decides nothing.
 *
 * @throws what `LanguageModel.generate` throws; the signal's reason when aborted.
 */
export async function streamTokens(options: StreamTokensOptions): Promise<void> {
  const { context, prompt, before, writer, languageModel, encoder, spent, signal } = options;
  // The passages are encoded while the model reads its prompt.
  const encoding = encodeSentences(context.passages, encoder, signal);
  encoding.catch(() => undefined);
  const note = coverageNote(context);
  const ending = note === null ? '' : `\n\n${note}`;
  const isWhole = ending !== '' && before.text.endsWith(ending);
  const tracker = new StatementTracker(before.citations.at(-1)?.answerRange.end ?? 0);
  let index = before.citations.length;
  let text = isWhole ? before.text.slice(0, -ending.length) : before.text;

  const cite = async (isEnd: boolean) => {
    for (const range of tracker.take(text, isEnd)) {
      index++;
      const statement = text.slice(range.start, range.end);
      const found = await verifyCitation(statement, await encoding, context.passages, encoder, signal);
      writer.push({ kind: 'CitationAdded', citation: { ...found, index, answerRange: range } });
    }
  };

  await cite(isWhole);
  if (isWhole) return;
  const prefix = text;
  let carried = '';
  let counted: ModelUsage | undefined;
  try {
    const events = languageModel.generate({
      messages: prompt.messages,
      ...(prefix !== '' && { prefix }),
      maxTokens: prompt.maxTokens,
      signal,
    });
    for await (const event of events) {
      signal.throwIfAborted();
      if (event.kind === 'end') {
        counted = event;
        continue;
      }
      const [whole, rest] = storable(carried + event.text);
      carried = rest;
      if (whole === '') continue;
      text += whole;
      writer.push({ kind: 'TokenDelta', text: whole });
      await cite(false);
    }
    signal.throwIfAborted();
  } finally {
    spent.usage = {
      promptTokens: counted?.promptTokens ?? prompt.promptTokens,
      completionTokens:
        counted && prefix === '' ? counted.completionTokens : await languageModel.countTokens(text),
    };
  }
  await cite(true);
  if (ending !== '') writer.push({ kind: 'TokenDelta', text: ending });
}

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/**
 * What of a text can be stored now, and what must wait for the rest of its character: no NUL, and no half of
 * a surrogate pair.
 */
function storable(text: string): readonly [whole: string, rest: string] {
  const isCut = /[\uD800-\uDBFF]$/.test(text);
  const whole = isCut ? text.slice(0, -1) : text;
  return [whole.replaceAll('\0', '').replace(loneSurrogate, '\uFFFD'), isCut ? text.slice(-1) : ''];
}
