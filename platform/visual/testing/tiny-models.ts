import { fileURLToPath } from 'node:url';
import { silentLogger } from '../../testing/silent-logger.ts';
import { createOnnxVisualEncoder, type OnnxVisualEncoderOptions } from '../onnx-visual-encoder.ts';

/** The folder of one of the models that `make_tiny_models.py` writes. */
export const tinyModel = (name: 'clip' | 'masked' | 'merged' | 'siglip'): string =>
  fileURLToPath(new URL(`./tiny-models/${name}`, import.meta.url));

/** A tiny visual encoder: it tells things apart, and knows nothing. */
export const openTinyEncoder = (options: Partial<OnnxVisualEncoderOptions> = {}) =>
  createOnnxVisualEncoder({
    folder: tinyModel('clip'),
    model: 'tiny',
    threads: 1,
    executionProviders: ['cpu'],
    batchSize: 8,
    queueSize: 64,
    logger: silentLogger,
    ...options,
  });

const width = 12;

/** What the tiny models make of a picture that is made ready, of 12 dimensions. */
export const pictureVector = (values: Float32Array): number[] =>
  normalised((column) =>
    values.reduce((sum, value, row) => sum + value * Math.sin(row * 0.37 + column * 1.7 + 1), 0),
  );

/** What they make of token ids. */
export const textVector = (ids: readonly number[]): number[] =>
  normalised((column) => ids.reduce((sum, id) => sum + Math.cos(id * 1.3 + column * 0.7), 0));

function normalised(value: (column: number) => number): number[] {
  const vector = Array.from({ length: width }, (_, column) => value(column));
  const norm = Math.hypot(...vector);
  return vector.map((each) => each / norm);
}
