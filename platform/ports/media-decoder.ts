import type { Pixels } from './pixels.ts';

/** What the file of a recording or a film holds. */
export interface MediaProbe {
  /** Its length; null where the file does not say. */
  readonly durationMs: number | null;
  readonly hasSound: boolean;
  /** The size of its moving picture, upright; null where there is none (a cover picture is none). */
  readonly film: { readonly width: number; readonly height: number } | null;
  /** What the file says of itself. */
  readonly title: string | null;
  readonly author: string | null;
}

/** One still of a film. */
export interface Frame {
  /** Milliseconds from the beginning. */
  readonly atMs: number;
  readonly pixels: Pixels;
}

/** A recording or a film, in a file that only it knows of. Disposing ends what runs, and removes the file. */
export interface OpenMedia extends AsyncDisposable {
  readonly probe: MediaProbe;
  /**
   * The sound as stretches of at most `seconds` each, in order: 16 kHz, mono, -1 to 1. Decoded as it is asked for.
   *
   * @throws TributaryError `REJECTED_INPUT` with reason `BROKEN_MEDIA` where nothing of it can be decoded (what breaks off
   * later ends there), `TOO_LONG` or `TOO_SLOW`; the signal's reason when aborted.
   */
  sound(options: { readonly seconds: number }, signal?: AbortSignal): AsyncIterable<Float32Array>;
  /**
   * The frames, so many a second, in order, their longer side at most `maxSide`: at each point of the grid the one that
   * is seen then. Decoded as they are asked for. None where the file has no moving picture.
   *
   * @throws as `sound`.
   */
  frames(
    options: { readonly perSecond: number; readonly maxSide: number },
    signal?: AbortSignal,
  ): AsyncIterable<Frame>;
}

/** Decodes sound and film, in processes of its own with limits on time and memory. */
export interface MediaDecoder {
  /** The program that decodes and its version, for people. */
  readonly description: { readonly program: string };
  /**
   * @throws TributaryError `REJECTED_INPUT` with reason `BROKEN_MEDIA`, `TOO_LONG` or `TOO_MANY_PIXELS`; `BUSY` where there
   * is no room for the file; the signal's reason when aborted.
   */
  open(bytes: Uint8Array, signal?: AbortSignal): Promise<OpenMedia>;
}
