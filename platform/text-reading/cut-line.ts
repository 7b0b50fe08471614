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
/**
 * So much of a line's height is taken in around it. Cut closely, one character in twenty was read wrongly, most of
 * them spaces; with this margin one in four hundred, also where lines stand closely below each other.
 */
const margin = 0.35;

/** How wide a line is for the recogniser. */
export function lineWidth({ length, thickness }: TextRegion): number {
  const ratio = (length + margin * thickness) / (thickness * (1 + margin));
  return Math.min(maxWidth, Math.max(minWidth, Math.round(lineHeight * ratio)));
}

/**
 * Cuts a line of text out of a picture: straight, its first letter left, of the recogniser's height. Between pixels
 * colours are interpolated by cubic convolution (Keys, 1981), over more of them where the line is made smaller.
 */
export function cutLine(pixels: Pixels, region: TextRegion): LineInput {
  const width = lineWidth(region);
  const length = region.length + margin * region.thickness;
  const thickness = region.thickness * (1 + margin);
  const cos = Math.cos(region.angle);
  const sin = Math.sin(region.angle);
  const scale = Math.max(1, thickness / lineHeight);
  const data = new Float32Array(3 * lineHeight * width);
  const plane = lineHeight * width;
  const taps = Math.ceil(4 * scale) + 1;
  const across = new Float32Array(taps);
  const down = new Float32Array(taps);
  for (let y = 0; y < lineHeight; y++) {
    const v = ((y + 0.5) / lineHeight - 0.5) * thickness;
    for (let x = 0; x < width; x++) {
      const u = ((x + 0.5) / width - 0.5) * length;
      const left = weigh(across, region.centreX + u * cos - v * sin - 0.5, scale);
      const top = weigh(down, region.centreY + u * sin + v * cos - 0.5, scale);
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let i = 0; i < taps; i++) {
        const byRow = down[i] ?? 0;
        if (byRow === 0) continue;
        // Outside of the picture its border goes on.
        const row = Math.min(pixels.height - 1, Math.max(0, top + i)) * pixels.width;
        for (let j = 0; j < taps; j++) {
          const weight = byRow * (across[j] ?? 0);
          if (weight === 0) continue;
          const at = (row + Math.min(pixels.width - 1, Math.max(0, left + j))) * 3;
          red += weight * (pixels.data[at] ?? 0);
          green += weight * (pixels.data[at + 1] ?? 0);
          blue += weight * (pixels.data[at + 2] ?? 0);
        }
      }
      const place = y * width + x;
      data[place] = scaled(blue);
      data[plane + place] = scaled(green);
      data[2 * plane + place] = scaled(red);
    }
  }
  return { data, width };
}

/** A colour from 0 to 255 as the recogniser takes it. */
const scaled = (colour: number): number => Math.min(1, Math.max(-1, colour / 127.5 - 1));

/** Fills in the weights of the pixels around a place; their sum is 1. @returns the first of these pixels. */
function weigh(weights: Float32Array, place: number, scale: number): number {
  const first = Math.ceil(place - 2 * scale);
  let sum = 0;
  for (let index = 0; index < weights.length; index++) {
    const weight = cubic(Math.abs(first + index - place) / scale);
    weights[index] = weight;
    sum += weight;
  }
  for (let index = 0; index < weights.length; index++) weights[index] = (weights[index] ?? 0) / sum;
  return first;
}

function cubic(distance: number): number {
  if (distance >= 2) return 0;
  if (distance >= 1) return ((-0.5 * distance + 2.5) * distance - 4) * distance + 2;
  return (1.5 * distance - 2.5) * distance * distance + 1;
}
