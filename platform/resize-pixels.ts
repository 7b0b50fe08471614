import type { Pixels } from './ports/pixels.ts';

/** Where one pixel of the result comes from along one side: weights of the pixels from `first` on. */
interface Tap {
  readonly first: number;
  readonly weights: Float32Array;
}

/**
 * The weights of a triangle filter that is as wide as a pixel of the result: linear interpolation where a picture
 * gets larger, and a weighted mean without aliasing where it gets smaller.
 */
function tapsOf(from: number, to: number): Tap[] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, index) => {
    const centre = (index + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach));
    const last = Math.min(from - 1, Math.ceil(centre + reach) - 1);
    const weights = new Float32Array(Math.max(1, last - first + 1));
    let sum = 0;
    for (let place = 0; place < weights.length; place++) {
      const weight = Math.max(0, 1 - Math.abs((first + place + 0.5 - centre) / reach));
      weights[place] = weight;
      sum += weight;
    }
    if (sum === 0) weights[0] = sum = 1;
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/**
 * A copy of a picture in another size. Only a band of rows is held beside the picture and the copy.
 *
 * @param width and `height` of the copy, in whole pixels from 1.
 */
export function resizePixels(pixels: Pixels, width: number, height: number): Pixels {
  if (width === pixels.width && height === pixels.height) return pixels;
  const across = tapsOf(pixels.width, width);
  const down = tapsOf(pixels.height, height);
  const data = new Uint8Array(width * height * 3);
  /** Rows of the original in the new width, for as long as they are needed. */
  const rows = new Map<number, Float32Array>();
  const rowOf = (y: number): Float32Array => {
    let row = rows.get(y);
    if (row === undefined) {
      row = narrow(pixels, y, across);
      rows.set(y, row);
    }
    return row;
  };
  const sums = new Float32Array(width * 3);
  for (const [y, { first, weights }] of down.entries()) {
    for (const known of rows.keys()) if (known < first) rows.delete(known);
    sums.fill(0);
    for (let place = 0; place < weights.length; place++) {
      const weight = weights[place] ?? 0;
      if (weight === 0) continue;
      const row = rowOf(first + place);
      for (let index = 0; index < sums.length; index++) {
        sums[index] = (sums[index] ?? 0) + weight * (row[index] ?? 0);
      }
    }
    for (let index = 0; index < sums.length; index++) {
      data[y * width * 3 + index] = Math.min(255, Math.round(sums[index] ?? 0));
    }
  }
  return { width, height, data };
}

function narrow({ width, data }: Pixels, y: number, across: readonly Tap[]): Float32Array {
  const row = new Float32Array(across.length * 3);
  const start = y * width * 3;
  for (let x = 0; x < across.length; x++) {
    const tap = across[x];
    if (tap === undefined) continue;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let place = 0, at = start + tap.first * 3; place < tap.weights.length; place++, at += 3) {
      const weight = tap.weights[place] ?? 0;
      red += weight * (data[at] ?? 0);
      green += weight * (data[at + 1] ?? 0);
      blue += weight * (data[at + 2] ?? 0);
    }
    row[x * 3] = red;
    row[x * 3 + 1] = green;
    row[x * 3 + 2] = blue;
  }
  return row;
}

/** The picture, made smaller where its longer side has more than `maxSide` pixels. */
export function shrinkPixels(pixels: Pixels, maxSide: number): Pixels {
  const scale = maxSide / Math.max(pixels.width, pixels.height);
  if (scale >= 1) return pixels;
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return resizePixels(pixels, side(pixels.width), side(pixels.height));
}
