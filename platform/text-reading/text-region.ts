import type { Box } from '../types.ts';

/** A rectangle around one line of text, in pixels of a picture; it may be turned. */
export interface TextRegion {
  readonly centreX: number;
  readonly centreY: number;
  /** Along the direction of reading. */
  readonly length: number;
  /** Across it. */
  readonly thickness: number;
  /** The direction of reading: 0 to the right, and clockwise as the picture is seen, in radians. */
  readonly angle: number;
}

/** The same rectangle, read in a direction that is so many quarter turns further, clockwise. */
export function turned(region: TextRegion, quarters: number): TextRegion {
  const { length, thickness } = region;
  return {
    ...region,
    ...(quarters % 2 === 0 ? {} : { length: thickness, thickness: length }),
    angle: region.angle + (quarters * Math.PI) / 2,
  };
}

/** The upright rectangle around a region, as fractions of the picture. */
export function boxOfRegion(
  { centreX, centreY, length, thickness, angle }: TextRegion,
  { width, height }: { readonly width: number; readonly height: number },
): Box {
  const halfWidth = (Math.abs(length * Math.cos(angle)) + Math.abs(thickness * Math.sin(angle))) / 2;
  const halfHeight = (Math.abs(length * Math.sin(angle)) + Math.abs(thickness * Math.cos(angle))) / 2;
  const within = (value: number) => Math.min(1, Math.max(0, value));
  const left = within((centreX - halfWidth) / width);
  const top = within((centreY - halfHeight) / height);
  return {
    left,
    top,
    width: within((centreX + halfWidth) / width) - left,
    height: within((centreY + halfHeight) / height) - top,
  };
}
