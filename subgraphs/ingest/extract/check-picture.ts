import { tooManyPixels } from '../../../platform/pictures/picture-refusals.ts';
import { pictureSize } from '../../../platform/pictures/picture-size.ts';
import { readSvg } from '../../../platform/pictures/read-svg.ts';
import type { Inspected } from '../types.ts';

/**
 * Refuses what can be told of a picture without decoding it: that it is too large, by its header, or that it is an SVG which
 * refers to what is outside of it.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `TOO_MANY_PIXELS`, `EXTERNAL_REFERENCE` or `BROKEN_PICTURE`.
 */
export function checkPicture({ mediaType, bytes, text }: Inspected): void {
  if (mediaType === 'image/svg+xml') {
    readSvg(text ?? '');
    return;
  }
  const size = mediaType.startsWith('image/') ? pictureSize(bytes) : null;
  const refusal = size && tooManyPixels(size.width, size.height);
  if (refusal) throw refusal;
}
