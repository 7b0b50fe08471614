import { workerData } from 'node:worker_threads';
import { serveCalls } from '../encoder/serve-calls.ts';
import type { Pixels } from '../ports/pixels.ts';
import { preprocess } from './preprocess.ts';
import type { Preprocessing } from './preprocessing.ts';

/** The thread that makes pictures ready while the model's own thread computes: milliseconds a picture. */

const config = workerData as Preprocessing;

serveCalls<readonly Pixels[], null, Float32Array>(async () => ({
  ready: null,
  async answer(pictures) {
    const size = 3 * config.width * config.height;
    const values = new Float32Array(pictures.length * size);
    for (const [index, picture] of pictures.entries()) {
      preprocess(picture, config, values.subarray(index * size, (index + 1) * size));
    }
    return { result: values, transfer: [values.buffer] };
  },
  close: async () => {},
}));
