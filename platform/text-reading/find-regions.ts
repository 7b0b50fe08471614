import { type Point, smallestRectangle } from './smallest-rectangle.ts';
import type { TextRegion } from './text-region.ts';

/** From this probability on a pixel is taken for text. */
const pixelThreshold = 0.3;
/** A region in which the mean probability is less is none. */
const regionThreshold = 0.5;
/** The detector is trained on text that is shrunk; by so much of area over perimeter what it finds grows again. */
const growth = 1.6;
/** Anything thinner is noise, before and after it has grown, in pixels. */
const minThickness = 2;
const minGrownThickness = 5;
/** No picture has more lines than can be read in bearable time. */
const maxRegions = 2000;

/** A stretch of text pixels in one row, the last one included. */
interface Run {
  readonly y: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the lines of text in the probability map of a DB detector: connected pixels over a threshold, the smallest
 * rectangle around each, grown again to what the shrunken text of the training stood for (Liao et al., "Real-time
 * Scene Text Detection with Differentiable Binarization", 2020, section 3.5).
 *
 * @param probabilities of shape [height, width], 0 to 1.
 */
export function findRegions(probabilities: Float32Array, width: number, height: number): TextRegion[] {
  const regions: TextRegion[] = [];
  for (const runs of connected(probabilities, width, height)) {
    const rectangle = smallestRectangle(outlineOf(runs));
    const { length, thickness } = rectangle;
    if (Math.min(length, thickness) < minThickness) continue;
    if (meanWithin(rectangle, probabilities, width, height) < regionThreshold) continue;
    const distance = (length * thickness * growth) / (2 * (length + thickness));
    const grown = {
      ...rectangle,
      length: length + 2 * distance,
      thickness: thickness + 2 * distance,
    };
    if (Math.min(grown.length, grown.thickness) < minGrownThickness) continue;
    regions.push(grown);
    if (regions.length === maxRegions) break;
  }
  return regions;
}

/** The groups of runs that touch, also over corners. */
function connected(probabilities: Float32Array, width: number, height: number): Run[][] {
  const runs: Run[] = [];
  /** For each run another one of its group; itself for the one that stands for the group. */
  const parents: number[] = [];
  const find = (index: number): number => {
    let root = index;
    while (parents[root] !== root) root = parents[root] ?? root;
    parents[index] = root;
    return root;
  };
  let above: readonly number[] = [];
  for (let y = 0; y < height; y++) {
    const row: number[] = [];
    let next = 0;
    for (let x = 0; x < width; x++) {
      if ((probabilities[y * width + x] ?? 0) <= pixelThreshold) continue;
      const start = x;
      while (x < width && (probabilities[y * width + x] ?? 0) > pixelThreshold) x++;
      const run = { y, start, end: x - 1 };
      const index = runs.push(run) - 1;
      parents.push(index);
      row.push(index);
      // Runs of the row above that end before this one begins touch none of the later ones either.
      while (next < above.length && (runs[above[next] ?? 0]?.end ?? 0) < run.start - 1) next++;
      for (let place = next; place < above.length; place++) {
        const other = above[place] ?? 0;
        if ((runs[other]?.start ?? 0) > run.end + 1) break;
        parents[find(index)] = find(other);
      }
    }
    above = row;
  }
  const groups = new Map<number, Run[]>();
  for (const [index, run] of runs.entries()) {
    const root = find(index);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [run]);
    else group.push(run);
  }
  return [...groups.values()];
}

/** The corners of the ends of all runs. */
const outlineOf = (runs: readonly Run[]): Point[] =>
  runs.flatMap(({ y, start, end }) => [
    { x: start, y },
    { x: start, y: y + 1 },
    { x: end + 1, y },
    { x: end + 1, y: y + 1 },
  ]);

function meanWithin(
  { centreX, centreY, length, thickness, angle }: TextRegion,
  probabilities: Float32Array,
  width: number,
  height: number,
): number {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const halfWidth = (Math.abs(length * cos) + Math.abs(thickness * sin)) / 2;
  const halfHeight = (Math.abs(length * sin) + Math.abs(thickness * cos)) / 2;
  let sum = 0;
  let count = 0;
  const lastY = Math.min(height - 1, Math.ceil(centreY + halfHeight));
  const lastX = Math.min(width - 1, Math.ceil(centreX + halfWidth));
  for (let y = Math.max(0, Math.floor(centreY - halfHeight)); y <= lastY; y++) {
    for (let x = Math.max(0, Math.floor(centreX - halfWidth)); x <= lastX; x++) {
      const dx = x + 0.5 - centreX;
      const dy = y + 0.5 - centreY;
      if (Math.abs(dx * cos + dy * sin) > length / 2 || Math.abs(dy * cos - dx * sin) > thickness / 2)
        continue;
      sum += probabilities[y * width + x] ?? 0;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}
