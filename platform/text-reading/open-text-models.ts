import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { LineInput } from './cut-line.ts';
import { lineHeight } from './cut-line.ts';
import type { DetectorInput } from './detector-input.ts';
import type { TextReadingOptions } from './text-reading-messages.ts';

/** The two networks of a text reader, loaded. */
export interface TextModels {
  readonly executionProvider: string;
  readonly refused: readonly string[];
  /** @returns the probability that a pixel is text, shape [height, width] of the input. */
  detect(input: DetectorInput): Promise<Float32Array>;
  /** @returns the probabilities of all lines, each of shape [steps, classes]. */
  recognise(lines: readonly LineInput[]): Promise<RecognisedLines>;
  release(): Promise<void>;
}

export interface RecognisedLines {
  readonly lines: readonly Float32Array[];
  readonly steps: number;
  readonly classes: number;
}

/**
 * Loads both networks with the first execution provider that takes them.
 *
 * @throws Error with the reason of each.
 */
export async function openTextModels(options: TextReadingOptions): Promise<TextModels> {
  const refused: string[] = [];
  for (const provider of options.executionProviders) {
    try {
      const detector = await openSession(options.detector, provider, options.threads);
      const recogniser = await openSession(options.recogniser, provider, options.threads);
      return {
        executionProvider: provider,
        refused,
        detect: (input) => detect(detector, input),
        recognise: (lines) => recognise(recogniser, lines),
        async release() {
          await detector.release();
          await recogniser.release();
        },
      };
    } catch (error) {
      refused.push(`${provider}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(refused.join('; '));
}

const openSession = (path: string, provider: string, threads: number): Promise<InferenceSession> =>
  InferenceSession.create(path, {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Threads that have nothing to do sleep: the cores are wanted by what runs beside them.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    // Each picture has another size; what is kept of memory for one is of no use to the next.
    enableCpuMemArena: false,
    logSeverityLevel: 3,
  });

async function run(session: InferenceSession, data: Float32Array, shape: number[]): Promise<Tensor> {
  const [input] = session.inputNames;
  const [output] = session.outputNames;
  if (input === undefined || output === undefined) throw new Error('The model has no input or no output.');
  const outputs = await session.run({ [input]: new Tensor('float32', data, shape) });
  const result = outputs[output];
  if (result?.type !== 'float32') throw new Error('The model gave no numbers.');
  return result;
}

async function detect(session: InferenceSession, input: DetectorInput): Promise<Float32Array> {
  const { data, width, height } = input;
  const result = await run(session, data, [1, 3, height, width]);
  if (result.dims.at(-1) !== width || result.dims.at(-2) !== height) {
    throw new Error(
      `The detector gave a map of ${result.dims.join(' x ')} for a picture of ${width} x ${height}.`,
    );
  }
  return (result.data as Float32Array).subarray(0, width * height);
}

/** The recogniser was trained on lines that are filled up to this width at least. */
const trainedWidth = 320;

async function recognise(session: InferenceSession, lines: readonly LineInput[]): Promise<RecognisedLines> {
  const width = Math.max(trainedWidth, ...lines.map((line) => line.width));
  // Lines are filled up with the middle of the range, as in the training.
  const data = new Float32Array(lines.length * 3 * lineHeight * width);
  for (const [row, line] of lines.entries()) {
    for (let y = 0; y < 3 * lineHeight; y++) {
      data.set(line.data.subarray(y * line.width, (y + 1) * line.width), (row * 3 * lineHeight + y) * width);
    }
  }
  const result = await run(session, data, [lines.length, 3, lineHeight, width]);
  const [, steps = 0, classes = 0] = result.dims;
  const values = result.data as Float32Array;
  return {
    lines: lines.map((_, row) => values.subarray(row * steps * classes, (row + 1) * steps * classes)),
    steps,
    classes,
  };
}
