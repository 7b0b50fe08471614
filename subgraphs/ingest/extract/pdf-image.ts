import type { Pixels } from '../../../platform/ports/pixels.ts';

/** A picture as PDF.js decodes it; a mask has no kind. */
export interface RawPdfImage {
  readonly width: number;
  readonly height: number;
  readonly kind?: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A decoded picture in the size in which it is looked at. */
export interface PdfImage {
  /** How many pixels the original has. */
  readonly width: number;
  readonly height: number;
  readonly pixels: Pixels;
  /** How much of each pixel is covered, 0 to 255: `width * height` bytes of `pixels`; null where all is. */
  readonly coverage: Uint8Array | null;
  /** Whether it has no colours of its own: it is painted with the colour of the moment. */
  readonly isMask: boolean;
}

/** The kinds of data: a bit a pixel, red green blue, and these with how much is covered. */
const bits = 1;
const rgb = 2;
const rgba = 3;

/**
 * A picture with its longer side between `maxSide` and twice that at most: squares of pixels are averaged while it is
 * read, so that beside what PDF.js decoded only the small copy takes memory.
 *
 * @returns null where the data is not what it says.
 */
export function readPdfImage(image: RawPdfImage, isMask: boolean, maxSide: number): PdfImage | null {
  const { width, height } = image;
  const readRow = rowReader(image, isMask);
  if (readRow === null) return null;
  const step = Math.max(1, Math.floor(Math.max(width, height) / maxSide));
  const columns = Math.ceil(width / step);
  const rows = Math.ceil(height / step);
  const hasCoverage = isMask || image.kind === rgba;
  const data = new Uint8Array(columns * rows * 3);
  const coverage = hasCoverage ? new Uint8Array(columns * rows) : null;
  const row = new Uint8Array(width * 4);
  const sums = new Float64Array(columns * 4);
  for (let y = 0; y < rows; y++) {
    sums.fill(0);
    const first = y * step;
    const last = Math.min(height, first + step);
    for (let source = first; source < last; source++) {
      readRow(source, row);
      for (let x = 0; x < width; x++) {
        const to = Math.floor(x / step) * 4;
        const alpha = row[x * 4 + 3] ?? 0;
        // Colours weigh by how much they cover: what is not seen gives no colour.
        sums[to] = (sums[to] ?? 0) + (row[x * 4] ?? 0) * alpha;
        sums[to + 1] = (sums[to + 1] ?? 0) + (row[x * 4 + 1] ?? 0) * alpha;
        sums[to + 2] = (sums[to + 2] ?? 0) + (row[x * 4 + 2] ?? 0) * alpha;
        sums[to + 3] = (sums[to + 3] ?? 0) + alpha;
      }
    }
    for (let x = 0; x < columns; x++) {
      const count = (last - first) * (Math.min(width, (x + 1) * step) - x * step);
      const covered = sums[x * 4 + 3] ?? 0;
      const to = y * columns + x;
      for (let channel = 0; channel < 3 && covered > 0; channel++) {
        data[to * 3 + channel] = Math.round((sums[x * 4 + channel] ?? 0) / covered);
      }
      if (coverage !== null) coverage[to] = Math.round(covered / count);
    }
  }
  return { width, height, pixels: { width: columns, height: rows, data }, coverage, isMask };
}

/** Reads one row as red, green, blue and how much is covered. */
function rowReader(
  { width, height, kind, data }: RawPdfImage,
  isMask: boolean,
): ((y: number, row: Uint8Array) => void) | null {
  if (!(width > 0) || !(height > 0)) return null;
  const bytesPerRow = Math.ceil(width / 8);
  if (isMask || kind === bits) {
    if (data.length < bytesPerRow * height) return null;
    return (y, row) => {
      for (let x = 0; x < width; x++) {
        const bit = ((data[y * bytesPerRow + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1;
        // A mask is painted where it has no bit.
        row.fill(isMask ? 0 : bit * 255, x * 4, x * 4 + 3);
        row[x * 4 + 3] = isMask && bit === 1 ? 0 : 255;
      }
    };
  }
  if (kind === rgba) {
    if (data.length < width * height * 4) return null;
    return (y, row) => row.set(data.subarray(y * width * 4, (y + 1) * width * 4));
  }
  if (kind !== rgb || data.length < width * height * 3) return null;
  return (y, row) => {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      row[x * 4] = data[from] ?? 0;
      row[x * 4 + 1] = data[from + 1] ?? 0;
      row[x * 4 + 2] = data[from + 2] ?? 0;
      row[x * 4 + 3] = 255;
    }
  };
}
