import { chmod } from 'node:fs/promises';
import { rejected } from '../errors.ts';
import { type EnsureModelOptions, ensureModel } from '../models/ensure-model.ts';
import { readModelLock } from '../models/model-lock.ts';

/**
 * Makes sure that the ffmpeg is there that a Python package carries for this platform: a program of its own, checked by
 * the lock file like a model, and kept in the models' folder. Nothing of it is linked to or shipped with this project.
 *
 * @returns its path.
 * @throws like `ensureModel`; `REJECTED_INPUT` where there is none for this platform.
 */
export async function packagedFfmpeg(options: EnsureModelOptions): Promise<string> {
  const models = options.models ?? readModelLock();
  const platform = `${process.platform}-${process.arch}`;
  const program = models.find((model) => model.kind === 'program' && model.platform === platform);
  if (program === undefined) {
    throw rejected(
      'NO_FFMPEG',
      `There is no packaged ffmpeg for ${platform}: install one, so that the PATH has it.`,
    );
  }
  const { weights: path } = await ensureModel(program.name, { ...options, models });
  if (process.platform !== 'win32') await chmod(path, 0o755);
  return path;
}
