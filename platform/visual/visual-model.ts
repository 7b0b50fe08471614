import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256OfKnownFile } from '../models/check-files.ts';
import { type Preprocessing, readPreprocessing } from './preprocessing.ts';
import { createVisualTokenizer, type VisualTokenizer } from './visual-tokenizer.ts';

/** One of the two halves of a visual encoder. */
export interface TowerFiles {
  /** The path of the ONNX file. */
  readonly weights: string;
  /** The output that is the vector: the first of these that the model has. */
  readonly outputs: readonly string[];
}

/** A visual encoder as its own files describe it. */
export interface VisualModel {
  readonly pictures: TowerFiles;
  readonly texts: TowerFiles;
  readonly preprocessing: Preprocessing;
  readonly tokenizer: VisualTokenizer;
  /** Whether the model looks at what fills a text up, too (SigLIP). */
  readonly attendsToPadding: boolean;
  /** Hash over everything that decides a vector; 16 hexadecimal characters. */
  readonly fingerprint: string;
}

const configSchema = z.looseObject({
  model_type: z.string().nullish(),
  text_config: z.looseObject({ max_position_embeddings: z.number().int().positive().nullish() }).nullish(),
});

/** In the order in which they are looked for: the smallest first. `model` has both towers in one file. */
const variants = ['_quantized', '_int8', '_uint8', '', '_fp16'];
const weightFilesOf = (tower: 'vision' | 'text') =>
  ['onnx/', ''].flatMap((folder) => [
    ...variants.map((variant) => `${folder}${tower}_model${variant}.onnx`),
    ...variants.map((variant) => `${folder}model${variant}.onnx`),
  ]);

/**
 * Reads a visual encoder of the CLIP or SigLIP family from a folder in the hub's layout: `config.json`,
 * `preprocessor_config.json`, `tokenizer.json`, and an ONNX file for each tower (or one for both). Nothing is loaded
 * but small files; of the weights only the hash is worked out.
 *
 * @throws Error that names the file that is missing or not as expected.
 */
export async function readVisualModel(folder: string): Promise<VisualModel> {
  const config = await readFrom(folder, 'config.json', (content) => configSchema.parse(content));
  const isSiglip = config.model_type?.startsWith('siglip') ?? false;
  const preprocessing = await readFrom(folder, 'preprocessor_config.json', readPreprocessing);
  const tokenizerConfig = (await exists(join(folder, 'tokenizer_config.json')))
    ? await readFrom(folder, 'tokenizer_config.json', (content) => content)
    : {};
  const tokenizer = await readFrom(folder, 'tokenizer.json', (content) =>
    createVisualTokenizer({
      tokenizer: content,
      config: tokenizerConfig,
      positions: config.text_config?.max_position_embeddings ?? (isSiglip ? 64 : 77),
      padsToMost: isSiglip,
    }),
  );
  // Of CLIP, `pooler_output` is what comes before the projection into the common space; SigLIP has no projection.
  const pooled = isSiglip ? ['pooler_output'] : [];
  const pictures = {
    weights: await findWeights(folder, 'vision'),
    outputs: ['image_embeds', ...pooled],
  };
  const texts = { weights: await findWeights(folder, 'text'), outputs: ['text_embeds', ...pooled] };
  const fingerprint = createHash('sha256')
    .update(
      JSON.stringify({
        pictures: [await hashOf(folder, pictures.weights), pictures.outputs],
        texts: [await hashOf(folder, texts.weights), texts.outputs],
        tokenizer: [
          await sha256OfKnownFile(folder, 'tokenizer.json'),
          tokenizer.maxTokens,
          tokenizer.padId,
          tokenizer.padsToMost,
        ],
        preprocessing,
      }),
    )
    .digest('hex')
    .slice(0, 16);
  return { pictures, texts, preprocessing, tokenizer, attendsToPadding: isSiglip, fingerprint };
}

async function findWeights(folder: string, tower: 'vision' | 'text'): Promise<string> {
  for (const file of weightFilesOf(tower)) {
    const path = join(folder, file);
    if (await exists(path)) return path;
  }
  throw new Error(`${folder} has no ONNX file for its ${tower} tower, such as onnx/${tower}_model.onnx.`);
}

/** Large models keep their weights in a second file beside the first. */
async function hashOf(folder: string, path: string): Promise<string[]> {
  const file = path.slice(folder.length + 1);
  const hashes = [await sha256OfKnownFile(folder, file)];
  if (await exists(`${path}_data`)) hashes.push(await sha256OfKnownFile(folder, `${file}_data`));
  return hashes;
}

async function readFrom<T>(folder: string, file: string, parse: (content: unknown) => T): Promise<T> {
  try {
    return parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
  } catch (error) {
    const message =
      error instanceof z.ZodError
        ? z.prettifyError(error)
        : error instanceof Error
          ? error.message
          : String(error);
    throw new Error(`${join(folder, file)} cannot be used: ${message}`, { cause: error });
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
