import type { Pixels } from '../ports/pixels.ts';
import { gradients, lightness } from './find-edges.ts';

/** What tells drawings from photographs, each as a share of pixels unless it says otherwise. */
export interface DrawingSigns {
  /** In the colour that most of the picture has. */
  readonly background: number;
  /** Of what is not background: on a clear edge. Lines are nothing but edges. */
  readonly lines: number;
  /** Of what is not background: neither on an edge nor in one flat colour. Photographs are full of this. */
  readonly shaded: number;
  /** The longest straight level or upright line, as a share of the picture's side. */
  readonly longest: number;
}

/** How far a channel may be from the background's colour to be of it, of 255. */
const near = 28;
/** Gradients of 255: below the first is flat, from the second on is an edge. */
const flatBelow = 8;
const edgeFrom = 40;

const minBackground = 0.5;
const minDrawn = 0.002;
const maxShaded = 0.34;
const minLines = 0.3;
const minLongest = 0.08;

/**
 * Whether a picture looks like a technical drawing or a diagram: one flat background, on it mostly lines with clear edges,
 * at least one of them long and straight, and next to nothing that is shaded. A page of mere text has no such line;
 * photographs and paintings have neither the background nor the flatness. It is a rule of thumb: whoever uploads a picture
 * can say better.
 */
export function isTechnicalDrawing(pixels: Pixels): boolean {
  const ground = groundOf(pixels);
  // Most photographs have no background, and need no closer look.
  if (ground.background < minBackground) return false;
  const { background, lines, shaded, longest } = signsOn(pixels, ground);
  return 1 - background >= minDrawn && shaded <= maxShaded && lines >= minLines && longest >= minLongest;
}

/** @param pixels of at least a few hundred a side, or lines run into each other. */
export const signsOf = (pixels: Pixels): DrawingSigns => signsOn(pixels, groundOf(pixels));

interface Ground {
  /** 1 for each pixel that is not background. */
  readonly drawn: Uint8Array;
  readonly count: number;
  readonly background: number;
}

function groundOf({ width, height, data }: Pixels): Ground {
  const [red, green, blue] = mostCommonColour(data);
  const drawn = new Uint8Array(width * height);
  let count = 0;
  for (let index = 0, at = 0; index < drawn.length; index++, at += 3) {
    const isNear =
      Math.abs((data[at] ?? 0) - red) <= near &&
      Math.abs((data[at + 1] ?? 0) - green) <= near &&
      Math.abs((data[at + 2] ?? 0) - blue) <= near;
    if (isNear) continue;
    drawn[index] = 1;
    count++;
  }
  return { drawn, count, background: 1 - count / drawn.length };
}

function signsOn(pixels: Pixels, { drawn, count, background }: Ground): DrawingSigns {
  const { width, height } = pixels;
  const sizes = gradients(lightness(pixels), width, height);
  let edges = 0;
  let shaded = 0;
  for (let index = 0; index < drawn.length; index++) {
    if (drawn[index] === 0) continue;
    const size = sizes[index] ?? 0;
    if (size >= edgeFrom) edges++;
    else if (size >= flatBelow) shaded++;
  }
  return {
    background,
    lines: count === 0 ? 0 : edges / count,
    shaded: count === 0 ? 0 : shaded / count,
    longest: Math.max(longestRun(drawn, width, height, false), longestRun(drawn, width, height, true)),
  };
}

/** The mean of the colours in the fullest of 16 × 16 × 16 boxes. */
function mostCommonColour(data: Uint8Array): [number, number, number] {
  const counts = new Uint32Array(4096);
  const boxAt = (at: number) =>
    (((data[at] ?? 0) >> 4) << 8) | (((data[at + 1] ?? 0) >> 4) << 4) | ((data[at + 2] ?? 0) >> 4);
  for (let at = 0; at < data.length; at += 3) {
    const box = boxAt(at);
    counts[box] = (counts[box] ?? 0) + 1;
  }
  let fullest = 0;
  for (let box = 1; box < counts.length; box++) {
    if ((counts[box] ?? 0) > (counts[fullest] ?? 0)) fullest = box;
  }
  const sums: [number, number, number] = [0, 0, 0];
  for (let at = 0; at < data.length; at += 3) {
    if (boxAt(at) !== fullest) continue;
    sums[0] += data[at] ?? 0;
    sums[1] += data[at + 1] ?? 0;
    sums[2] += data[at + 2] ?? 0;
  }
  const all = counts[fullest] || 1;
  return [sums[0] / all, sums[1] / all, sums[2] / all];
}

/** The longest row (or column) of drawn pixels that has background, or the picture's end, near it on both sides. */
function longestRun(drawn: Uint8Array, width: number, height: number, upright: boolean): number {
  const [length, breadth] = upright ? [height, width] : [width, height];
  const at = (along: number, across: number) =>
    across < 0 || across >= breadth
      ? 0
      : (drawn[upright ? along * width + across : across * width + along] ?? 0);
  let longest = 0;
  for (let across = 0; across < breadth; across++) {
    let run = 0;
    for (let along = 0; along < length; along++) {
      const isLine = at(along, across) === 1 && (at(along, across - 1) === 0 || at(along, across + 1) === 0);
      run = isLine ? run + 1 : 0;
      if (run > longest) longest = run;
    }
  }
  return longest / length;
}
