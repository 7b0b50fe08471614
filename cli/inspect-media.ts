import type { Config } from '../platform/config/config.ts';
import type { ProbedProviders } from '../platform/encoder/probe-providers.ts';
import { TributaryError } from '../platform/errors.ts';
import { findFfmpeg } from '../platform/media/find-ffmpeg.ts';
import type { EnsureModelOptions } from '../platform/models/ensure-model.ts';
import { ensureTextReader } from '../platform/models/ensure-text-reader.ts';
import { findTranscriber } from '../platform/models/ensure-transcriber.ts';
import { findVisualEncoder, packagedVisualEncoder } from '../platform/models/ensure-visual-encoder.ts';
import { readVisualModel } from '../platform/visual/visual-model.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const getThem = 'Run `npm run models` where there is a network';

/** What a model folder is there for, and where it is said. */
interface Wanted {
  readonly name: string;
  readonly setting: string;
  readonly variable: string;
  /** What is not done without it. */
  readonly without: string;
  /** What to do where it is missing. */
  readonly mend: string;
  /** Describes it; null where it is missing. Downloads nothing. */
  find(): Promise<string | null>;
}

/**
 * What reads and encodes pictures, sound and films with the present settings: which model, on which execution
 * provider, or that it is missing and what to do. Downloads nothing.
 */
export async function inspectMedia(
  config: Config,
  { provider, refused }: ProbedProviders,
  signal: AbortSignal,
): Promise<Finding[]> {
  const on = provider === null ? '' : ` on ${provider}`;
  const options = { directory: config.modelsDirectory, hub: null, offline: true, signal };
  return [
    providerFinding(provider, refused),
    await inspect(visualEncoderOf(config, options, on)),
    await inspectSpeech(config, options, on),
    await inspect(textReaderOf(config, options, on)),
    await inspect(ffmpegOf(config, options)),
    pictureDecoderFinding(),
  ];
}

function providerFinding(provider: string | null, refused: readonly string[]): Finding {
  const name = 'execution provider';
  const list = refused.join('; ');
  const mend =
    'For an NVIDIA GPU run `npm run setup:gpu`; set TRIBUTARY_EXECUTION_PROVIDERS to what this machine has.';
  if (provider === null) return problem(name, `None can be used: ${list}.`, mend);
  return refused.length === 0
    ? ok(name, provider)
    : warning(name, `${provider}, as others cannot be used: ${list}.`, mend);
}

async function inspect({ name, setting, variable, without, mend, find }: Wanted): Promise<Finding> {
  if (setting === 'none') return ok(name, `none wanted: ${without}`);
  try {
    const found = await find();
    if (found !== null) return ok(name, found);
    return warning(name, `It is missing: ${without}.`, mend);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // What is missing leaves the rest as it is; a setting that is wrong stops the start.
    return error instanceof TributaryError && error.code !== 'REJECTED_INPUT'
      ? warning(name, `It is missing: ${without}. ${message}`, mend)
      : problem(name, message, `Set ${variable} right.`);
  }
}

function visualEncoderOf(config: Config, options: EnsureModelOptions, on: string): Wanted {
  const setting = config.visualEncoderModel;
  return {
    name: 'visual encoder',
    setting,
    variable: 'TRIBUTARY_VISUAL_ENCODER',
    without: 'pictures are found by their words only, not by what they show',
    mend: `${getThem}, or set TRIBUTARY_VISUAL_ENCODER to a folder in the hub’s layout.`,
    async find() {
      const found = await findVisualEncoder(setting, options);
      if (found === null) return null;
      await readVisualModel(found.folder);
      return found.model === packagedVisualEncoder
        ? `${found.model}${on}, which knows drawings and nothing else (${getThem.toLowerCase()} for CLIP)`
        : `${found.model}${on}`;
    },
  };
}

async function inspectSpeech(config: Config, options: EnsureModelOptions, on: string): Promise<Finding> {
  const { transcriptionUrl, transcriptionModel, transcriber: setting } = config;
  const name = 'speech and sound';
  const here = await inspect({
    name,
    setting,
    variable: 'TRIBUTARY_TRANSCRIBER',
    without: 'speech is not written down, and sound is not found by how it sounds',
    mend: `${getThem}, or set TRIBUTARY_TRANSCRIBER to a folder with a Whisper model, or TRIBUTARY_TRANSCRIPTION_URL to a service.`,
    find: async () => {
      const found = await findTranscriber(setting, options);
      return found === null ? null : `${found.model}${on}`;
    },
  });
  if (transcriptionUrl === null || here.state === 'problem') return here;
  const sound = here.state === 'ok' && setting !== 'none' ? here.detail : 'none, so sound is not encoded';
  return ok(name, `speech by ${transcriptionModel} at ${transcriptionUrl}; encoder of sound: ${sound}`);
}

function textReaderOf(config: Config, options: EnsureModelOptions, on: string): Wanted {
  return {
    name: 'text reader',
    setting: config.textReader,
    variable: 'TRIBUTARY_TEXT_READER',
    without: 'text in pictures and scanned pages is not read',
    mend: `${getThem}, or set TRIBUTARY_TEXT_READER to a folder that has one.`,
    find: async () => `${(await ensureTextReader(config.textReader, options)).model}${on}`,
  };
}

function ffmpegOf(config: Config, { directory, signal }: EnsureModelOptions): Wanted {
  return {
    name: 'ffmpeg',
    setting: config.ffmpeg,
    variable: 'TRIBUTARY_FFMPEG',
    without: 'recordings and films are not read',
    mend: `Install ffmpeg 4.4 or later. Or else: ${getThem.toLowerCase()}.`,
    async find() {
      const program = await findFfmpeg(config.ffmpeg, { directory, ...(signal ? { signal } : {}) });
      return program === null ? null : `${program.version} at ${program.path}`;
    },
  };
}

function pictureDecoderFinding(): Finding {
  const name = 'picture decoder';
  try {
    import.meta.resolve('sharp');
    return ok(name, 'sharp');
  } catch {
    return warning(name, 'It is missing: pictures are not read.', 'Run `npm install`.');
  }
}
