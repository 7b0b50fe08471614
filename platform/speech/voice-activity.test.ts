import { describe, expect, it } from 'vitest';
import { sampleRate } from '../ports/transcriber.ts';
import { chord, joined, silence, tone, whiteNoise } from './testing/sounds.ts';
import { findSpeech, frameSamples, joinRegions, judgeByLoudness } from './voice-activity.ts';

const regionsOf = (samples: Float32Array) => findSpeech(judgeByLoudness(samples), samples.length);

describe('a judgement by loudness', () => {
  it.each([
    ['silence', silence(30)],
    ['a tone', tone(30, 440)],
    ['a chord that is held', chord(30)],
    ['white noise', whiteNoise(30)],
    ['loud white noise', whiteNoise(30, 0.9)],
    ['noise that is hardly heard', whiteNoise(30, 0.0005)],
    ['nothing at all', silence(0)],
  ])('takes %s for no speech', (_, samples) => {
    expect(regionsOf(samples)).toEqual([]);
  });

  it('finds what rises above the rest, to a tenth of a second', () => {
    const samples = joined(
      whiteNoise(3, 0.002),
      whiteNoise(2, 0.2),
      whiteNoise(4, 0.002),
      whiteNoise(1, 0.2),
      silence(2),
    );
    const found = regionsOf(samples);
    expect(found).toHaveLength(2);
    const seconds = found.flatMap(({ start, end }) => [start / sampleRate, end / sampleRate]);
    for (const [index, expected] of [3, 5, 9, 10].entries()) {
      expect(Math.abs((seconds[index] ?? 0) - expected)).toBeLessThan(0.1);
    }
  });
});

describe('speech in frames', () => {
  const frames = (...runs: readonly (readonly [probability: number, count: number])[]) =>
    Float32Array.from(runs.flatMap(([probability, count]) => new Array<number>(count).fill(probability)));

  it('bridges short pauses and leaves out clicks', () => {
    const probabilities = frames([0.1, 10], [0.9, 20], [0.1, 5], [0.9, 20], [0.1, 20], [0.9, 2], [0.1, 20]);
    const length = probabilities.length * frameSamples;
    expect(findSpeech(probabilities, length)).toEqual([{ start: 10 * frameSamples, end: 55 * frameSamples }]);
  });

  it('goes on while it is likely enough, up to the end of the sound', () => {
    const probabilities = frames([0.4, 10], [0.9, 5], [0.4, 10]);
    const length = 25 * frameSamples - 100;
    expect(findSpeech(probabilities, length)).toEqual([{ start: 10 * frameSamples, end: length }]);
  });
});

describe('windows of speech', () => {
  const seconds = (start: number, end: number) => ({ start: start * sampleRate, end: end * sampleRate });

  it('join what is near, with a margin, and begin anew behind long pauses and full windows', () => {
    const regions = [seconds(1, 8), seconds(9, 20), seconds(21, 29), seconds(30, 40), seconds(60, 61)];
    const windows = joinRegions(regions, 100 * sampleRate, 30 * sampleRate);
    const spans = windows.map(({ start, end, regions: inside }) => [
      start / sampleRate,
      end / sampleRate,
      inside.length,
    ]);
    expect(spans).toEqual([
      [0.8, 29.2, 3],
      [29.8, 40.2, 1],
      [59.8, 61.2, 1],
    ]);
  });

  it('never reach behind the sound or into each other', () => {
    const regions = [seconds(0, 29.95), seconds(30, 40)];
    const windows = joinRegions(regions, 40 * sampleRate, 30 * sampleRate);
    expect(windows[0]?.start).toBe(0);
    expect(windows[1]?.start).toBeGreaterThanOrEqual(windows[0]?.end ?? 0);
    expect(windows[1]?.end).toBe(40 * sampleRate);
  });
});
