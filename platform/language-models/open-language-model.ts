import type { Config } from '../config/config.ts';
import { rejected } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { ensureLanguageModel } from '../models/ensure-language-model.ts';
import type { ModelProgress } from '../models/ensure-model.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import { deferLanguageModel } from './defer-language-model.ts';
import { createOpenaiLanguageModel } from './openai-language-model.ts';

export interface OpenLanguageModelOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
  /** Called only while something is downloaded. */
  onProgress?(progress: ModelProgress): void;
}

/** A local model of a user's own, whose file does not say otherwise, gets this many tokens. */
const usualContextTokens = 4_096;

/**
 * The language model that the configuration asks for: an OpenAI-compatible endpoint, else a local one. A
 * local model's file is made sure of at once; it is loaded in the background where it writes by default, and
 * when it is first asked otherwise. Null where none is wanted: then answers are made of the passages' own sentences.
 *
 * @throws what `ensureLanguageModel` throws; `REJECTED_INPUT` where an endpoint is given without a model.
 */
export async function openLanguageModel(options: OpenLanguageModelOptions): Promise<LanguageModel | null> {
  const { config, logger, signal, onProgress } = options;
  if (config.openaiBaseUrl !== null) {
    if (config.openaiModel === null) {
      throw rejected(
        'NO_MODEL_NAME',
        'TRIBUTARY_OPENAI_BASE_URL is set and TRIBUTARY_OPENAI_MODEL is not: set it to the name of a model there.',
      );
    }
    return createOpenaiLanguageModel({
      baseUrl: config.openaiBaseUrl,
      model: config.openaiModel,
      apiKey: config.openaiApiKey,
      contextTokens: config.openaiContextTokens,
    });
  }
  if (config.languageModel === 'none') return null;
  const file = await ensureLanguageModel(config.languageModel, {
    directory: config.modelsDirectory,
    hub: config.modelHub,
    offline: config.offline,
    onSkip: (model, reason) => logger.info({ model, reason }, 'a language model was passed over'),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  const description = {
    model: file.model,
    contextTokens: Math.min(
      file.contextTokens ?? usualContextTokens,
      Math.max(config.tokenBudget, usualContextTokens),
    ),
    answersWell: file.answersWell,
  };
  const writesByDefault =
    config.answerStyle === 'generated' || (config.answerStyle === 'auto' && file.answersWell);
  return deferLanguageModel(
    description,
    async () => {
      const { createLlamaLanguageModel } = await import('./llama-language-model.ts');
      const threads = config.languageModelThreads;
      return createLlamaLanguageModel({ ...description, file: file.file, threads, logger });
    },
    { atOnce: writesByDefault },
  );
}
