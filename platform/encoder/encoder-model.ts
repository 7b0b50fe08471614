import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type BertTokenizer, createBertTokenizer } from './bert-tokenizer.ts';

export type Pooling = 'mean' | 'cls';

/** An encoder as its own files describe it. */
export interface EncoderModel {
  /** The path of the ONNX file. */
  readonly weights: string;
  readonly tokenizer: BertTokenizer;
  readonly pooling: Pooling;
  /** The most tokens of one text, special tokens counted. */
  readonly maxTokens: number;
  /** What is put before a text; empty for nothing. */
  readonly prompts: { readonly query: string; readonly passage: string };
  /** The token that fills texts up to the length of the longest one beside them. */
  readonly padId: number;
  /** Hash over everything that decides a vector; 16 hexadecimal characters. */
  readonly fingerprint: string;
}

const weightFiles = [
  'onnx/model_quantized.onnx',
  'onnx/model_int8.onnx',
  'onnx/model.onnx',
  'model_quantized.onnx',
  'model.onnx',
];

const configSchema = z.looseObject({
  max_position_embeddings: z.number().int().positive(),
  pad_token_id: z.number().int().nonnegative().default(0),
});
const poolingSchema = z.looseObject({
  pooling_mode_cls_token: z.boolean().default(false),
  pooling_mode_mean_tokens: z.boolean().default(false),
});
const sentenceSchema = z.looseObject({ max_seq_length: z.number().int().positive().nullish() });
const promptsSchema = z.looseObject({ prompts: z.record(z.string(), z.string()).nullish() });

async function readJson<T>(folder: string, file: string, schema: z.ZodType<T>): Promise<T> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(join(folder, file), 'utf8'));
  } catch (error) {
    throw new Error(`${join(folder, file)} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw new Error(`${join(folder, file)} is not as expected: ${parsed.error.message}`);
  return parsed.data;
}

/** Like `readJson`, for a file that a model may lack. */
async function readOptionalJson<T>(
  folder: string,
  file: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  return (await exists(join(folder, file))) ? readJson(folder, file, schema) : undefined;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece);
  return hash.digest('hex');
}

/**
 * Reads an encoder from a folder in the hub's layout: `config.json`, `tokenizer.json`, `1_Pooling/config.json`
 * and an ONNX file; the longest length from `sentence_bert_config.json` and the prompts from
 * `config_sentence_transformers.json`, where there are such files.
 *
 * @throws Error that names the file that is missing or not as expected.
 */
export async function readEncoderModel(folder: string): Promise<EncoderModel> {
  const config = await readJson(folder, 'config.json', configSchema);
  const modes = await readJson(folder, '1_Pooling/config.json', poolingSchema);
  if (modes.pooling_mode_cls_token === modes.pooling_mode_mean_tokens) {
    throw new Error(`${join(folder, '1_Pooling/config.json')} must ask for either mean or CLS pooling.`);
  }
  const pooling: Pooling = modes.pooling_mode_cls_token ? 'cls' : 'mean';
  const sentence = await readOptionalJson(folder, 'sentence_bert_config.json', sentenceSchema);
  const prompted = await readOptionalJson(folder, 'config_sentence_transformers.json', promptsSchema);
  const maxTokens = Math.min(
    sentence?.max_seq_length ?? config.max_position_embeddings,
    config.max_position_embeddings,
  );
  const prompts = {
    query: prompted?.prompts?.query ?? '',
    passage: prompted?.prompts?.passage ?? prompted?.prompts?.document ?? '',
  };

  const present = await Promise.all(weightFiles.map((file) => exists(join(folder, file))));
  const file = weightFiles.find((_, index) => present[index]);
  if (file === undefined) throw new Error(`${folder} has none of ${weightFiles.join(', ')}.`);
  const weights = join(folder, file);
  const tokenizerFile = await readJson(folder, 'tokenizer.json', z.unknown());
  const fingerprint = createHash('sha256')
    .update(
      JSON.stringify({
        weights: await sha256Of(weights),
        tokenizer: await sha256Of(join(folder, 'tokenizer.json')),
        pooling,
        prompts,
        maxTokens,
      }),
    )
    .digest('hex')
    .slice(0, 16);
  return {
    weights,
    tokenizer: createBertTokenizer(tokenizerFile),
    pooling,
    maxTokens,
    prompts,
    padId: config.pad_token_id,
    fingerprint,
  };
}
