import { readConfig } from '../config/config.ts';
import { createLlamaLanguageModel } from '../language-models/llama-language-model.ts';
import { ensureLanguageModel } from '../models/ensure-language-model.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import { silentLogger } from './silent-logger.ts';

/** The real SmolLM2-135M, the smallest language model of the lock file, downloaded where it is missing. */
export async function openSmolLm(): Promise<LanguageModel> {
  const { modelsDirectory, modelHub, offline } = readConfig(process.env);
  const { model, file } = await ensureLanguageModel('smollm2-135m-instruct-q4_1', {
    directory: modelsDirectory,
    hub: modelHub,
    offline,
  });
  return createLlamaLanguageModel({
    file,
    model,
    threads: 1,
    contextTokens: 1024,
    answersWell: false,
    logger: silentLogger,
  });
}
