import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMelSpectrogram } from './mel-spectrogram.ts';

interface Golden {
  readonly seconds: number;
  readonly frames: number;
  readonly bins: number;
  readonly at: readonly number[];
  readonly values: readonly (readonly number[])[];
}

const goldens = JSON.parse(
  readFileSync(new URL('./testing/mel-golden.json', import.meta.url), 'utf8'),
) as Golden[];

/** The same sound as `testing/mel-golden.py` makes. */
function sound(seconds: number): Float32Array {
  const count = seconds * 16_000;
  let seed = 1;
  return Float32Array.from({ length: count }, (_, index) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const t = index / 16_000;
    const click = index === Math.floor(count / 2) ? 0.5 : 0;
    return (
      0.4 * Math.sin(2 * Math.PI * (100 * t + 900 * t * t)) +
      0.2 * Math.sin(2 * Math.PI * 3000 * t) +
      0.02 * (seed / 2 ** 31 - 1) +
      click
    );
  });
}

const options = { fftSize: 400, hop: 160, sampleRate: 16_000 };

describe('the log-mel spectrogram', () => {
  it.each(goldens)(
    'agrees with the reference to 1e-3: $seconds s in $frames frames of $bins bins',
    (golden) => {
      const { seconds, frames, bins, at, values } = golden;
      const spectrogram = createMelSpectrogram({ ...options, bins })(sound(seconds), frames);
      expect(spectrogram).toHaveLength(bins * frames);
      let worst = 0;
      for (const [row, frame] of at.entries()) {
        for (const [bin, value] of (values[row] ?? []).entries()) {
          worst = Math.max(worst, Math.abs((spectrogram[bin * frames + frame] ?? Number.NaN) - value));
        }
      }
      expect(worst).toBeLessThan(1e-3);
    },
  );

  it('is even for silence', () => {
    const spectrogram = createMelSpectrogram({ ...options, bins: 80 })(new Float32Array(16_000), 100);
    expect(new Set(spectrogram)).toEqual(new Set([(-10 + 4) / 4]));
  });
});
