import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { preprocess } from './preprocess.ts';
import { readPreprocessing } from './preprocessing.ts';
import { drawnPicture } from './testing/drawn-picture.ts';

interface Golden {
  readonly cases: readonly {
    readonly name: string;
    readonly config: Record<string, unknown>;
    readonly width: number;
    readonly height: number;
    readonly seed: number;
    readonly step: number;
    readonly values: string;
  }[];
}

const golden = JSON.parse(readFileSync(new URL('./testing/golden.json', import.meta.url), 'utf8')) as Golden;

/** What is made of a picture, of shape [3, height, width]. */
function preprocessed(config: unknown, picture: ReturnType<typeof drawnPicture>) {
  const preprocessing = readPreprocessing(config);
  const { width, height } = preprocessing;
  const values = new Float32Array(3 * width * height);
  preprocess(picture, preprocessing, values);
  return { values, width, height };
}

describe('a picture that is made ready', () => {
  it.each(golden.cases)('is what the reference makes of it: $name', (each) => {
    const bytes = Buffer.from(each.values, 'base64');
    const expected = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(4 * index));
    const { values, width, height } = preprocessed(
      each.config,
      drawnPicture(each.width, each.height, each.seed),
    );
    const kept: number[] = [];
    for (let channel = 0; channel < 3; channel++) {
      for (let row = 0; row < height; row += each.step) {
        for (let column = 0; column < width; column += each.step) {
          kept.push(values[(channel * height + row) * width + column] ?? Number.NaN);
        }
      }
    }
    expect(kept).toHaveLength(expected.length);
    const differences = kept.map((value, index) => Math.abs(value - (expected[index] ?? Number.NaN)));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });
});

describe('preprocessor_config.json', () => {
  const clip = golden.cases[0]?.config ?? {};

  it('may be of the older form, with numbers for sizes', () => {
    const {
      do_rescale: _,
      rescale_factor: __,
      ...old
    } = { ...clip, size: 24, crop_size: 24 } as Record<string, unknown>;
    expect(readPreprocessing(old)).toEqual(readPreprocessing(clip));
  });

  it('is refused where pictures would have different sizes', () => {
    expect(() => readPreprocessing({ ...clip, do_center_crop: false })).toThrow('different sizes');
  });

  it('is refused where it asks for a filter that is not supported', () => {
    expect(() => readPreprocessing({ ...clip, resample: 0 })).toThrow('"resample" is 0');
  });

  it('is refused where it lacks what normalises', () => {
    expect(() => readPreprocessing({ ...clip, image_mean: undefined })).toThrow('image_mean');
    expect(() => readPreprocessing({ ...clip, image_std: [1, 1] })).toThrow('not as expected');
  });
});
