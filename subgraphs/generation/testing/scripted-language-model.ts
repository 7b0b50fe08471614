import type { GenerateOptions, LanguageModel } from '../../../platform/ports/language-model.ts';

export interface ScriptedModel extends LanguageModel {
  /** What it was asked, call by call. */
  readonly calls: GenerateOptions[];
  /** How many pieces it has given over all calls. */
  readonly given: number;
  /** Lets it give so many more pieces. */
  allow(pieces: number): void;
}

/**
 * A model that says one text, word by word, as greedily as a real one: given a prefix it goes on behind it.
 * It waits where `allowed` is used up until `allow` is called; a token is a word.
 */
export function scriptedLanguageModel(
  text: string,
  options: { readonly allowed?: number; readonly answersWell?: boolean } = {},
): ScriptedModel {
  const calls: GenerateOptions[] = [];
  let allowed = options.allowed ?? Number.POSITIVE_INFINITY;
  let given = 0;
  const waiting = new Set<() => void>();
  return {
    calls,
    get given() {
      return given;
    },
    allow(pieces) {
      allowed += pieces;
      for (const resume of waiting) resume();
    },
    description: { model: 'scripted', contextTokens: 4096, answersWell: options.answersWell ?? true },
    countTokens: async (counted) => counted.split(/\s+/).filter(Boolean).length,
    async *generate(asked) {
      calls.push(asked);
      const prefix = asked.prefix ?? '';
      if (!text.startsWith(prefix)) throw new Error('The prefix is not what was said before.');
      let completionTokens = 0;
      for (const [piece] of text.slice(prefix.length).matchAll(/\S+\s*|\s+/g)) {
        while (given >= allowed) {
          await new Promise<void>((resume, reject) => {
            const end = () => {
              waiting.delete(end);
              asked.signal.removeEventListener('abort', abort);
              resume();
            };
            const abort = () => {
              waiting.delete(end);
              reject(asked.signal.reason);
            };
            waiting.add(end);
            asked.signal.addEventListener('abort', abort, { once: true });
            if (asked.signal.aborted) abort();
          });
        }
        asked.signal.throwIfAborted();
        given++;
        completionTokens++;
        yield { kind: 'text', text: piece };
      }
      yield { kind: 'end', promptTokens: 100, completionTokens };
    },
    async [Symbol.asyncDispose]() {},
  };
}
