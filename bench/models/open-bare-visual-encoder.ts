import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { DisposableStack } from '../../platform/disposable-stack.ts';
import type { System } from '../system/start-system.ts';
import { sessionOptions } from './session-options.ts';
import { clipB32 } from './write-vision-transformer.ts';

/**
 * The image tower in onnxruntime by itself.
 *
 * @returns encodes so many pictures that are ready, in batches of so many; nothing is done with what comes out.
 */
export async function openBareVisualEncoder(
  weights: string,
  { config }: System,
  stack: DisposableStack,
): Promise<(pictures: number, batchSize: number) => Promise<void>> {
  const session = await InferenceSession.create(weights, sessionOptions(config));
  stack.defer(() => session.release());
  const { side } = clipB32;
  return async (pictures, batchSize) => {
    for (let done = 0; done < pictures; done += batchSize) {
      const count = Math.min(batchSize, pictures - done);
      const values = new Float32Array(count * 3 * side * side).fill(0.5);
      await session.run({ pixel_values: new Tensor('float32', values, [count, 3, side, side]) });
    }
  };
}
