import type { Pixels } from '../ports/pixels.ts';
import type { ReadLine } from '../ports/text-reader.ts';
import { cutLine, type LineInput, lineWidth } from './cut-line.ts';
import { type DecodedLine, decodeLine } from './decode-line.ts';
import { detectorInput, placeInPicture } from './detector-input.ts';
import { findRegions } from './find-regions.ts';
import type { TextModels } from './open-text-models.ts';
import { orderLines } from './order-lines.ts';
import { boxOfRegion, type TextRegion, turned } from './text-region.ts';

/** What is read with less confidence is mostly no text at all. */
const minConfidence = 0.5;
/** A line that is read with less may stand on its head. */
const doubtful = 0.75;
/** A region that is so many times as high as wide is mostly read upwards or downwards. */
const uprightFrom = 1.5;
/** The most pixels of width, filled up ones counted, and the most lines that are recognised together. */
const batchWidth = 4096;
const batchLines = 8;

/**
 * Reads a picture: finds its lines, cuts each out straight, recognises them and puts them into reading order.
 *
 * @param characters what the recogniser's classes stand for.
 * @param isWanted asked between the steps; where it says no, the work ends.
 * @returns null where the work was ended.
 */
export async function readPicture(
  pixels: Pixels,
  models: TextModels,
  characters: readonly string[],
  isWanted: () => boolean,
): Promise<ReadLine[] | null> {
  const regions = await detectRegions(pixels, models);
  const best = new Map<TextRegion, DecodedLine & { readonly quarters: number }>();

  /** Reads regions in the directions given, and keeps what is read with the most confidence. */
  async function recognise(attempts: readonly { region: TextRegion; quarters: number }[]): Promise<boolean> {
    const widthOf = ({ region, quarters }: (typeof attempts)[number]) => lineWidth(turned(region, quarters));
    const sorted = [...attempts].sort((a, b) => widthOf(a) - widthOf(b));
    while (sorted.length > 0) {
      if (!isWanted()) return false;
      const batch: { region: TextRegion; quarters: number; input: LineInput }[] = [];
      for (let next = sorted[0]; next !== undefined; next = sorted[0]) {
        const { region, quarters } = next;
        const input = cutLine(pixels, turned(region, quarters));
        if (batch.length > 0 && (batch.length + 1) * input.width > batchWidth) break;
        sorted.shift();
        batch.push({ region, quarters, input });
        if (batch.length === batchLines) break;
      }
      const { lines, steps, classes } = await models.recognise(batch.map(({ input }) => input));
      if (classes !== characters.length + 1) {
        throw new Error(
          `The recogniser tells ${classes - 1} characters apart, but ${characters.length} are listed.`,
        );
      }
      for (const [row, { region, quarters }] of batch.entries()) {
        const probabilities = lines[row];
        if (probabilities === undefined) throw new Error('The recogniser gave fewer lines than it got.');
        const line = decodeLine(probabilities, steps, classes, characters);
        const known = best.get(region);
        if (known === undefined || line.confidence > known.confidence)
          best.set(region, { ...line, quarters });
      }
    }
    return true;
  }

  const isTall = ({ length, thickness }: TextRegion) => thickness >= uprightFrom * length;
  const first = regions.flatMap((region) =>
    (isTall(region) ? [0, 1, 3] : [0]).map((quarters) => ({ region, quarters })),
  );
  if (!(await recognise(first))) return null;
  const again = regions.filter((region) => !isTall(region) && (best.get(region)?.confidence ?? 0) < doubtful);
  if (!(await recognise(again.map((region) => ({ region, quarters: 2 }))))) return null;

  let onHead = 0;
  const lines = regions.flatMap((region): ReadLine[] => {
    const { text = '', confidence = 0, quarters = 0 } = best.get(region) ?? {};
    const clean = text.replace(/\s+/g, ' ').trim();
    // Shapes are sometimes taken for signs.
    if (!/[\p{L}\p{N}]/u.test(clean) || confidence < minConfidence) return [];
    if (quarters === 2) onHead++;
    return [{ text: clean, box: boxOfRegion(region, pixels), confidence }];
  });
  const aspect = pixels.width / pixels.height;
  return onHead > lines.length / 2
    ? orderLines(lines.map(onItsHead), aspect).map(onItsHead)
    : orderLines(lines, aspect);
}

/** The line where it is when the picture is turned by half. */
const onItsHead = ({ box, ...line }: ReadLine): ReadLine => ({
  ...line,
  box: { ...box, left: 1 - box.left - box.width, top: 1 - box.top - box.height },
});

async function detectRegions(pixels: Pixels, models: TextModels): Promise<TextRegion[]> {
  const input = detectorInput(pixels);
  const probabilities = await models.detect(input);
  return findRegions(probabilities, input.width, input.height).map((region) => ({
    ...region,
    centreX: placeInPicture(region.centreX, input),
    centreY: placeInPicture(region.centreY, input),
    length: region.length / input.scale,
    thickness: region.thickness / input.scale,
  }));
}
