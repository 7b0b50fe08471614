import type { ReadLine } from '../ports/text-reader.ts';

/** What the thread that reads text is started with. */
export interface TextReadingOptions {
  /** The path of the detector's ONNX file. */
  readonly detector: string;
  /** The path of the recogniser's. */
  readonly recogniser: string;
  readonly characters: readonly string[];
  readonly threads: number;
  /** To be tried in this order. */
  readonly executionProviders: readonly string[];
}

/** A picture to read: sRGB, 3 bytes a pixel. */
export interface TextReadingRequest {
  readonly kind: 'read';
  readonly id: number;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export type ToTextReading =
  | TextReadingRequest
  /** Nobody waits for this one any more. */
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'close' };

/** What the thread found when it loaded the models. */
export interface TextReadingReady {
  readonly kind: 'ready';
  readonly executionProvider: string;
  /** Providers that were asked for and could not be used, with the reason. */
  readonly refused: readonly string[];
}

export type FromTextReading =
  | TextReadingReady
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'lines'; readonly id: number; readonly lines: readonly ReadLine[] }
  | { readonly kind: 'refused'; readonly id: number; readonly message: string };
