import type { Frame } from '../../../platform/ports/media-decoder.ts';
import type { Pixels } from '../../../platform/ports/pixels.ts';
import { differenceOf, type FrameMeasures, measureFrame } from './measure-frame.ts';

/** What is seen without a cut, or a part of it. */
export interface Shot {
  readonly startMs: number;
  readonly endMs: number;
  /** Its frames, in order. */
  readonly frames: readonly Pixels[];
  /** The frame that stands for it: of those that are most like all of it, the sharpest. */
  readonly key: Pixels;
}

/** A shot that goes on for longer is given in parts, so that what is found is a place that one can look at. */
const mostFrames = 30;
/** Frames that differ by less are never a cut, however still it was before. */
const leastDifference = 0.03;
/** A cut differs so many times as much as frames of the shot have differed lately. */
const factor = 3;
/** So many differences are looked back on. */
const memory = 8;
/** What frames of a shot are taken to differ by before that is known, with the weight of so many frames. */
const expected = { difference: 0.04, weight: 2 };

interface Seen {
  readonly frame: Frame;
  readonly measures: FrameMeasures;
}

/**
 * Cuts a film into shots where a frame differs from the one before by much more than frames have done lately: the
 * threshold adapts to how lively the film is (Y. Yusoff, W. Christmas and J. Kittler, Video shot cut detection using
 * adaptive thresholding, BMVC 2000; here with only what came before, so that a film need not be held). Where a shot
 * begins depends on nothing that comes later: a film that is changed in one place has the same shots before it.
 *
 * Holds the frames of one shot, of which there are at most 30.
 *
 * @param frames in order.
 * @param stepMs from one frame to the next.
 */
export async function* cutShots(frames: AsyncIterable<Frame>, stepMs: number): AsyncGenerator<Shot> {
  let seen: Seen[] = [];
  let differences: number[] = [];
  for await (const frame of frames) {
    const measures = measureFrame(frame.pixels);
    const last = seen.at(-1);
    if (last !== undefined) {
      const difference = differenceOf(last.measures, measures);
      const isCut = difference >= thresholdOf(differences);
      if (isCut || seen.length === mostFrames) {
        yield shotOf(seen, frame.atMs);
        seen = [];
      }
      differences = isCut ? [] : [...differences, difference].slice(-memory);
    }
    seen.push({ frame, measures });
  }
  const end = seen.at(-1);
  if (end !== undefined) yield shotOf(seen, end.frame.atMs + stepMs);
}

function thresholdOf(differences: readonly number[]): number {
  const sum = differences.reduce((total, difference) => total + difference, 0);
  const usual = (sum + expected.difference * expected.weight) / (differences.length + expected.weight);
  return Math.max(leastDifference, factor * usual);
}

function shotOf(seen: readonly Seen[], endMs: number): Shot {
  return {
    startMs: seen[0]?.frame.atMs ?? 0,
    endMs,
    frames: seen.map(({ frame }) => frame.pixels),
    key: keyOf(seen).frame.pixels,
  };
}

/** Of the half that is nearest to the mean of all, the sharpest. */
function keyOf(seen: readonly Seen[]): Seen {
  const mean = {
    histogram: meanOf(seen.map(({ measures }) => measures.histogram)),
    cells: meanOf(seen.map(({ measures }) => measures.cells)),
  };
  const byDistance = seen
    .map((one) => ({ one, distance: differenceOf(one.measures, mean) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, Math.ceil(seen.length / 2));
  const [first, ...others] = byDistance.map(({ one }) => one);
  if (first === undefined) throw new Error('A shot without a frame.');
  return others.reduce((best, one) => (one.measures.sharpness > best.measures.sharpness ? one : best), first);
}

function meanOf(lists: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(lists[0]?.length ?? 0);
  for (const list of lists) {
    for (let index = 0; index < mean.length; index++) {
      mean[index] = (mean[index] ?? 0) + (list[index] ?? 0) / lists.length;
    }
  }
  return mean;
}
