import { rejected, type TributaryError } from '../errors.ts';

/** The most pixels that a picture is decoded of: those of a large camera. */
export const maxPicturePixels = 40_000_000;

/** @returns null where the picture is small enough, or else the refusal. */
export function tooManyPixels(width: number, height: number, maxPixels = maxPicturePixels) {
  if (width * height <= maxPixels) return null;
  return rejected(
    'TOO_MANY_PIXELS',
    `The picture has ${width} × ${height} pixels; at most ${maxPixels} in all are taken. Send a smaller copy of it.`,
  );
}

/** The picture cannot be decoded; `why` goes on the sentence “The picture is broken”. */
export const brokenPicture = (why: string, cause?: unknown): TributaryError =>
  rejected(
    'BROKEN_PICTURE',
    `The picture is broken, or not what it seems: ${why}. Save or export it anew, and send that.`,
    { cause },
  );

/** An SVG refers to what is outside of it, or would run something; `what` names it. */
export const externalReference = (what: string): TributaryError =>
  rejected(
    'EXTERNAL_REFERENCE',
    `The SVG has ${what}. Nothing outside of the file is loaded and nothing in it is run. Export it with everything embedded, or as PNG.`,
  );
