import { unifiedDimension } from '../../../platform/ports/encoder.ts';
import type { SoundEncoder } from '../../../platform/ports/sound-encoder.ts';
import { sampleRate } from '../../../platform/ports/transcriber.ts';

/** A second of a tone. */
export const play = (hertz: number): Float32Array =>
  Float32Array.from({ length: sampleRate }, (_, index) =>
    Math.sin((2 * Math.PI * hertz * (index + 0.5)) / sampleRate),
  );

/** A sound encoder for tests: sounds of nearly the same pitch are near each other. */
export function createPitchEncoder(): SoundEncoder {
  const encodeOne = (samples: Float32Array): Float32Array => {
    let crossings = 0;
    for (let index = 1; index < samples.length; index++) {
      if ((samples[index - 1] ?? 0) < 0 !== (samples[index] ?? 0) < 0) crossings++;
    }
    // In semitones, each of them spread over its neighbours.
    const hertz = (crossings / 2 / Math.max(1, samples.length)) * sampleRate;
    const pitch = 12 * Math.log2(Math.max(20, hertz) / 20);
    const vector = Float32Array.from({ length: unifiedDimension }, (_, place) =>
      Math.exp(-((place - pitch) ** 2) / 18),
    );
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  };
  return {
    description: {
      model: 'pitches',
      fingerprint: 'a0d10a0d10a0d10a',
      dimension: unifiedDimension,
      maxTokens: 0,
      executionProvider: 'cpu',
    },
    encode: async (windows) => windows.map(encodeOne),
    async [Symbol.asyncDispose]() {},
  };
}
