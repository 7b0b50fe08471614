import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../platform/config/config.ts';
import { checkFiles } from '../platform/models/check-files.ts';
import { type LockedModel, readModelLock } from '../platform/models/model-lock.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** A model of the lock file, and whether it is there. */
export interface ModelState {
  readonly name: string;
  readonly kind: LockedModel['kind'];
  readonly licence: string;
  readonly bytes: number;
  /** `present`: whole and checked; `partial`: some files are missing or wrong. */
  readonly state: 'present' | 'partial' | 'missing';
}

/** Programs are there for several platforms, of which this machine is one. */
const isForThisMachine = (model: LockedModel): boolean =>
  model.kind !== 'program' || model.platform === `${process.platform}-${process.arch}`;

/** The models of the lock file that this machine can use, in its order. */
export const inspectModels = (modelsDirectory: string, signal: AbortSignal): Promise<ModelState[]> =>
  Promise.all(
    readModelLock()
      .filter(isForThisMachine)
      .map(async (model): Promise<ModelState> => {
        const missing = await checkFiles(join(modelsDirectory, model.name), model, signal);
        const { name, kind, licence, files } = model;
        const state =
          missing.length === 0 ? 'present' : missing.length < files.length ? 'partial' : 'missing';
        return { name, kind, licence, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), state };
      }),
  );

const getThem =
  'Run `npm start` (or `npm run models`) where there is a network, or fill the models folder by hand.';

/**
 * What the models that are there are good for, with the present settings.
 *
 * @param provider the execution provider that encoders run on; null where none can be used.
 */
export async function findModels(
  config: Config,
  models: readonly ModelState[],
  provider: string | null,
): Promise<Finding[]> {
  const encoder = await findEncoder(config.encoderModel, models);
  const on = encoder.state === 'ok' && provider !== null ? ` on ${provider}` : '';
  return [{ ...encoder, detail: `${encoder.detail}${on}` }, await findLanguageModel(config, models)];
}

async function findEncoder(setting: string, models: readonly ModelState[]): Promise<Finding> {
  const model = models.find(({ name }) => name === setting);
  if (model?.state === 'present') return ok('encoder', setting);
  if (model !== undefined) return problem('encoder', `The files of ${setting} are ${model.state}.`, getThem);
  return (await stat(setting).catch(() => null))?.isDirectory()
    ? ok('encoder', setting)
    : problem(
        'encoder',
        `${setting} is neither a known model nor a folder.`,
        `Set TRIBUTARY_ENCODER_MODEL to a folder, or to ${namesOf(models, 'text-encoder')}.`,
      );
}

async function findLanguageModel(config: Config, models: readonly ModelState[]): Promise<Finding> {
  const name = 'language model';
  if (config.openaiBaseUrl !== null) {
    return config.openaiModel === null
      ? problem(name, `${config.openaiBaseUrl} is set, but no model.`, 'Set TRIBUTARY_OPENAI_MODEL.')
      : ok(name, `${config.openaiModel} at ${config.openaiBaseUrl}`);
  }
  const setting = config.languageModel;
  if (setting === 'none') return ok(name, 'none wanted: answers are made of the passages’ own sentences');
  const ofKind = models.filter(({ kind }) => kind === 'language-model');
  const chosen =
    setting === 'auto'
      ? ofKind.find(({ state }) => state === 'present')
      : ofKind.find((model) => model.name === setting);
  if (setting !== 'auto' && chosen === undefined) {
    return (await stat(setting).catch(() => null))?.isFile()
      ? ok(name, setting)
      : problem(
          name,
          `${setting} is neither a known model nor a file.`,
          `Set TRIBUTARY_LANGUAGE_MODEL to auto, to none, to a GGUF file, or to ${namesOf(models, 'language-model')}.`,
        );
  }
  if (chosen?.state !== 'present') {
    return warning(name, 'None is here: answers are made of the passages’ own sentences.', getThem);
  }
  const locked = readModelLock().find((model) => model.name === chosen.name);
  if (locked?.kind === 'language-model' && !locked.answersWell && config.answerStyle === 'auto') {
    return warning(
      name,
      `${chosen.name} is too small to answer well, so answers are EXTRACTIVE by default: the passages’ own sentences.`,
      'For written answers let `npm start` reach the model hub, or set TRIBUTARY_OPENAI_BASE_URL; TRIBUTARY_ANSWER_STYLE=generated uses the small one all the same.',
    );
  }
  return ok(name, chosen.name);
}

const namesOf = (models: readonly ModelState[], kind: LockedModel['kind']): string =>
  models
    .filter((model) => model.kind === kind)
    .map(({ name }) => name)
    .join(', ');
