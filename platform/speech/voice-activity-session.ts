import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { openSession } from '../encoder/open-session.ts';
import { frameSamples } from './voice-activity.ts';

/** The model sees so many samples of the frame before, too. */
const contextSamples = 64;
const rowSamples = contextSamples + frameSamples;
const stateSize = 128;
/** So many frames, 16 seconds, are judged at once. */
const mostFrames = 512;

/** Judges how likely it is that somebody speaks. */
export interface VoiceActivitySession extends AsyncDisposable {
  /** @returns the probability for each frame of 512 samples. */
  judge(samples: Float32Array): Promise<Float32Array>;
}

/**
 * Silero VAD in the form that takes many frames at once (`silero_vad_16k_sequence.onnx`), opened at the first use.
 *
 * @param path of the model.
 */
export function createVoiceActivitySession(path: string): VoiceActivitySession {
  let opened: Promise<InferenceSession> | undefined;
  const open = () => {
    // It is so small that other devices and more threads only slow it down.
    opened ??= openSession({ weights: path, threads: 1, executionProviders: ['cpu'] }).then(
      ({ session }) => session,
    );
    return opened;
  };
  return {
    async judge(samples) {
      const session = await open();
      const frames = Math.ceil(samples.length / frameSamples);
      const probabilities = new Float32Array(frames);
      let h = new Tensor('float32', new Float32Array(stateSize), [1, 1, stateSize]);
      let c = new Tensor('float32', new Float32Array(stateSize), [1, 1, stateSize]);
      for (let first = 0; first < frames; first += mostFrames) {
        const count = Math.min(mostFrames, frames - first);
        const input = new Float32Array(count * rowSamples);
        for (let row = 0; row < count; row++) {
          const start = (first + row) * frameSamples;
          const from = Math.max(0, start - contextSamples);
          const offset = row * rowSamples + contextSamples - (start - from);
          input.set(samples.subarray(from, start + frameSamples), offset);
        }
        const outputs: Record<string, Tensor> = await session.run({
          input: new Tensor('float32', input, [count, rowSamples]),
          h,
          c,
        });
        const { speech_probs, hn, cn } = outputs;
        if (speech_probs === undefined || hn === undefined || cn === undefined) {
          throw new Error(`${path} must return speech_probs, hn and cn.`);
        }
        probabilities.set(speech_probs.data as Float32Array, first);
        h = hn as typeof h;
        c = cn as typeof c;
      }
      return probabilities;
    },
    async [Symbol.asyncDispose]() {
      await opened?.then(
        (session) => session.release(),
        () => undefined,
      );
    },
  };
}
