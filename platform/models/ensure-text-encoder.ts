import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { rejected } from '../errors.ts';
import { type EnsureModelOptions, ensureModel } from './ensure-model.ts';
import { findModel, readModelLock } from './model-lock.ts';

/** A text encoder that is there. */
export interface EncoderFolder {
  /** The model's name, for people. */
  readonly model: string;
  /** Its folder, in the hub's layout. */
  readonly folder: string;
}

/**
 * Makes sure that the text encoder of the setting `TRIBUTARY_ENCODER_MODEL` is there.
 *
 * @param setting a name of the lock file, or the path of a folder.
 * @throws like `ensureModel`; `REJECTED_INPUT` when the setting is neither, or names another kind of model.
 */
export async function ensureTextEncoder(
  setting: string,
  options: EnsureModelOptions,
): Promise<EncoderFolder> {
  const models = options.models ?? readModelLock();
  if (!models.some(({ name }) => name === setting)) {
    const found = await stat(setting).catch(() => null);
    if (found?.isDirectory()) return { model: basename(resolve(setting)), folder: resolve(setting) };
  }
  const { name, kind } = findModel(setting, models);
  if (kind !== 'text-encoder') {
    throw rejected('WRONG_MODEL', `${name} is not a text encoder: set TRIBUTARY_ENCODER_MODEL to one.`);
  }
  const { directory } = await ensureModel(name, options);
  return { model: name, folder: directory };
}
