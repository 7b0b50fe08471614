import type { Pixels } from '../ports/pixels.ts';
import type { Preprocessing } from './preprocessing.ts';
import { resample } from './resample.ts';

/**
 * Makes of a picture what a visual encoder takes, as the reference does (`CLIPImageProcessor` of Hugging Face
 * transformers with Pillow): resized, the middle cut out (what is missing there is black), scaled and normalised.
 *
 * @param target where the values go, of shape [3, height, width]: all of red, then green, then blue.
 */
export function preprocess(picture: Pixels, config: Preprocessing, target: Float32Array): void {
  const { width, height } = config;
  const size = resizedTo(picture, config);
  // Where the crop begins in what is resized; below 0 where that is smaller than the crop.
  const left = config.crop ? Math.floor((size.width - width) / 2) : 0;
  const top = config.crop ? Math.floor((size.height - height) / 2) : 0;
  const region = {
    left: Math.max(0, left),
    top: Math.max(0, top),
    width: Math.min(width, size.width),
    height: Math.min(height, size.height),
  };
  const bytes = resample(picture, size, region, config.filter);
  const plane = width * height;
  for (let channel = 0; channel < 3; channel++) {
    const values = valuesOf(config, channel);
    const offset = channel * plane;
    if (region.width < width || region.height < height) {
      target.fill(values[0] ?? 0, offset, offset + plane);
    }
    for (let row = 0; row < region.height; row++) {
      let source = row * region.width * 3 + channel;
      const start = offset + (row + Math.max(0, -top)) * width + Math.max(0, -left);
      for (let at = start; at < start + region.width; at++) {
        target[at] = values[bytes[source] as number] as number;
        source += 3;
      }
    }
  }
}

/** The size of the whole picture once it is resized. */
function resizedTo({ width, height }: Pixels, { resize }: Preprocessing): { width: number; height: number } {
  if (resize === null) return { width, height };
  if (resize.kind === 'exact') return { width: resize.width, height: resize.height };
  const { edge } = resize;
  return width <= height
    ? { width: edge, height: Math.trunc((edge * height) / width) }
    : { width: Math.trunc((edge * width) / height), height: edge };
}

/** What each of the 256 values of a channel becomes; in single precision at each step, as in the reference. */
function valuesOf({ scale, mean, deviation }: Preprocessing, channel: number): Float32Array {
  const average = Math.fround(mean[channel] ?? 0);
  const spread = Math.fround(deviation[channel] ?? 1);
  return Float32Array.from(
    { length: 256 },
    (_, value) => Math.fround(Math.fround(value * scale) - average) / spread,
  );
}
