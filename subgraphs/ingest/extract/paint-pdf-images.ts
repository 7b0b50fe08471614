import type { Pixels } from '../../../platform/ports/pixels.ts';
import { resizePixels } from '../../../platform/resize-pixels.ts';
import type { Box } from '../../../platform/types.ts';
import type { PdfImage } from './pdf-image.ts';

/** The matrix [a b c d e f] that takes (x, y) to (a x + c y + e, b x + d y + f). */
export type Matrix = readonly [number, number, number, number, number, number];

/** The matrix that does first what `second` says, and then what `first` says, as PDF.js puts them together. */
export const multiply = (first: Matrix, second: Matrix): Matrix => [
  first[0] * second[0] + first[2] * second[1],
  first[1] * second[0] + first[3] * second[1],
  first[0] * second[2] + first[2] * second[3],
  first[1] * second[2] + first[3] * second[3],
  first[0] * second[4] + first[2] * second[5] + first[4],
  first[1] * second[4] + first[3] * second[5] + first[5],
];

/** A picture on a page. */
export interface PlacedImage {
  readonly image: PdfImage;
  /** From the unit square, in which pictures stand on their lower side, to points from the page's top left. */
  readonly matrix: Matrix;
  /** The colour of a mask: red, green and blue. */
  readonly colour: readonly [number, number, number];
}

export interface PageSize {
  readonly width: number;
  readonly height: number;
}

/** Where a picture stands on its page, as far as it is on it. */
export function boxOfImage({ matrix: [a, b, c, d, e, f] }: PlacedImage, page: PageSize): Box {
  const within = (value: number) => (Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0);
  const left = within((e + Math.min(0, a) + Math.min(0, c)) / page.width);
  const top = within((f + Math.min(0, b) + Math.min(0, d)) / page.height);
  const right = within((e + Math.max(0, a) + Math.max(0, c)) / page.width);
  const bottom = within((f + Math.max(0, b) + Math.max(0, d)) / page.height);
  return { left, top, width: right - left, height: bottom - top };
}

/**
 * Paints pictures as they stand on their page: strips of a scanner beside each other, masks of letters over a
 * background, each the right way up.
 *
 * @param window the part of the page that is painted, as fractions of it.
 * @param maxSide the longer side of what is painted has at most so many pixels.
 */
export function paintPdfImages(
  images: readonly PlacedImage[],
  window: Box,
  page: PageSize,
  maxSide: number,
): Pixels {
  const widthInPoints = Math.max(1e-3, window.width * page.width);
  const heightInPoints = Math.max(1e-3, window.height * page.height);
  // As fine as the finest of the pictures is.
  const finest = Math.max(...images.map(pixelsPerPoint), 1e-3);
  const scale = Math.min(finest, maxSide / Math.max(widthInPoints, heightInPoints));
  const width = Math.max(1, Math.round(widthInPoints * scale));
  const height = Math.max(1, Math.round(heightInPoints * scale));
  const data = new Uint8Array(width * height * 3).fill(255);
  const toCanvas: Matrix = [
    ...([width / widthInPoints, 0, 0, height / heightInPoints] as const),
    ...([
      -window.left * page.width * (width / widthInPoints),
      -window.top * page.height * (height / heightInPoints),
    ] as const),
  ];
  const canvas = { width, height, data };
  for (const placed of images) paint(canvas, placed, multiply(toCanvas, placed.matrix));
  return canvas;
}

function pixelsPerPoint({ image, matrix: [a, b, c, d] }: PlacedImage): number {
  const finest = Math.max(image.width / Math.hypot(a, b), image.height / Math.hypot(c, d));
  return Number.isFinite(finest) ? finest : 0;
}

function paint(canvas: Pixels, { image, colour }: PlacedImage, [a, b, c, d, e, f]: Matrix): void {
  const determinant = a * d - b * c;
  if (!Number.isFinite(determinant) || Math.abs(determinant) < 1e-9) return;
  const { pixels, coverage, isMask } = image;
  // In the size in which it is seen, so that nothing is lost between the pixels of the canvas.
  const width = Math.min(pixels.width, Math.max(1, Math.round(Math.hypot(a, b))));
  const height = Math.min(pixels.height, Math.max(1, Math.round(Math.hypot(c, d))));
  const seen = resizePixels(pixels, width, height);
  const covered = coverage && resizePixels(spread(pixels.width, pixels.height, coverage), width, height).data;
  const from = (value: number, limit: number) => Math.min(limit, Math.max(0, Math.floor(value)));
  const left = from(e + Math.min(0, a) + Math.min(0, c), canvas.width);
  const right = from(e + Math.max(0, a) + Math.max(0, c) + 1, canvas.width);
  const top = from(f + Math.min(0, b) + Math.min(0, d), canvas.height);
  const bottom = from(f + Math.max(0, b) + Math.max(0, d) + 1, canvas.height);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const dx = x + 0.5 - e;
      const dy = y + 0.5 - f;
      const u = (d * dx - c * dy) / determinant;
      const v = (a * dy - b * dx) / determinant;
      if (u < 0 || u >= 1 || v < 0 || v >= 1) continue;
      const at = Math.min(height - 1, Math.floor((1 - v) * height)) * width + Math.floor(u * width);
      const alpha = covered === null ? 1 : (covered[at * 3] ?? 0) / 255;
      const to = (y * canvas.width + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const painted = isMask ? (colour[channel] ?? 0) : (seen.data[at * 3 + channel] ?? 0);
        const below = canvas.data[to + channel] ?? 255;
        canvas.data[to + channel] = Math.round(painted * alpha + below * (1 - alpha));
      }
    }
  }
}

/** One value a pixel as a grey picture. */
function spread(width: number, height: number, values: Uint8Array): Pixels {
  const data = new Uint8Array(values.length * 3);
  for (const [index, value] of values.entries()) data.fill(value, index * 3, index * 3 + 3);
  return { width, height, data };
}
