/** A stretch of speech and what was said in it. */
export interface SpokenSegment {
  /** Milliseconds from the beginning of the samples. */
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** All sound is mono and has so many samples a second. */
export const sampleRate = 16_000;

/** Writes down what is said. */
export interface Transcriber extends AsyncDisposable {
  readonly description: {
    /** The model's name, for people. */
    readonly model: string;
    /** Hash over weights and decoding; 16 hexadecimal characters. What it wrote can be kept by it. */
    readonly fingerprint: string;
    /** The execution provider that is really used, or `remote`. */
    readonly executionProvider: string;
  };
  /**
   * What is said in a stretch of sound, in order.
   *
   * @param samples 16 kHz, mono, -1 to 1, of any length.
   * @returns nothing where nobody speaks: music and silence give no words.
   * @throws TributaryError `UPSTREAM`; the signal's reason when aborted.
   */
  transcribe(samples: Float32Array, signal?: AbortSignal): Promise<SpokenSegment[]>;
}
