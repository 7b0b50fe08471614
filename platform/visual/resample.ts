import type { Pixels } from '../ports/pixels.ts';

/**
 * Resampling of pictures with antialiasing, bit for bit as Pillow does it (`src/libImaging/Resample.c`, 8 bits a
 * channel): what visual encoders were trained on. Weights are worked out for each pixel of the result, over a stretch
 * that grows with the ratio; sums are in fixed point, and each of the two passes rounds to whole numbers.
 */

export type ResampleFilter = 'bilinear' | 'bicubic' | 'lanczos';

/** A rectangle of the result, in its pixels. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Kernel {
  /** How far it reaches to either side, in pixels of a picture that is not made smaller. */
  readonly support: number;
  weight(distance: number): number;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

/** The free parameter of cubic convolution (Keys 1981). */
const a = -0.5;

const kernels: Readonly<Record<ResampleFilter, Kernel>> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    weight(distance) {
      const x = Math.abs(distance);
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    },
  },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Sums have so many bits behind the point: 32, less 8 of the value and 2 for weights beyond 1 and below 0. */
const precisionBits = 22;
const half = 1 << (precisionBits - 1);

/** For each pixel of the result: which pixels of the source make it, and by what weights. */
interface Weights {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `size` weights for each pixel, in fixed point. */
  readonly values: Int32Array;
  readonly size: number;
}

function weightsOf(from: number, to: number, filter: ResampleFilter, first: number, count: number): Weights {
  const { support: reach, weight } = kernels[filter];
  const scale = from / to;
  const filterScale = Math.max(1, scale);
  const support = reach * filterScale;
  const size = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const values = new Int32Array(count * size);
  const exact = new Float64Array(size);
  for (let index = 0; index < count; index++) {
    const center = (first + index + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(from, Math.trunc(center + support + 0.5));
    let sum = 0;
    for (let tap = 0; tap < end - start; tap++) {
      const value = weight((tap + start - center + 0.5) * (1 / filterScale));
      exact[tap] = value;
      sum += value;
    }
    starts[index] = start;
    counts[index] = end - start;
    for (let tap = 0; tap < end - start; tap++) {
      const value = ((exact[tap] ?? 0) / (sum === 0 ? 1 : sum)) * (1 << precisionBits);
      values[index * size + tap] = Math.trunc(value + (value < 0 ? -0.5 : 0.5));
    }
  }
  return { starts, counts, values, size };
}

/**
 * A region of the picture as it is at another size.
 *
 * @param size the size of the whole result, of which only the region is worked out.
 * @returns 3 bytes a pixel, row by row: `region.width * region.height * 3` bytes.
 */
export function resample(
  { width, height, data }: Pixels,
  size: { readonly width: number; readonly height: number },
  region: Region,
  filter: ResampleFilter,
): Uint8ClampedArray {
  const columns = weightsOf(width, size.width, filter, region.left, region.width);
  const rows = weightsOf(height, size.height, filter, region.top, region.height);
  const last = region.height - 1;
  const firstRow = rows.starts[0] ?? 0;
  const endRow = (rows.starts[last] ?? 0) + (rows.counts[last] ?? 0);
  const narrowed = resampleRows(data, width, firstRow, endRow, columns);
  return resampleColumns(narrowed, region.width * 3, firstRow, rows);
}

/** The horizontal pass, over the rows that the vertical one needs. */
function resampleRows(
  data: Uint8Array,
  width: number,
  firstRow: number,
  endRow: number,
  { starts, counts, values, size }: Weights,
): Uint8ClampedArray {
  const columns = starts.length;
  const result = new Uint8ClampedArray((endRow - firstRow) * columns * 3);
  let at = 0;
  for (let row = firstRow; row < endRow; row++) {
    for (let column = 0; column < columns; column++) {
      let pixel = (row * width + (starts[column] as number)) * 3;
      let weight = column * size;
      const end = weight + (counts[column] as number);
      let red = half;
      let green = half;
      let blue = half;
      for (; weight < end; weight++) {
        const value = values[weight] as number;
        red = (red + Math.imul(data[pixel] as number, value)) | 0;
        green = (green + Math.imul(data[pixel + 1] as number, value)) | 0;
        blue = (blue + Math.imul(data[pixel + 2] as number, value)) | 0;
        pixel += 3;
      }
      // The array brings what is below 0 or above 255 back between.
      result[at] = red >> precisionBits;
      result[at + 1] = green >> precisionBits;
      result[at + 2] = blue >> precisionBits;
      at += 3;
    }
  }
  return result;
}

/** The vertical pass. */
function resampleColumns(
  data: Uint8ClampedArray,
  rowBytes: number,
  firstRow: number,
  { starts, counts, values, size }: Weights,
): Uint8ClampedArray {
  const result = new Uint8ClampedArray(starts.length * rowBytes);
  const sums = new Int32Array(rowBytes);
  for (let row = 0; row < starts.length; row++) {
    sums.fill(half);
    for (let tap = 0; tap < (counts[row] as number); tap++) {
      const value = values[row * size + tap] as number;
      const source = ((starts[row] as number) - firstRow + tap) * rowBytes;
      for (let index = 0; index < rowBytes; index++) {
        sums[index] = ((sums[index] as number) + Math.imul(data[source + index] as number, value)) | 0;
      }
    }
    const target = row * rowBytes;
    for (let index = 0; index < rowBytes; index++) {
      result[target + index] = (sums[index] as number) >> precisionBits;
    }
  }
  return result;
}
