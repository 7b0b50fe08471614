import type { Pixels } from '../ports/pixels.ts';
import { resizePixels } from '../resize-pixels.ts';

/** What a picture is for the detector. */
export interface DetectorInput {
  /** Shape [3, height, width], blue first, normalised. */
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Pixels of the input per pixel of the picture. */
  readonly scale: number;
}

/** The detector takes sides of multiples of this. */
const step = 32;
/** Around this many pixels of the longer side, small text is found and large pictures take bearable time. */
const minSide = 960;
const maxSide = 1920;
/** Letters do not get clearer when they are drawn out further. */
const maxEnlargement = 2;
/** So much of the picture's own border is drawn out around it: text that touches the border is found better. */
const margin = 16;

/** The means and deviations of red, green and blue that the detector was trained with. */
const mean = [0.485, 0.456, 0.406] as const;
const deviation = [0.229, 0.224, 0.225] as const;

/** Brings a picture to the size and the range of values of the detector. */
export function detectorInput(pixels: Pixels): DetectorInput {
  const longer = Math.max(pixels.width, pixels.height);
  const scale = longer < minSide ? Math.min(maxEnlargement, minSide / longer) : Math.min(1, maxSide / longer);
  const sideOf = (length: number) => Math.max(1, Math.round(length * scale));
  const resized = resizePixels(pixels, sideOf(pixels.width), sideOf(pixels.height));
  const width = Math.ceil((resized.width + 2 * margin) / step) * step;
  const height = Math.ceil((resized.height + 2 * margin) / step) * step;
  const data = new Float32Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.min(resized.height - 1, Math.max(0, y - margin)) * resized.width;
    for (let x = 0; x < width; x++) {
      const from = (row + Math.min(resized.width - 1, Math.max(0, x - margin))) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const value = (resized.data[from + channel] ?? 0) / 255;
        // Blue comes first: so the pictures of its training were read.
        data[((2 - channel) * height + y) * width + x] =
          (value - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
      }
    }
  }
  return { data, width, height, scale };
}

/** Where a place of the detector's input is in the picture. */
export const placeInPicture = (value: number, { scale }: Pick<DetectorInput, 'scale'>): number =>
  (value - margin) / scale;
