import { sampleRate } from '../../ports/transcriber.ts';

/** Sounds by formula, 16 kHz, mono. */

const of = (seconds: number, at: (t: number) => number): Float32Array =>
  Float32Array.from({ length: Math.round(seconds * sampleRate) }, (_, index) => at(index / sampleRate));

/** Numbers from -1 to 1, always the same ones. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export const silence = (seconds: number): Float32Array => of(seconds, () => 0);

export const tone = (seconds: number, hertz: number, height = 0.3): Float32Array =>
  of(seconds, (t) => height * Math.sin(2 * Math.PI * hertz * t));

/** A chord that is held, as of an organ. */
export const chord = (seconds: number): Float32Array =>
  of(seconds, (t) => [262, 330, 392, 523].reduce((sum, f) => sum + 0.1 * Math.sin(2 * Math.PI * f * t), 0));

export function whiteNoise(seconds: number, height = 0.1, seed = 1): Float32Array {
  const next = noise(seed);
  return of(seconds, () => height * next());
}

/** Sounds one behind the other. */
export function joined(...sounds: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(sounds.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const sound of sounds) {
    all.set(sound, offset);
    offset += sound.length;
  }
  return all;
}
