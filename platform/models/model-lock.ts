import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { rejected } from '../errors.ts';
import { modelLockFile } from './model-lock-file.ts';

const sourceSchema = z.union([
  z.strictObject({ hub: z.strictObject({ repository: z.string(), revision: z.string(), path: z.string() }) }),
  z.strictObject({ package: z.strictObject({ name: z.string(), version: z.string(), member: z.string() }) }),
  z.strictObject({
    converted: z.strictObject({
      name: z.string(),
      version: z.string(),
      member: z.string(),
      memberBytes: z.number().int().positive(),
      part: z.enum(['encoder', 'decoder', 'decoder-with-past']),
    }),
  }),
  z.strictObject({ text: z.string() }),
]);

const fileSchema = z.strictObject({
  path: z.string(),
  bytes: z.number().int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sources: z.array(sourceSchema).min(1),
});

const common = { name: z.string(), licence: z.string(), files: z.array(fileSchema).min(1) };

/** One model as a lock file has it. */
export const modelSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('program'), platform: z.string() }),
  z.strictObject({ ...common, kind: z.literal('text-encoder') }),
  z.strictObject({ ...common, kind: z.literal('visual-encoder') }),
  z.strictObject({ ...common, kind: z.literal('text-reader') }),
  z.strictObject({ ...common, kind: z.literal('transcriber') }),
  z.strictObject({ ...common, kind: z.literal('voice-activity') }),
  z.strictObject({
    ...common,
    kind: z.literal('language-model'),
    contextTokens: z.number().int().positive(),
    answersWell: z.boolean(),
    memoryBytes: z.number().int().nonnegative(),
  }),
]);

/**
 * Where the bytes of a file are: a repository of the model hub at one commit, a member of a wheel of the
 * Python package index, what is made from such a member (a part of a Whisper model of CTranslate2), or a short text that stands in the lock file itself.
 */
export type ModelSource = z.infer<typeof sourceSchema>;
/** A file of a model; `path` is its place in the model's folder, in the hub's layout. */
export type ModelFile = z.infer<typeof fileSchema>;
/** A text encoder. */
export type TextEncoderModel = Extract<z.infer<typeof modelSchema>, { kind: 'text-encoder' }>;
/** What reads the text in pictures: a detector of lines, and a recogniser. */
export type TextReaderModels = Extract<z.infer<typeof modelSchema>, { kind: 'text-reader' }>;
/** A language model; `memoryBytes` is how much memory a machine must have for it to be chosen by `auto`. */
export type LocalLanguageModel = Extract<z.infer<typeof modelSchema>, { kind: 'language-model' }>;
/** A model of the lock file. */
export type LockedModel = z.infer<typeof modelSchema>;

const lockSchema = z.strictObject({ models: z.array(modelSchema) });

/**
 * The models of a lock file, in its order: of the language models the best comes first.
 *
 * @throws Error when the file is not as expected.
 */
export function readModelLock(path: string = modelLockFile): readonly LockedModel[] {
  return lockSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).models;
}

/** @throws TributaryError `REJECTED_INPUT` that lists the models there are. */
export function findModel(name: string, models: readonly LockedModel[] = readModelLock()): LockedModel {
  const model = models.find((candidate) => candidate.name === name);
  if (model !== undefined) return model;
  throw rejected(
    'UNKNOWN_MODEL',
    `There is no model "${name}". Known are ${models.map((known) => known.name).join(', ')}; for one of your own give the path of its file or folder.`,
  );
}
