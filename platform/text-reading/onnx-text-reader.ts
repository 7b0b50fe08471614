import { upstream } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { TextReader } from '../ports/text-reader.ts';
import { startTextReading, type TextReading } from './start-text-reading.ts';
import { readTextReaderModel } from './text-reader-model.ts';

export interface OnnxTextReaderOptions {
  /** The folder with the detector, the recogniser and its characters. */
  readonly folder: string;
  /** The model's name, for people. */
  readonly model: string;
  /** How many threads one picture uses. */
  readonly threads: number;
  /** The execution providers to try, best first. */
  readonly executionProviders: readonly string[];
  readonly logger: Logger;
}

/**
 * Reads text with two ONNX networks of the PP-OCR family: one that finds lines (DB: Liao et al., 2020) and one that
 * recognises them (SVTR: Du et al., "Scene Text Recognition with a Single Visual Model", 2022, with CTC as in Shi et
 * al., 2015). They are loaded at the first picture, on a thread of their own; one that has died is replaced at the
 * next picture.
 *
 * @throws Error that says which file is missing or wrong.
 */
export async function createOnnxTextReader(options: OnnxTextReaderOptions): Promise<TextReader> {
  const { folder, model, threads, executionProviders, logger } = options;
  const { detector, recogniser, characters, fingerprint } = await readTextReaderModel(folder);
  let running: Promise<TextReading> | null = null;
  let executionProvider = executionProviders[0] ?? 'cpu';
  let closed = false;

  const start = async (): Promise<TextReading> => {
    const started = await startTextReading({ detector, recogniser, characters, threads, executionProviders });
    for (const reason of started.refused) logger.warn({ reason }, 'an execution provider cannot be used');
    executionProvider = started.executionProvider;
    return started;
  };

  return {
    description: {
      model,
      fingerprint,
      get executionProvider() {
        return executionProvider;
      },
    },
    async read(picture, signal) {
      signal?.throwIfAborted();
      const { width, height, data } = picture;
      if (data.length !== width * height * 3 || width < 1 || height < 1) {
        throw new Error(
          `A picture of ${width} x ${height} pixels has ${width * height * 3} bytes, not ${data.length}.`,
        );
      }
      if (closed) throw upstream('text-reader', 'The text reader is shut down.');
      running ??= start();
      const mine = running;
      try {
        return [...(await (await mine).read(picture, signal))];
      } catch (error) {
        signal?.throwIfAborted();
        logger.error({ error }, 'the text reader has failed');
        const alive = await mine.then(
          (reading) => reading.alive,
          () => false,
        );
        if (!alive && running === mine) running = null;
        throw upstream('text-reader', 'The text reader has failed.', error);
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await running?.then(
        (reading) => reading[Symbol.asyncDispose](),
        () => undefined,
      );
    },
  };
}
