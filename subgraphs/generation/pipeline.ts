import { asTributaryError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import type { LanguageModel } from '../../platform/ports/language-model.ts';
import { type AnswerLease, DocumentErased } from './answers/answer-lease.ts';
import type { AnswerStore } from './answers/answer-store.ts';
import { EventWriter } from './answers/event-writer.ts';
import { HandOver, LeaseLost, StopRequested } from './answers/interruptions.ts';
import { assemblePrompt } from './assemble-prompt.ts';
import { judgeRelevance } from './judge-relevance.ts';
import { quoteExcerpts } from './quote-excerpts.ts';
import { coverageNote, progressOf, type Retrieved, retrieve } from './retrieve.ts';
import type { Retriever } from './retriever.ts';
import { selectExcerpts } from './select-excerpts.ts';
import type { Meaning } from './sentences/meaning.ts';
import { type ModelUsage, streamTokens } from './stream-tokens.ts';
import { type AnswerEvent, type Context, type Plan, type Question, said, type Usage } from './types.ts';

/** What an answer says where no passage answers the question. */
export const nothingFound = 'Nothing was found in the documents that answers this.';

/** US dollars for a million tokens; null where not known. */
export interface Prices {
  readonly promptUsd: number | null;
  readonly completionUsd: number | null;
}

export interface PipelineParts {
  readonly retriever: Retriever;
  readonly languageModel: LanguageModel | null;
  readonly encoder: Encoder;
  /** Compares by the encoder. */
  readonly meaning: Meaning;
  readonly store: Pick<AnswerStore, 'turnsBefore'>;
  readonly prices: Prices;
  readonly logger: Logger;
}

/**
 * Makes one answer, `retrieve → assemble prompt → stream tokens → verify citations`, from wherever its log
 * has got to. Everything it says goes into the log; it ends with the answer's last event.
 *
 * @throws LeaseLost or HandOver when the answer is to be made by another process.
 */
export async function makeAnswer(
  lease: AnswerLease,
  parts: PipelineParts,
  signal: AbortSignal,
): Promise<void> {
  const { question } = lease.leased;
  const broken = new AbortController();
  const stopping = AbortSignal.any([signal, broken.signal]);
  const writer = new EventWriter(lease, (error) => broken.abort(error));
  const spent: { usage: ModelUsage | null } = { usage: null };
  try {
    const context = await fixContext(lease, parts, stopping);
    const before = said(lease.leased.events);
    if (context.plan?.kind === 'prompt') {
      const { prompt } = context.plan;
      spent.usage = { promptTokens: prompt.promptTokens, completionTokens: 0 };
      await streamTokens({ context, prompt, before, writer, ...modelOf(parts), spent, signal: stopping });
    } else {
      for (const event of recited(context).slice(spokenEvents(lease))) writer.push(event);
    }
    await writer.flush();
    await end(lease, parts, spent.usage, { state: 'COMPLETED', reason: null });
  } catch (error) {
    const cause: unknown = stopping.aborted ? stopping.reason : error;
    if (cause instanceof LeaseLost || cause instanceof HandOver) throw cause;
    await writer.flush();
    if (cause instanceof StopRequested) {
      await end(lease, parts, spent.usage, { state: 'STOPPED', reason: cause.message });
      return;
    }
    const failure = asTributaryError(cause);
    parts.logger.error({ err: cause, answerId: question.answerId }, 'an answer could not be made');
    const { reason: code, retryable, publicMessage: message } = failure;
    await lease.append([{ kind: 'AnswerFailed', code, retryable, message }], {
      end: { state: 'FAILED', reason: message, usage: await usageOf(lease, parts, spent.usage) },
    });
  }
}

/** Retrieves, unless that is in the log already, and decides how to answer. */
async function fixContext(lease: AnswerLease, parts: PipelineParts, signal: AbortSignal): Promise<Context> {
  const { question } = lease.leased;
  let context = lease.leased.context;
  if (!context) {
    const retrieved = await retrieve(question, parts.retriever, parts.store, signal);
    context = await storeRetrieved(lease, retrieved);
  }
  if (context.plan) return context;
  const planned = { ...context, plan: await decide(question, context, parts, signal) };
  await lease.append([], { context: planned });
  return planned;
}

/** Stores what was found, without documents that were deleted meanwhile. */
async function storeRetrieved(lease: AnswerLease, { context, documentIds }: Retrieved): Promise<Context> {
  try {
    await lease.append(progressOf(context), { context, coverage: context.coverage, documentIds });
    return context;
  } catch (error) {
    if (!(error instanceof DocumentErased)) throw error;
    const erased = new Set(error.documentIds);
    const passages = context.passages.filter((passage) => !erased.has(passage.documentId));
    const isErasedByTurns = passages.length === context.passages.length;
    return storeRetrieved(lease, {
      context: { ...context, passages, turns: isErasedByTurns ? [] : context.turns },
      documentIds: documentIds.filter((id) => !erased.has(id)),
    });
  }
}

async function decide(
  question: Question,
  context: Context,
  parts: PipelineParts,
  signal: AbortSignal,
): Promise<Plan> {
  const { meaning } = parts;
  if (question.style === 'EXTRACTIVE') {
    const excerpts = await selectExcerpts(context.query, context.passages, meaning, signal);
    return excerpts.length > 0 ? { kind: 'excerpts', excerpts } : { kind: 'nothing' };
  }
  const relevant = await judgeRelevance(context.query, context.passages, meaning, signal);
  if (relevant.length === 0) return { kind: 'nothing' };
  const prompt = await assemblePrompt(question, relevant, context.turns, modelOf(parts).languageModel);
  return { kind: 'prompt', prompt };
}

/** The events of an answer that needs no model. */
function recited(context: Context): AnswerEvent[] {
  const events: AnswerEvent[] =
    context.plan?.kind === 'excerpts'
      ? quoteExcerpts(context, context.plan.excerpts)
      : [{ kind: 'TokenDelta', text: nothingFound }];
  const note = coverageNote(context);
  return note === null ? events : [...events, { kind: 'TokenDelta', text: `\n\n${note}` }];
}

/** How many events of the answer's own words the log has. */
const spokenEvents = (lease: AnswerLease): number =>
  lease.leased.events.filter(({ kind }) => kind === 'TokenDelta' || kind === 'CitationAdded').length;

function modelOf({ languageModel, encoder }: PipelineParts) {
  if (!languageModel)
    throw new Error('An answer is to be generated, but this process has no language model.');
  return { languageModel, encoder };
}

async function end(
  lease: AnswerLease,
  parts: PipelineParts,
  spent: ModelUsage | null,
  outcome: { readonly state: 'COMPLETED' | 'STOPPED'; readonly reason: string | null },
): Promise<void> {
  const usage = await usageOf(lease, parts, spent);
  await lease.append([{ kind: 'AnswerCompleted' }], { end: { ...outcome, usage } });
}

async function usageOf(
  lease: AnswerLease,
  { prices }: PipelineParts,
  spent: ModelUsage | null,
): Promise<Usage> {
  const { promptTokens, completionTokens } = spent ?? { promptTokens: 0, completionTokens: 0 };
  const { promptUsd, completionUsd } = prices;
  // Dollars for a million tokens are millionths of a dollar for one.
  const cost =
    promptUsd === null && completionUsd === null
      ? null
      : promptTokens * (promptUsd ?? 0) + completionTokens * (completionUsd ?? 0);
  return {
    promptTokens,
    completionTokens,
    costMicroUsd: spent === null ? (cost === null ? null : 0) : cost === null ? null : Math.round(cost),
    ...(await lease.timings()),
  };
}
