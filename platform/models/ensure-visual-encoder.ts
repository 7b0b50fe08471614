import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { rejected } from '../errors.ts';
import { projectFile } from '../project-file.ts';
import { checkFiles } from './check-files.ts';
import { type EnsureModelOptions, ensureModel } from './ensure-model.ts';
import { type LockedModel, readModelLock } from './model-lock.ts';

/** A visual encoder that is there. */
export interface VisualEncoderFolder {
  /** The model's name, for people. */
  readonly model: string;
  /** Its folder, in the hub's layout. */
  readonly folder: string;
}

/** The small encoder that comes with the program: it knows drawings and nothing else. */
export const packagedVisualEncoder = 'drawings-clip';

export interface FindVisualEncoderOptions extends EnsureModelOptions {
  /** The folder of the models that come with the program; the project's own by default. */
  readonly packaged?: string;
}

/**
 * Makes sure that the visual encoder of the setting `TRIBUTARY_VISUAL_ENCODER` is there. `auto` takes the first of the
 * lock file where it is there or can be had (a hub that does not answer within a few seconds is passed over), and the
 * one that comes with the program otherwise.
 *
 * @param setting `auto`, a name of the lock file, `drawings-clip`, or the path of a folder.
 * @param onSkip told when `auto` passes over the model of the lock file, with the reason.
 * @returns null where `auto` finds none.
 * @throws like `ensureModel`; `REJECTED_INPUT` when the setting is none of these, or names another kind of model.
 */
export async function ensureVisualEncoder(
  setting: string,
  options: FindVisualEncoderOptions,
  onSkip: (model: string, error: unknown) => void = () => {},
): Promise<VisualEncoderFolder | null> {
  if (setting !== 'auto') return findVisualEncoder(setting, options);
  const best = (options.models ?? readModelLock()).find(isVisualEncoder);
  if (best !== undefined) {
    try {
      return await fetched(best, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      onSkip(best.name, error);
    }
  }
  return findPackaged(options);
}

/**
 * Like `ensureVisualEncoder`, but with `auto` nothing is downloaded: that may take as long as the network pleases.
 */
export async function findVisualEncoder(
  setting: string,
  options: FindVisualEncoderOptions,
): Promise<VisualEncoderFolder | null> {
  const models = options.models ?? readModelLock();
  if (setting === 'auto') {
    for (const model of models.filter(isVisualEncoder)) {
      const folder = join(options.directory, model.name);
      const missing = await checkFiles(folder, model, options.signal);
      if (missing.length === 0) return { model: model.name, folder };
    }
    return findPackaged(options);
  }
  const named = models.find(({ name }) => name === setting);
  if (named !== undefined) {
    if (!isVisualEncoder(named)) {
      throw rejected(
        'WRONG_MODEL',
        `${named.name} is not a visual encoder: set TRIBUTARY_VISUAL_ENCODER to one, or to auto or none.`,
      );
    }
    return fetched(named, options);
  }
  const packaged = setting === packagedVisualEncoder ? await findPackaged(options) : null;
  if (packaged !== null) return packaged;
  if (await isFolder(setting)) return { model: basename(resolve(setting)), folder: resolve(setting) };
  const names = [...models.filter(isVisualEncoder).map(({ name }) => name), packagedVisualEncoder];
  throw rejected(
    'UNKNOWN_MODEL',
    `There is no visual encoder "${setting}": set TRIBUTARY_VISUAL_ENCODER to auto, none, ${names.join(', ')}, or the path of a folder in the hub’s layout.`,
  );
}

const isVisualEncoder = ({ kind }: LockedModel): boolean => kind === 'visual-encoder';

async function fetched(model: LockedModel, options: EnsureModelOptions): Promise<VisualEncoderFolder> {
  const { directory } = await ensureModel(model.name, options);
  return { model: model.name, folder: directory };
}

async function findPackaged({ packaged }: FindVisualEncoderOptions): Promise<VisualEncoderFolder | null> {
  const folder = join(packaged ?? projectFile('platform/models/packaged'), packagedVisualEncoder);
  return (await isFolder(folder)) ? { model: packagedVisualEncoder, folder } : null;
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
