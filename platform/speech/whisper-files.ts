import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256OfFile } from '../models/check-files.ts';
import type { MelOptions } from './mel-spectrogram.ts';

/** A Whisper model as its own files describe it. Plain values, so that it can be sent to a thread. */
export interface WhisperFiles {
  readonly encoder: string;
  /** One file for the first step and for those with a cache (`merged`), or one for each. */
  readonly decoder:
    | { readonly kind: 'merged'; readonly path: string }
    | { readonly kind: 'pair'; readonly first: string; readonly withPast: string };
  readonly tokenizer: string;
  readonly mel: MelOptions;
  /** The length of a window. */
  readonly windowSeconds: number;
  /** The shape of one layer's cache of keys or values is [1, heads, tokens, headSize]. */
  readonly heads: number;
  readonly headSize: number;
  /** The most tokens of one window, those of the start counted. */
  readonly maxTokens: number;
  /** Null where the model does not say: then a multilingual model has the larger vocabulary. */
  readonly isMultilingual: boolean | null;
  readonly vocabularySize: number;
  /** Tokens that are never written; null where the model does not say. */
  readonly suppressed: readonly number[] | null;
  /** Tokens that a transcript does not begin with. */
  readonly suppressedAtBegin: readonly number[];
  /** The latest beginning of the first segment, in steps of 20 ms. */
  readonly maxInitialTimestamp: number;
  /** Hash over all that decides what is written; 16 hexadecimal characters. */
  readonly fingerprint: string;
  /** Hash over all that decides the vector of a sound; 16 hexadecimal characters. */
  readonly soundFingerprint: string;
}

/** Goes into what was written: a change of the decoding makes other transcripts. */
const decodingVersion = 1;
/** Goes into the space of vectors: a change of the pooling makes another space. */
const poolingVersion = 'mean-of-heard-frames-1';

/** Endings of weights, smallest first: eight bits, sixteen, thirty-two. */
const precisions = ['_quantized', '_int8', '_uint8', '_fp16', ''];

const configSchema = z.looseObject({
  d_model: z.number().int().positive(),
  decoder_attention_heads: z.number().int().positive(),
  max_target_positions: z.number().int().positive().default(448),
  vocab_size: z.number().int().positive(),
  suppress_tokens: z.array(z.number().int()).nullish(),
  begin_suppress_tokens: z.array(z.number().int()).nullish(),
});
const generationSchema = z.looseObject({
  is_multilingual: z.boolean().nullish(),
  suppress_tokens: z.array(z.number().int()).nullish(),
  begin_suppress_tokens: z.array(z.number().int()).nullish(),
  max_initial_timestamp_index: z.number().int().nonnegative().nullish(),
});
const preprocessorSchema = z.looseObject({
  feature_size: z.number().int().positive().default(80),
  n_fft: z.number().int().positive().default(400),
  hop_length: z.number().int().positive().default(160),
  sampling_rate: z.literal(16_000).default(16_000),
  chunk_length: z.number().positive().default(30),
});

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw new Error(`${path} is not as expected: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The first of several files that is there. */
async function firstOf(folder: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    for (const path of [join(folder, 'onnx', name), join(folder, name)]) if (await exists(path)) return path;
  }
  return null;
}

const named = (name: string) => precisions.map((precision) => `${name}${precision}.onnx`);

async function findDecoder(folder: string): Promise<WhisperFiles['decoder']> {
  const merged = await firstOf(folder, named('decoder_model_merged'));
  if (merged !== null) return { kind: 'merged', path: merged };
  for (const precision of precisions) {
    const first = await firstOf(folder, [`decoder_model${precision}.onnx`]);
    const withPast = await firstOf(folder, [`decoder_with_past_model${precision}.onnx`]);
    if (first !== null && withPast !== null) return { kind: 'pair', first, withPast };
  }
  throw new Error(
    `${folder} has no decoder_model_merged.onnx (or decoder_model.onnx with decoder_with_past_model.onnx), nor one of its smaller forms, such as decoder_model_merged_quantized.onnx.`,
  );
}

/**
 * Reads a Whisper model from a folder in the hub's layout: `config.json`, `generation_config.json`,
 * `preprocessor_config.json`, `tokenizer.json`, and an encoder and a decoder in ONNX, in its smallest form.
 *
 * @throws Error that names the file that is missing or not as expected.
 */
export async function readWhisperFiles(folder: string): Promise<WhisperFiles> {
  const config = await readJson(join(folder, 'config.json'), configSchema);
  const generationFile = join(folder, 'generation_config.json');
  const generation = (await exists(generationFile)) ? await readJson(generationFile, generationSchema) : {};
  const preprocessor = await readJson(join(folder, 'preprocessor_config.json'), preprocessorSchema);
  const tokenizer = join(folder, 'tokenizer.json');
  if (!(await exists(tokenizer))) throw new Error(`${folder} has no tokenizer.json.`);
  const encoder = await firstOf(folder, named('encoder_model'));
  if (encoder === null) {
    throw new Error(
      `${folder} has no encoder_model.onnx, nor one of its smaller forms, such as encoder_model_quantized.onnx.`,
    );
  }
  const decoder = await findDecoder(folder);
  const suppressed = generation.suppress_tokens ?? config.suppress_tokens ?? null;
  const settings = {
    mel: {
      bins: preprocessor.feature_size,
      fftSize: preprocessor.n_fft,
      hop: preprocessor.hop_length,
      sampleRate: preprocessor.sampling_rate,
    },
    windowSeconds: preprocessor.chunk_length,
    heads: config.decoder_attention_heads,
    headSize: config.d_model / config.decoder_attention_heads,
    maxTokens: config.max_target_positions,
    isMultilingual: generation.is_multilingual ?? null,
    vocabularySize: config.vocab_size,
    // An empty list, or -1, asks for the usual ones.
    suppressed: suppressed === null || suppressed.length === 0 || suppressed.includes(-1) ? null : suppressed,
    suppressedAtBegin: generation.begin_suppress_tokens ?? config.begin_suppress_tokens ?? [],
    maxInitialTimestamp: generation.max_initial_timestamp_index ?? 50,
  };
  const decoders = decoder.kind === 'merged' ? [decoder.path] : [decoder.first, decoder.withPast];
  const hashes = await Promise.all([encoder, tokenizer, ...decoders].map((path) => sha256OfFile(path)));
  return {
    ...{ encoder, decoder, tokenizer, ...settings },
    fingerprint: fingerprintOf({ decodingVersion, settings, hashes }),
    soundFingerprint: fingerprintOf({
      poolingVersion,
      mel: settings.mel,
      windowSeconds: settings.windowSeconds,
      weights: hashes[0],
    }),
  };
}

/** The hash over what decides an outcome; 16 hexadecimal characters. */
export const fingerprintOf = (decisive: unknown): string =>
  createHash('sha256').update(JSON.stringify(decisive)).digest('hex').slice(0, 16);
