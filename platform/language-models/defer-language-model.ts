import { upstream } from '../errors.ts';
import type { LanguageModel, LanguageModelDescription } from '../ports/language-model.ts';

/**
 * A model that is loaded when it is first asked, or in the background at once. A load that failed is tried
 * again by the next one who asks.
 */
export function deferLanguageModel(
  description: LanguageModelDescription,
  load: () => Promise<LanguageModel>,
  options: { readonly atOnce: boolean },
): LanguageModel {
  let loading: Promise<LanguageModel> | undefined;
  let isClosed = false;
  const loaded = (): Promise<LanguageModel> => {
    if (isClosed) {
      const message = 'The language model is shutting down. Please ask again.';
      return Promise.reject(upstream('language-model', message));
    }
    if (!loading) {
      const attempt = load();
      loading = attempt;
      attempt.catch(() => {
        if (loading === attempt) loading = undefined;
      });
    }
    return loading;
  };
  if (options.atOnce) void loaded().catch(() => undefined);
  return {
    description,
    countTokens: async (text) => (await loaded()).countTokens(text),
    async *generate(asked) {
      yield* (await loaded()).generate(asked);
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await (await loading?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}
