import type { EncodedPicture, Pixels } from './pixels.ts';

/** What the file of a picture says of itself. */
export interface DecodedPicture {
  /** The picture, made smaller where its longer side has more pixels than asked for. */
  readonly pixels: Pixels;
  /** The size of the original, upright. */
  readonly width: number;
  readonly height: number;
  /** What the file calls itself; null or left out where it says nothing. */
  readonly title?: string | null;
  /** What the file says it shows: its description or alternative text; null where it says nothing. */
  readonly caption: string | null;
  /** The text that an SVG draws, a line each; none for other formats, whose text must be read. */
  readonly lines?: readonly string[];
  /** How many pictures the file holds: a TIFF may have pages, of which the first is decoded. One where left out. */
  readonly pages?: number;
}

/**
 * Decodes the files of pictures, in a process of its own and with limits on time, memory and pixels: what breaks the
 * decoder breaks nothing else.
 */
export interface PictureDecoder extends AsyncDisposable {
  /**
   * Decodes JPEG, PNG, WebP, TIFF, GIF (its first frame), AVIF and SVG (nothing outside of it is loaded).
   *
   * @param options.maxSide the longer side of what is given has at most so many pixels.
   * @throws TributaryError `REJECTED_INPUT` with reason `BROKEN_PICTURE`, `TOO_MANY_PIXELS`, `EXTERNAL_REFERENCE` or
   * `TOO_SLOW`; the signal's reason when aborted.
   */
  decode(
    bytes: Uint8Array,
    options: { readonly maxSide: number },
    signal?: AbortSignal,
  ): Promise<DecodedPicture>;
  /**
   * The edges of a technical drawing, dark on white.
   *
   * @param options.always whether they are given of any picture; otherwise only of one that looks like a drawing.
   * @returns null where it does not look like one.
   */
  edges(pixels: Pixels, options: { readonly always: boolean }, signal?: AbortSignal): Promise<Pixels | null>;
  /** A small copy for showing, its longer side at most `maxSide`. */
  preview(
    pixels: Pixels,
    options: { readonly maxSide: number },
    signal?: AbortSignal,
  ): Promise<EncodedPicture>;
}
