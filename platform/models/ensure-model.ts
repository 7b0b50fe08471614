import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { TributaryError } from '../errors.ts';
import { checkFiles, type Missing } from './check-files.ts';
import { openFetchSession, storageFull } from './fetch-file.ts';
import { findModel, type LockedModel } from './model-lock.ts';
import { withFolderLock } from './with-folder-lock.ts';

/** How far a model's download has come. */
export interface ModelProgress {
  readonly model: string;
  readonly receivedBytes: number;
  readonly totalBytes: number;
  /** Where it comes from at present, for people. */
  readonly source: string;
}

export interface EnsureModelOptions {
  /** The folder that holds all models: `TRIBUTARY_MODELS`. */
  readonly directory: string;
  /** The model hub's address; null for none. */
  readonly hub: string | null;
  /** Whether to use only what is there. */
  readonly offline: boolean;
  readonly signal?: AbortSignal;
  /** The models that there are; those of the project's lock file by default. */
  readonly models?: readonly LockedModel[];
  /** How long to wait before a broken download is taken up again. */
  readonly retryDelayMs?: number;
  /** Called only while something is downloaded. */
  onProgress?(progress: ModelProgress): void;
}

/** A model whose files are all there and checked. */
export interface ModelFolder<Model extends LockedModel = LockedModel> {
  readonly model: Model;
  /** The folder, in the hub's layout. */
  readonly directory: string;
  /** The path of its first file: the weights. */
  readonly weights: string;
}

/**
 * Makes sure that a model is there: checks its files, and downloads those that are missing or not the ones of
 * the lock file. Any number of processes may ask at once: one downloads, the others wait for it.
 *
 * @throws TributaryError, its message one sentence that says what failed and what to do: `REJECTED_INPUT` for
 * a name that is not in the lock file; `UPSTREAM` for a file that cannot be had; `BUSY` with reason
 * `STORAGE_FULL`. The signal's reason when aborted; what has arrived then stays, for the next time.
 */
export async function ensureModel(name: string, options: EnsureModelOptions): Promise<ModelFolder> {
  const model = findModel(name, options.models);
  const directory = join(options.directory, model.name);
  const [weights] = model.files;
  const folder = { model, directory, weights: join(directory, weights?.path ?? '') };
  const { signal } = options;

  const missing = await checkFiles(directory, model, signal);
  if (missing.length === 0) return folder;
  // What stands in the lock file itself need not be downloaded.
  const wanted = missing.filter(({ file }) => !file.sources.some((source) => 'text' in source));
  if (options.offline && wanted.length > 0) throw offline(directory, wanted);

  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw new TributaryError(
      'REJECTED_INPUT',
      `The models' folder ${directory} cannot be written to: set TRIBUTARY_MODELS to one that can.`,
      { reason: 'MODELS_NOT_WRITABLE', cause: error },
    );
  }
  await withFolderLock(join(options.directory, `${model.name}.lock`), signal, async () => {
    // What another process downloaded while this one waited is not downloaded again.
    const still = await checkFiles(directory, model, signal);
    if (still.length === 0) return;
    await fetchAll(model, directory, still, options);
    const wrong = await checkFiles(directory, model, signal);
    if (wrong.length > 0) throw offline(directory, wrong);
  });
  return folder;
}

async function fetchAll(
  model: LockedModel,
  directory: string,
  missing: readonly Missing[],
  options: EnsureModelOptions,
): Promise<void> {
  const totalBytes = missing.reduce((sum, { file }) => sum + file.bytes, 0);
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize < totalBytes) throw storageFull(directory);
  await using session = openFetchSession({
    directory: options.directory,
    hub: options.hub,
    ...(options.retryDelayMs === undefined ? {} : { retryDelayMs: options.retryDelayMs }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  let done = 0;
  for (const { file } of missing) {
    await session.fetch(file, join(directory, file.path), (bytes, source) =>
      options.onProgress?.({ model: model.name, receivedBytes: done + bytes, totalBytes, source }),
    );
    done += file.bytes;
  }
}

function offline(directory: string, missing: readonly Missing[]): TributaryError {
  const list = missing.map(
    ({ file, problem }) =>
      `${join(directory, file.path)} (${problem === null ? '' : `${problem}; `}${file.bytes} bytes, SHA-256 ${file.sha256})`,
  );
  return new TributaryError(
    'UPSTREAM',
    `Model files are missing or wrong and may not be downloaded, because TRIBUTARY_OFFLINE is set: put them there, or unset it: ${list.join(', ')}.`,
    { service: 'models', reason: 'MODEL_UNAVAILABLE' },
  );
}
