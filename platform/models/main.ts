import { SingleBar } from 'cli-progress';
import { ConfigError, readConfig } from '../config/config.ts';
import { asTributaryError } from '../errors.ts';
import { ensureFfmpeg } from '../media/ensure-ffmpeg.ts';
import { ensureLanguageModel } from './ensure-language-model.ts';
import { type EnsureModelOptions, ensureModel, type ModelProgress } from './ensure-model.ts';
import { ensureTextEncoder } from './ensure-text-encoder.ts';
import { ensureTextReader } from './ensure-text-reader.ts';
import { ensureTranscriber, ensureVoiceActivity, hubTranscribers } from './ensure-transcriber.ts';
import { ensureVisualEncoder } from './ensure-visual-encoder.ts';

/**
 * Gets the models that the present configuration needs, or those that are named:
 * `node dist/platform/models/main.js [NAME …]`. Prints only while something is downloaded.
 */

const megabyte = 1_000_000;

/** Shows one download after the other: a bar where a person watches, else a line for each model. */
function createDisplay(): { update(progress: ModelProgress): void; stop(): void } {
  let shown: string | null = null;
  let bar: SingleBar | null = null;
  return {
    update({ model, receivedBytes, totalBytes, source }) {
      const total = Math.max(0.1, totalBytes / megabyte);
      if (shown !== model) {
        bar?.stop();
        shown = model;
        if (process.stderr.isTTY) {
          bar = new SingleBar({
            format: ' {bar} {percentage}% of {megabytes} MB  {model} from {source}',
            barCompleteChar: '█',
            barIncompleteChar: '░',
            barsize: 24,
            hideCursor: true,
            gracefulExit: false,
          });
          bar.start(total, 0, { model, source, megabytes: total.toFixed(total < 10 ? 1 : 0) });
        } else console.error(`Downloading ${model} (${total.toFixed(total < 10 ? 1 : 0)} MB) …`);
      }
      bar?.update(receivedBytes / megabyte, { source });
    },
    stop: () => bar?.stop(),
  };
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () =>
      abort.abort(new Error('The download was stopped; the next start goes on with it.')),
    );
  }
  const display = createDisplay();
  const options: EnsureModelOptions = {
    directory: config.modelsDirectory,
    hub: config.modelHub,
    offline: config.offline,
    signal: abort.signal,
    onProgress: (progress) => display.update(progress),
  };
  try {
    const names = process.argv.slice(2);
    for (const name of names) {
      // Which one that is depends on the machine: its own, where it has one.
      if (name === 'ffmpeg') await ensureFfmpeg('auto', options);
      else if (hubTranscribers.some((model) => model.name === name)) await ensureTranscriber(name, options);
      else await ensureModel(name, options);
    }
    if (names.length > 0) return;
    await ensureTextEncoder(config.encoderModel, options);
    if (config.visualEncoderModel !== 'none') {
      let skipped: unknown = null;
      const chosen = await ensureVisualEncoder(config.visualEncoderModel, options, (_, error) => {
        skipped = error;
      });
      if (skipped !== null) {
        display.stop();
        const without =
          chosen === null
            ? 'Pictures are not searched by what they show.'
            : `Pictures are encoded by ${chosen.model}, which knows drawings and nothing else.`;
        console.error(`${without} ${asTributaryError(skipped).message}`);
      }
    }
    if (config.textReader !== 'none') {
      try {
        await ensureTextReader(config.textReader, options);
      } catch (error) {
        abort.signal.throwIfAborted();
        // All else works without it.
        if (config.textReader !== 'auto') throw error;
        display.stop();
        console.error(`Text in pictures is not read. ${asTributaryError(error).message}`);
      }
    }
    if (config.transcriber !== 'none') {
      try {
        await ensureTranscriber(config.transcriber, options);
        await ensureVoiceActivity(options);
      } catch (error) {
        abort.signal.throwIfAborted();
        if (config.transcriber !== 'auto') throw error;
        display.stop();
        console.error(`Speech is not written down. ${asTributaryError(error).message}`);
      }
    }
    try {
      await ensureFfmpeg(config.ffmpeg, options);
    } catch (error) {
      abort.signal.throwIfAborted();
      if (config.ffmpeg !== 'auto') throw error;
      display.stop();
      console.error(
        `Recordings and films are not read: there is no ffmpeg. Install one. ${asTributaryError(error).message}`,
      );
    }
    if (config.openaiBaseUrl !== null) return;
    try {
      const skipped: string[] = [];
      const chosen = await ensureLanguageModel(config.languageModel, {
        ...options,
        onSkip: (model, reason) => skipped.push(`${model} (${reason})`),
      });
      if (!chosen.answersWell && skipped.length > 0) {
        display.stop();
        console.error(
          `Using ${chosen.model}, which is too small to answer well, so answers quote the passages: better models cannot be had, ${skipped.join(', ')}.`,
        );
      }
    } catch (error) {
      abort.signal.throwIfAborted();
      // Answers that quote the passages need no language model.
      if (config.languageModel !== 'auto') throw error;
      display.stop();
      console.error(
        `There is no language model, so answers quote the passages. ${asTributaryError(error).message}`,
      );
    }
  } catch (error) {
    display.stop();
    if (abort.signal.aborted) {
      console.error((abort.signal.reason as Error).message);
      process.exitCode = 130;
      return;
    }
    throw error;
  } finally {
    display.stop();
  }
}

main().catch((error: unknown) => {
  const isOurs = error instanceof ConfigError || asTributaryError(error).code !== 'DEFECT';
  console.error(isOurs && error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
