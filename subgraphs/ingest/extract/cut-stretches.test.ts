import { describe, expect, it } from 'vitest';
import { sampleRate } from '../../../platform/ports/transcriber.ts';
import { joined } from '../../../platform/speech/testing/sounds.ts';
import { collect } from '../../../platform/testing/collect.ts';
import { play } from '../testing/pitch-listener.ts';
import { cutStretches } from './cut-stretches.ts';

async function* inParts(sound: Float32Array, length: number) {
  for (let start = 0; start < sound.length; start += length) yield sound.subarray(start, start + length);
}
const cut = (sound: Float32Array, part = 10 * sampleRate) => collect(cutStretches(inParts(sound, part)));

/** Two minutes of tones with pauses of half a second between. */
const talk = (change: Readonly<Record<number, Float32Array>> = {}) =>
  joined(
    ...Array.from({ length: 30 }, (_, index) =>
      joined(change[index] ?? play(200 + 17 * index, 2.6 + (index % 7) / 3), play(0, 0.5)),
    ),
  );
const textOf = (samples: Float32Array) => Buffer.from(samples.buffer).toString('latin1');

describe('stretches of a recording', () => {
  it('are at most 30 seconds, cut in pauses, and all of the sound in order', async () => {
    const sound = talk();
    const stretches = await cut(sound);
    let next = 0;
    for (const { start, samples } of stretches) {
      expect(start).toBe(next);
      expect(textOf(samples)).toBe(textOf(sound.slice(start, start + samples.length)));
      expect(samples.length).toBeLessThanOrEqual(30 * sampleRate);
      next += samples.length;
      if (next < sound.length) expect(sound[next]).toBe(0);
    }
    expect(next).toBe(sound.length);
  });

  it('do not depend on the parts that the sound comes in', async () => {
    const sound = talk();
    const starts = async (part: number) => (await cut(sound, part)).map(({ start }) => start);
    expect(await starts(1600)).toEqual(await starts(10 * sampleRate));
    expect(await starts(sound.length)).toEqual(await starts(10 * sampleRate));
  });

  it('stay the same ones but for one or two where one moment is changed', async () => {
    const before = new Set((await cut(talk())).map(({ samples }) => textOf(samples)));
    const after = await cut(talk({ 12: play(900, 2.6 + 5 / 3) }));
    const others = after.filter(({ samples }) => !before.has(textOf(samples)));
    expect(others.length).toBeGreaterThan(0);
    expect(others.length).toBeLessThanOrEqual(2);
    expect(after.length).toBeGreaterThan(4);
  });

  it('are the same ones again soon behind something that was put in', async () => {
    const before = new Set((await cut(talk())).map(({ samples }) => textOf(samples)));
    const after = await cut(talk({ 2: joined(play(900, 1.2345), play(0, 0.5), play(700, 5)) }));
    const others = after.filter(({ samples }) => !before.has(textOf(samples)));
    expect(others.length).toBeLessThanOrEqual(after.length / 2);
    expect(after.length).toBeGreaterThan(4);
  });

  it('are none for no sound', async () => {
    expect(await cut(new Float32Array(0))).toEqual([]);
  });
});
