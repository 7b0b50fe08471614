import { sampleRate } from '../../../platform/ports/transcriber.ts';

/** A part of a recording that is heard as one. */
export interface Stretch {
  /** Where it begins, in samples from the beginning of the recording. */
  readonly start: number;
  /** 16 kHz, mono, -1 to 1; at most 30 seconds. */
  readonly samples: Float32Array;
}

/** A stretch ends where it is quietest between these two lengths. */
const leastSamples = 12 * sampleRate;
const mostSamples = 30 * sampleRate;
/** So much around a cut is to be quiet: a pause between sentences, and not the stop of one consonant. */
const quietSamples = 0.3 * sampleRate;

/**
 * Cuts a recording into stretches of at most 30 seconds, each where it is quietest, so that no word is cut. A cut
 * depends on nothing but the sound since the cut before: where a recording is changed in one place, the stretches
 * before it stay the same ones, and soon behind it they are again.
 *
 * Holds one stretch and one part of what comes in.
 */
export async function* cutStretches(sound: AsyncIterable<Float32Array>): AsyncGenerator<Stretch> {
  const held = new Float32Array(mostSamples);
  let length = 0;
  let start = 0;
  for await (const part of sound) {
    let taken = 0;
    while (taken < part.length) {
      const fitting = part.subarray(taken, taken + mostSamples - length);
      held.set(fitting, length);
      length += fitting.length;
      taken += fitting.length;
      if (length < mostSamples) break;
      const end = quietestPoint(held);
      yield { start, samples: held.slice(0, end) };
      held.copyWithin(0, end, length);
      start += end;
      length -= end;
    }
  }
  if (length > 0) yield { start, samples: held.slice(0, length) };
}

/**
 * The middle of the quietest moment of a full buffer, to the sample. Of several that are equally quiet, as in sound that
 * was made or cleaned by machines, one is chosen by what is heard before it: the first would depend on the cut before.
 */
function quietestPoint(samples: Float32Array): number {
  const first = leastSamples - quietSamples / 2;
  // Powers of 16 bits are whole numbers, whose running sum is exact: equal silences are equally quiet.
  let power = 0;
  for (let index = first; index < first + quietSamples; index++) power += powerOf(samples[index] ?? 0);
  let least = power;
  let beginnings = [first];
  let isBefore = true;
  for (let index = first; index + quietSamples < mostSamples; index++) {
    power += powerOf(samples[index + quietSamples] ?? 0) - powerOf(samples[index] ?? 0);
    if (power < least) {
      least = power;
      beginnings = [index + 1];
    } else if (power === least && !isBefore) beginnings.push(index + 1);
    isBefore = power === least;
  }
  let best = beginnings[0] ?? first;
  let lowest = Number.POSITIVE_INFINITY;
  for (const beginning of beginnings.slice(0, mostBeginnings)) {
    const mark = markOf(samples.subarray(beginning - markSamples, beginning));
    if (mark < lowest) {
      lowest = mark;
      best = beginning;
    }
  }
  return best + quietSamples / 2;
}

/** So much of the sound before a quiet moment tells it from others. */
const markSamples = sampleRate;
const mostBeginnings = 100;

/** A number that follows from the sound alone (FNV-1a over 16 bits). */
function markOf(samples: Float32Array): number {
  let mark = 0x811c9dc5;
  for (const sample of samples) mark = Math.imul(mark ^ Math.round(sample * 32_767), 0x01000193);
  return mark >>> 0;
}

const powerOf = (sample: number): number => Math.round(sample * 32_767) ** 2;
