import type { EncoderDescription } from './encoder.ts';
import type { Pixels } from './pixels.ts';

/** Turns pictures, and texts that are to be compared with pictures, into vectors of one space. */
export interface VisualEncoder extends AsyncDisposable {
  /** The fingerprint covers both towers and the preprocessing. */
  readonly description: EncoderDescription;
  /**
   * Encodes pictures; those of many callers are batched together.
   *
   * @param purpose `query`, for a picture that is searched with, goes before `passage`, the default.
   * @returns one Float32Array of shape [dimension] per picture, L2-normalised, in the order given.
   * @throws TributaryError `BUSY` when the queue is full; the signal's reason when aborted.
   */
  encodePictures(
    pictures: readonly Pixels[],
    signal?: AbortSignal,
    purpose?: 'query' | 'passage',
  ): Promise<Float32Array[]>;
  /** Encodes texts for the same space. @returns and @throws as `encodePictures`. */
  encodeTexts(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
}
