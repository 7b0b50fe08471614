import { stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { rejected, TributaryError } from '../errors.ts';
import { checkFiles } from './check-files.ts';
import { probe } from './download-file.ts';
import { type EnsureModelOptions, ensureModel } from './ensure-model.ts';
import { findModel, type LocalLanguageModel, readModelLock } from './model-lock.ts';

/** A language model that is there. */
export interface LanguageModelFile {
  /** The model's name, for people. */
  readonly model: string;
  /** The path of the GGUF file. */
  readonly file: string;
  /** The most tokens it was made for; null for a file of the user's own. */
  readonly contextTokens: number | null;
  /** Whether it is good enough to write answers by default. */
  readonly answersWell: boolean;
}

export interface EnsureLanguageModelOptions extends EnsureModelOptions {
  /** How much memory the machine has; asked of it by default. */
  readonly memoryBytes?: number;
  /** Told when `auto` passes over a model that this machine could have run, with the reason. */
  onSkip?(model: string, reason: string): void;
}

/**
 * Makes sure that the language model of the setting `TRIBUTARY_LANGUAGE_MODEL` is there.
 *
 * `auto` takes the best of the lock file that this machine has the memory for and that is there or can be
 * had: one whose hub does not answer within a few seconds is passed over, and the last one comes from a
 * package.
 *
 * @param setting `auto`, a name of the lock file, or the path of a GGUF file.
 * @throws like `ensureModel`; `REJECTED_INPUT` when the setting is none of these, or names another kind.
 */
export async function ensureLanguageModel(
  setting: string,
  options: EnsureLanguageModelOptions,
): Promise<LanguageModelFile> {
  const models = options.models ?? readModelLock();
  if (setting === 'auto') {
    return ensureBest(
      models.filter((model) => model.kind === 'language-model'),
      options,
    );
  }
  if (!models.some(({ name }) => name === setting)) {
    const found = await stat(setting).catch(() => null);
    if (found?.isFile()) {
      const file = resolve(setting);
      return { model: basename(file, '.gguf'), file, contextTokens: null, answersWell: true };
    }
  }
  const model = findModel(setting, models);
  if (model.kind !== 'language-model') {
    throw rejected(
      'WRONG_MODEL',
      `${model.name} is not a language model: set TRIBUTARY_LANGUAGE_MODEL to one.`,
    );
  }
  return ensureOne(model, options);
}

async function ensureOne(model: LocalLanguageModel, options: EnsureModelOptions): Promise<LanguageModelFile> {
  const { weights } = await ensureModel(model.name, options);
  const { name, contextTokens, answersWell } = model;
  return { model: name, file: weights, contextTokens, answersWell };
}

async function ensureBest(
  candidates: readonly LocalLanguageModel[],
  options: EnsureLanguageModelOptions,
): Promise<LanguageModelFile> {
  const { memoryBytes = machineMemory(), signal } = options;
  const affordable = candidates.filter((model) => model.memoryBytes <= memoryBytes);
  // A second candidate of the same hub is not probed when the hub itself did not answer for the first.
  const unreachable = new Map<string, string>();
  let failure: unknown = rejected('UNKNOWN_MODEL', 'The lock file has no language model for this machine.');
  for (const [index, model] of affordable.entries()) {
    const isLast = index === affordable.length - 1;
    try {
      const missing = await checkFiles(join(options.directory, model.name), model, signal);
      if (missing.length > 0 && !isLast && !options.offline) {
        const problem = await hubProblem(model, options, unreachable);
        if (problem !== null) {
          options.onSkip?.(model.name, problem);
          continue;
        }
      }
      return await ensureOne(model, options);
    } catch (error) {
      signal?.throwIfAborted();
      failure = error;
      options.onSkip?.(model.name, error instanceof TributaryError ? error.publicMessage : String(error));
    }
  }
  throw failure;
}

/** Why a model's weights cannot be had from the hub; null when they can, or need not come from there. */
async function hubProblem(
  model: LocalLanguageModel,
  { hub, signal }: EnsureModelOptions,
  unreachable: Map<string, string>,
): Promise<string | null> {
  const sources = model.files.flatMap(({ sources }) => sources);
  if (sources.some((source) => 'package' in source)) return null;
  const source = sources.find((candidate) => 'hub' in candidate);
  if (source === undefined || hub === null) return 'no model hub is configured';
  const known = unreachable.get(hub);
  if (known !== undefined) return known;
  const { repository, revision, path } = source.hub;
  const problem = await probe(`${hub}/${repository}/resolve/${revision}/${path}`, signal);
  if (problem === null) return null;
  const described = `the model hub ${new URL(hub).host}: ${problem}`;
  if (!problem.includes('status')) unreachable.set(hub, described);
  return described;
}

/** The machine's memory, or less where a container has a limit of its own. */
function machineMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
