import type { Pixels } from '../ports/pixels.ts';
import type { TextRegion } from './text-region.ts';

/** One line as the recogniser takes it. */
export interface LineInput {
  /** Shape [3, lineHeight, width], blue first, -1 to 1. */
  readonly data: Float32Array;
  readonly width: number;
}

/** The recogniser takes lines of this height. */
export const lineHeight = 48;
const minWidth = 16;
/** A longer one is squeezed. */
const maxWidth = 3200;

/** Cuts a line of text out of a picture: straight, its first letter left, of the recogniser's height. */
export function cutLine(pixels: Pixels, region: TextRegion): LineInput {
  const { centreX, centreY, length, thickness, angle } = region;
  const width = Math.min(maxWidth, Math.max(minWidth, Math.round((lineHeight * length) / thickness)));
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  // Several samples a pixel where the line is made smaller, so that no stroke falls between them.
  const samples = Math.max(1, Math.min(8, Math.round(thickness / lineHeight)));
  const data = new Float32Array(3 * lineHeight * width);
  const colour = new Float32Array(3);
  for (let y = 0; y < lineHeight; y++) {
    for (let x = 0; x < width; x++) {
      colour.fill(0);
      for (let sample = 0; sample < samples * samples; sample++) {
        const u = x + ((sample % samples) + 0.5) / samples;
        const v = y + (Math.floor(sample / samples) + 0.5) / samples;
        const along = (u / width - 0.5) * length;
        const across = (v / lineHeight - 0.5) * thickness;
        addColour(pixels, centreX + along * cos - across * sin, centreY + along * sin + across * cos, colour);
      }
      for (let channel = 0; channel < 3; channel++) {
        const value = (colour[channel] ?? 0) / (samples * samples * 255);
        data[((2 - channel) * lineHeight + y) * width + x] = (value - 0.5) / 0.5;
      }
    }
  }
  return { data, width };
}

/** Adds the colour at a place between pixels, interpolated; outside of the picture its border goes on. */
function addColour({ width, height, data }: Pixels, x: number, y: number, colour: Float32Array): void {
  const left = Math.min(width - 1, Math.max(0, x - 0.5));
  const top = Math.min(height - 1, Math.max(0, y - 0.5));
  const x0 = Math.floor(left);
  const y0 = Math.floor(top);
  const x1 = Math.min(width - 1, x0 + 1);
  const y1 = Math.min(height - 1, y0 + 1);
  const fx = left - x0;
  const fy = top - y0;
  for (let channel = 0; channel < 3; channel++) {
    const at = (row: number, column: number) => data[(row * width + column) * 3 + channel] ?? 0;
    const upper = at(y0, x0) * (1 - fx) + at(y0, x1) * fx;
    const lower = at(y1, x0) * (1 - fx) + at(y1, x1) * fx;
    colour[channel] = (colour[channel] ?? 0) + upper * (1 - fy) + lower * fy;
  }
}
