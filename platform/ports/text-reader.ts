import type { Box } from '../types.ts';
import type { Pixels } from './pixels.ts';

/** One line of text that was read in a picture. */
export interface ReadLine {
  readonly text: string;
  readonly box: Box;
  /** How sure the reader is, 0 to 1. */
  readonly confidence: number;
}

/** Reads the text in pictures (OCR). */
export interface TextReader extends AsyncDisposable {
  readonly description: {
    /** The model's name, for people. */
    readonly model: string;
    /** Hash over weights and processing; 16 hexadecimal characters. What it read can be kept by it. */
    readonly fingerprint: string;
    /** The execution provider that is really used, such as `cpu`. */
    readonly executionProvider: string;
  };
  /** The lines of a picture, in reading order. @throws TributaryError `UPSTREAM`; the signal's reason when aborted. */
  read(picture: Pixels, signal?: AbortSignal): Promise<ReadLine[]>;
}
