import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { rejected } from '../errors.ts';
import { type EnsureModelOptions, ensureModel } from './ensure-model.ts';
import { findModel, readModelLock } from './model-lock.ts';

/** A model that reads text in pictures, and is there. */
export interface TextReaderFolder {
  /** The model's name, for people. */
  readonly model: string;
  /** The folder with its detector and its recogniser. */
  readonly folder: string;
}

/**
 * Makes sure that the text reader of the setting `TRIBUTARY_TEXT_READER` is there. `auto` takes the first of the lock
 * file.
 *
 * @param setting `auto`, a name of the lock file, or the path of a folder.
 * @throws like `ensureModel`; `REJECTED_INPUT` when the setting is none of these, or names another kind of model.
 */
export async function ensureTextReader(
  setting: string,
  options: EnsureModelOptions,
): Promise<TextReaderFolder> {
  const models = options.models ?? readModelLock();
  if (setting !== 'auto' && !models.some(({ name }) => name === setting)) {
    const found = await stat(setting).catch(() => null);
    if (found?.isDirectory()) return { model: basename(resolve(setting)), folder: resolve(setting) };
  }
  const first = models.find(({ kind }) => kind === 'text-reader');
  const { name, kind } = setting === 'auto' && first !== undefined ? first : findModel(setting, models);
  if (kind !== 'text-reader') {
    throw rejected('WRONG_MODEL', `${name} does not read text: set TRIBUTARY_TEXT_READER to one that does.`);
  }
  const { directory } = await ensureModel(name, options);
  return { model: name, folder: directory };
}
