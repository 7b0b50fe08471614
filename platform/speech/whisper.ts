import { basename, resolve } from 'node:path';
import { TributaryError, upstream } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { sha256OfFile } from '../models/check-files.ts';
import { unifiedDimension } from '../ports/encoder.ts';
import type { SoundEncoder } from '../ports/sound-encoder.ts';
import { sampleRate, type Transcriber } from '../ports/transcriber.ts';
import { createSpeechRunner } from './speech-runner.ts';
import { transcribeWindows } from './transcribe-windows.ts';
import { fingerprintOf, readWhisperFiles } from './whisper-files.ts';

export interface WhisperOptions {
  /** The model's folder, in the hub's layout. */
  readonly folder: string;
  /** The model's name, for people; the folder's by default. */
  readonly model?: string;
  /** The path of Silero VAD, which tells speech from other sound; null for a judgement by loudness. */
  readonly voiceActivity?: string | null;
  /** The code of the language that is spoken, for a multilingual model; found out for each window by default. */
  readonly language?: string | null;
  /** How many threads one computation uses. */
  readonly threads: number;
  /** The execution providers to try, best first. */
  readonly executionProviders: readonly string[];
  readonly logger: Logger;
}

/** A Whisper model: its whole writes down speech, its encoder alone compares sounds. Disposing either disposes nothing. */
export interface Whisper extends AsyncDisposable {
  readonly transcriber: Transcriber;
  /** Null where the model's vectors are longer than those that can be stored. */
  readonly soundEncoder: SoundEncoder | null;
}

/** What stands for the execution provider before the model was used. */
const notUsedYet = 'not loaded yet';

/**
 * A Whisper model in ONNX, on a thread of its own. Its files are checked here; it is loaded when it is first used, the
 * decoder with the first transcript.
 *
 * The vector of a sound is the mean of the encoder's last hidden state over the frames of the sound itself.
 *
 * @throws Error that says which file is missing or wrong.
 */
export async function openWhisper(options: WhisperOptions): Promise<Whisper> {
  const { folder, voiceActivity = null, language = null, threads, executionProviders, logger } = options;
  const { model = basename(resolve(folder)) } = options;
  const files = await readWhisperFiles(folder);
  const listening = voiceActivity === null ? 'loudness' : await sha256OfFile(voiceActivity);
  const runner = createSpeechRunner(
    { files, voiceActivity, threads, executionProviders, dimension: unifiedDimension },
    (reason) => logger.warn({ reason }, 'an execution provider cannot be used'),
  );
  /** A failure of the model, and not the caller's own abort, as one of ours. */
  async function guarded<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      if (error instanceof TributaryError) throw error;
      logger.error({ error }, 'the model of speech has failed');
      throw upstream('transcriber', `The model of speech ${model} has failed.`, error);
    }
  }

  const transcriber: Transcriber = {
    description: {
      model,
      fingerprint: fingerprintOf([files.fingerprint, listening, language]),
      get executionProvider() {
        return runner.executionProvider ?? notUsedYet;
      },
    },
    transcribe: (samples, signal) =>
      guarded(signal, () =>
        transcribeWindows(samples, runner, { windowSeconds: files.windowSeconds, language }, signal),
      ),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const soundEncoder: SoundEncoder = {
    description: {
      model,
      fingerprint: files.soundFingerprint,
      dimension: unifiedDimension,
      maxTokens: 0,
      get executionProvider() {
        return runner.executionProvider ?? notUsedYet;
      },
    },
    encode: (windows, signal) =>
      guarded(signal, async () => {
        const vectors: Float32Array[] = [];
        for (const samples of windows) {
          // What lies behind the model's own window would not be heard.
          const heard = samples.subarray(0, files.windowSeconds * sampleRate);
          const { vector } = await runner.ask({ kind: 'encode', samples: heard }, signal);
          vectors.push(vector);
        }
        return vectors;
      }),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const width = files.heads * files.headSize;
  return {
    transcriber,
    soundEncoder: width > unifiedDimension ? null : soundEncoder,
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}
