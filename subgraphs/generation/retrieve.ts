import { setTimeout as delay } from 'node:timers/promises';
import { TributaryError } from '../../platform/errors.ts';
import type { AnswerStore } from './answers/answer-store.ts';
import type { Retriever } from './retriever.ts';
import type { AnswerEvent, Context, LoggedHit, Question, SourceCoverage, Turn } from './types.ts';

/** How many former turns of a conversation an answer knows. */
const turnCount = 3;
/** How long to wait before a search that failed is made again, each time, in milliseconds. */
const retryAfterMs = [200, 800];
/** Words that point to what was said before. */
const pointsBack =
  /\b(?:it|its|they|them|their|theirs|this|that|these|those|he|him|his|she|her|hers|one|ones|there|then|such|former|latter|same|both|else|instead)\b/i;
const opensFollowUp =
  /^\s*(?:and|but|or|so|what about|how about|why|when|where|who|how (?:many|much|long|often)\??\s*$)\b/i;

/** What was found, before it is decided how to answer from it. */
export interface Retrieved {
  readonly context: Context;
  /** The documents whose words are in it: those of the passages, and those that former turns rest on. */
  readonly documentIds: readonly string[];
}

/**
 * Finds the passages that a question is answered from. In a conversation, a question that points back is
 * searched for together with the one before it.
 *
 * @throws what `Retriever.search` throws.
 */
export async function retrieve(
  question: Question,
  retriever: Retriever,
  store: Pick<AnswerStore, 'turnsBefore'>,
  signal: AbortSignal,
): Promise<Retrieved> {
  const { turns, documentIds } = await store.turnsBefore(question, turnCount);
  const query = contextualize(question.text, turns);
  const asked = { text: query, filter: question.filter, first: question.passages };
  const { passages, coverage } = await patiently(
    () => retriever.search(question.identity, asked, signal),
    signal,
  );
  return {
    context: { query, passages, coverage, turns, plan: null },
    documentIds: [...new Set([...passages.map((passage) => passage.documentId), ...documentIds])],
  };
}

/** Searches again where that may help: a search changes nothing, and a service that was just begun comes soon. */
async function patiently<T>(search: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const waitMs of retryAfterMs) {
    try {
      return await search();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TributaryError) || !error.retryable) throw error;
      await delay(waitMs, undefined, { signal });
    }
  }
  return search();
}

/** The question as it is understood without the conversation: a short or pointing one follows the one before it. */
export function contextualize(question: string, turns: readonly Turn[]): string {
  const before = turns.at(-1);
  if (!before) return question;
  const words = question.trim().split(/\s+/).length;
  const pointing = pointsBack.test(question) || opensFollowUp.test(question);
  if (words > 4 && !(pointing && words <= 16)) return question;
  // The contract's longest query; the question itself is never cut.
  return `${before.question.slice(0, Math.max(0, 8_191 - question.length))}\n${question}`.trim();
}

/** The progress that readers see: each source, and with a modality's first source its passages. */
export function progressOf({ passages, coverage }: Pick<Context, 'passages' | 'coverage'>): AnswerEvent[] {
  const given = new Set<string>();
  return coverage.sources.map((source) => {
    const isFirst = !given.has(source.modality);
    given.add(source.modality);
    const hits = isFirst ? passages.filter((passage) => passage.modality === source.modality) : [];
    return { kind: 'RetrievalProgress', source, hits: hits.map(toHit) };
  });
}

const toHit = ({ rank, chunkId, score, parts, highlights }: LoggedHit): LoggedHit => ({
  rank,
  chunkId,
  score,
  parts,
  highlights,
});

/** One sentence that says what could not be searched; null where everything was. */
export function coverageNote({ coverage }: Pick<Context, 'coverage'>): string | null {
  if (coverage.complete) return null;
  const missing = coverage.sources
    .filter((source) => source.status === 'TIMED_OUT' || source.status === 'UNAVAILABLE')
    .map((source) => {
      const why = source.status === 'TIMED_OUT' ? 'it took too long' : 'it could not be reached';
      return `${source.modality.toLowerCase()} ${wayOf(source)} (${why})`;
    });
  return `Not everything was searched: ${missing.length > 0 ? missing.join(', ') : 'a source did not answer'}.`;
}

/** How a source is searched, in words. */
function wayOf({ space = 'TEXT', method }: SourceCoverage): string {
  if (space === 'VISUAL') return 'by what is shown';
  if (space === 'SOUND') return 'by how it sounds';
  return method === 'DENSE' ? 'by meaning' : 'by words';
}
