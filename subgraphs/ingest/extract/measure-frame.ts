import type { Pixels } from '../../../platform/ports/pixels.ts';

/** What frames are compared by. */
export interface FrameMeasures {
  /** 16 bins for each of red, green and blue: shares of the pixels, each channel adding up to 1. */
  readonly histogram: Float32Array;
  /** The mean brightness, 0 to 1, of the cells of a grid of 16 by 9. */
  readonly cells: Float32Array;
  /** The variance of the Laplacian of the brightness: higher where edges are sharp. */
  readonly sharpness: number;
}

const bins = 16;
const columns = 16;
const rows = 9;

/**
 * Measures a frame: its colours and their rough places, for cuts, and its sharpness, for choosing what is shown
 * (J. Pech-Pacheco et al., Diatom autofocusing in brightfield microscopy, 2000: variance of the Laplacian).
 */
export function measureFrame({ width, height, data }: Pixels): FrameMeasures {
  const histogram = new Float32Array(3 * bins);
  const sums = new Float64Array(columns * rows);
  const counts = new Float64Array(columns * rows);
  const brightness = new Float32Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height) * columns;
    for (let x = 0; x < width; x++, at++) {
      const red = data[at * 3] ?? 0;
      const green = data[at * 3 + 1] ?? 0;
      const blue = data[at * 3 + 2] ?? 0;
      add(histogram, red >> 4, 1);
      add(histogram, bins + (green >> 4), 1);
      add(histogram, 2 * bins + (blue >> 4), 1);
      // The brightness of ITU-R BT.601.
      const light = 0.299 * red + 0.587 * green + 0.114 * blue;
      brightness[at] = light;
      const cell = row + Math.floor((x * columns) / width);
      add(sums, cell, light);
      add(counts, cell, 1);
    }
  }
  return {
    histogram: histogram.map((count) => count / (width * height)),
    cells: Float32Array.from(sums, (sum, index) => sum / 255 / (counts[index] || 1)),
    sharpness: varianceOfLaplacian(brightness, width, height),
  };
}

function add(to: Float32Array | Float64Array, index: number, value: number): void {
  to[index] = (to[index] ?? 0) + value;
}

function varianceOfLaplacian(brightness: Float32Array, width: number, height: number): number {
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1, at = y * width + 1; x < width - 1; x++, at++) {
      const around =
        (brightness[at - 1] ?? 0) +
        (brightness[at + 1] ?? 0) +
        (brightness[at - width] ?? 0) +
        (brightness[at + width] ?? 0);
      const value = around - 4 * (brightness[at] ?? 0);
      sum += value;
      squares += value * value;
      count++;
    }
  }
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}

/**
 * How much two frames differ, 0 to 1: the mean of how little their histograms have in common (M. Swain and D. Ballard,
 * Color indexing, 1991) and of how much the brightness of the same places differs.
 */
export function differenceOf(
  one: Pick<FrameMeasures, 'histogram' | 'cells'>,
  other: Pick<FrameMeasures, 'histogram' | 'cells'>,
): number {
  let common = 0;
  for (const [index, share] of one.histogram.entries())
    common += Math.min(share, other.histogram[index] ?? 0);
  let apart = 0;
  for (const [index, light] of one.cells.entries()) apart += Math.abs(light - (other.cells[index] ?? 0));
  return (1 - common / 3 + apart / one.cells.length) / 2;
}
