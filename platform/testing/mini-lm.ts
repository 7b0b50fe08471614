import { readConfig } from '../config/config.ts';
import { createOnnxEncoder } from '../encoder/onnx-encoder.ts';
import { ensureTextEncoder } from '../models/ensure-text-encoder.ts';
import type { Encoder } from '../ports/encoder.ts';
import { silentLogger } from './silent-logger.ts';

const name = 'all-minilm-l6-v2-int8';

/** The folder of the default text encoder, in the models' folder that all commands share. */
export async function miniLmFolder(): Promise<string> {
  const { modelsDirectory, modelHub, offline } = readConfig(process.env);
  const { folder } = await ensureTextEncoder(name, { directory: modelsDirectory, hub: modelHub, offline });
  return folder;
}

/** The default text encoder itself, for tests of what depends on real vectors. */
export async function openMiniLm(
  options: { readonly batchSize?: number; readonly queueSize?: number } = {},
): Promise<Encoder> {
  return createOnnxEncoder({
    folder: await miniLmFolder(),
    model: name,
    threads: 1,
    executionProviders: ['cpu'],
    batchSize: options.batchSize ?? 32,
    queueSize: options.queueSize ?? 8192,
    logger: silentLogger,
  });
}
