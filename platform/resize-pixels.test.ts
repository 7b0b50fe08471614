import { describe, expect, it } from 'vitest';
import { resizePixels, shrinkPixels } from './resize-pixels.ts';

const grey = (width: number, height: number, values: readonly number[]) => ({
  width,
  height,
  data: Uint8Array.from(values.flatMap((value) => [value, value, value])),
});
const valuesOf = ({ data }: { readonly data: Uint8Array }) =>
  Array.from(data).filter((_, index) => index % 3 === 0);

describe('a picture in another size', () => {
  it('keeps one colour, whatever the size', () => {
    for (const [width, height] of [
      [1, 1],
      [3, 7],
      [50, 2],
      [128, 128],
    ] as const) {
      const resized = resizePixels(grey(10, 6, new Array<number>(60).fill(77)), width, height);
      expect([resized.width, resized.height, resized.data.length]).toEqual([
        width,
        height,
        width * height * 3,
      ]);
      expect(new Set(resized.data)).toEqual(new Set([77]));
    }
  });

  it('loses no stroke when it gets smaller', () => {
    // One black column of sixteen.
    const columns = Array.from({ length: 16 * 4 }, (_, index) => (index % 16 === 7 ? 0 : 255));
    const values = valuesOf(resizePixels(grey(16, 4, columns), 4, 1));
    expect(values.reduce((sum, value) => sum + 255 - value, 0)).toBeGreaterThan(50);
    expect(Math.min(...values)).toBeGreaterThan(150);
  });

  it('goes over from one colour to the next when it gets larger', () => {
    expect(valuesOf(resizePixels(grey(2, 1, [0, 200]), 4, 1))).toEqual([0, 50, 150, 200]);
  });

  it('keeps its proportions, and is left as it is where it is small enough', () => {
    const picture = grey(8, 4, new Array<number>(32).fill(1));
    expect(shrinkPixels(picture, 8)).toBe(picture);
    expect(shrinkPixels(picture, 4)).toMatchObject({ width: 4, height: 2 });
    expect(shrinkPixels(grey(100, 1, new Array<number>(100).fill(1)), 10)).toMatchObject({
      width: 10,
      height: 1,
    });
  });
});
