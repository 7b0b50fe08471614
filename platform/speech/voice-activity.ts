import { sampleRate } from '../ports/transcriber.ts';

/** A stretch in which somebody speaks, in samples. */
export interface SpeechRegion {
  readonly start: number;
  readonly end: number;
}

/** One judgement covers so many samples: 32 ms. */
export const frameSamples = 512;

const framesIn = (seconds: number) => Math.round((seconds * sampleRate) / frameSamples);

const threshold = 0.5;
/** Once somebody speaks, this much is enough to go on. */
const lowThreshold = 0.35;
/** What is shorter is a click or a knock. */
const leastSpeech = framesIn(0.2);
/** A pause that is shorter belongs to the speech around it. */
const leastPause = framesIn(0.3);

/**
 * The stretches in which somebody speaks.
 *
 * @param probabilities of speech, one for each frame of 512 samples.
 * @param length of the sound, in samples.
 */
export function findSpeech(probabilities: Float32Array, length: number): SpeechRegion[] {
  const regions: { start: number; end: number }[] = [];
  let start: number | null = null;
  let quiet = 0;
  const close = (end: number) => {
    if (start !== null && end - start >= leastSpeech) regions.push({ start, end });
    start = null;
  };
  for (const [frame, probability] of probabilities.entries()) {
    if (start === null) {
      if (probability >= threshold) {
        start = frame;
        quiet = 0;
      }
    } else if (probability >= lowThreshold) quiet = 0;
    else if (++quiet >= leastPause) close(frame + 1 - quiet);
  }
  close(probabilities.length - quiet);
  return regions.map(({ start: first, end }) => ({
    start: first * frameSamples,
    end: Math.min(length, end * frameSamples),
  }));
}

/** Quieter than this is silence: -50 dB of full scale. */
const silence = 10 ** (-50 / 10);
/** Speech rises and falls: its loud frames are so many times (12 dB) the power of its quiet ones. */
const rise = 10 ** (12 / 10);

/**
 * A judgement by loudness alone, for where there is no model for it: somebody may speak where it is much louder than in
 * the quietest tenth. What stays equally loud (a hum, a chord, the noise of a fan) is no speech; music with a beat is
 * not told from it.
 *
 * @returns for each frame of 512 samples 1 or 0.
 */
export function judgeByLoudness(samples: Float32Array): Float32Array {
  const powers = new Float32Array(Math.ceil(samples.length / frameSamples));
  for (let frame = 0; frame < powers.length; frame++) {
    const part = samples.subarray(frame * frameSamples, (frame + 1) * frameSamples);
    let power = 0;
    for (const sample of part) power += sample * sample;
    powers[frame] = power / part.length;
  }
  const floor = Float32Array.from(powers).sort()[Math.floor(powers.length / 10)] ?? 0;
  const least = Math.max(silence, floor * rise);
  return powers.map((power) => (power >= least ? 1 : 0));
}

/** What is given to the transcriber at once. */
export interface SpeechWindow extends SpeechRegion {
  /** Where somebody speaks in it, in samples of the whole sound. */
  readonly regions: readonly SpeechRegion[];
}

/** So much is kept around speech, so that no sound of it is lost. */
const margin = 0.2 * sampleRate;
/** Speech with a longer pause between is heard by itself. */
const longestPause = 2 * sampleRate;

/**
 * Joins stretches of speech into windows that a model hears at once. One that is longer than a window stays as it is.
 *
 * @param longest how long a window may be, in samples.
 */
export function joinRegions(
  regions: readonly SpeechRegion[],
  length: number,
  longest: number,
): SpeechWindow[] {
  const windows: SpeechWindow[] = [];
  for (const region of regions) {
    const start = Math.max(0, region.start - margin);
    const end = Math.min(length, region.end + margin);
    const last = windows.at(-1);
    if (last !== undefined && region.start - last.end <= longestPause && end - last.start <= longest) {
      windows[windows.length - 1] = { start: last.start, end, regions: [...last.regions, region] };
    } else windows.push({ start: Math.max(start, last?.end ?? 0), end, regions: [region] });
  }
  return windows;
}
