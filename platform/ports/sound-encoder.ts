import type { EncoderDescription } from './encoder.ts';

/** Turns sound into vectors: what sounds alike is near. */
export interface SoundEncoder extends AsyncDisposable {
  readonly description: EncoderDescription;
  /**
   * Encodes stretches of sound of at most 30 seconds each.
   *
   * @param windows 16 kHz, mono, -1 to 1.
   * @returns one Float32Array of shape [dimension] per stretch, L2-normalised, in the order given.
   */
  encode(windows: readonly Float32Array[], signal?: AbortSignal): Promise<Float32Array[]>;
}
