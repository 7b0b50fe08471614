import { createHash } from 'node:crypto';
import { unifiedDimension } from '../ports/encoder.ts';
import type { Pixels } from '../ports/pixels.ts';
import type { VisualEncoder } from '../ports/visual-encoder.ts';

type Colour = readonly [red: number, green: number, blue: number];

export const palette = {
  red: [220, 30, 30],
  green: [30, 170, 60],
  blue: [40, 60, 210],
  yellow: [235, 215, 40],
  white: [250, 250, 250],
  black: [10, 10, 10],
} as const satisfies Readonly<Record<string, Colour>>;

export type ColourName = keyof typeof palette;
const names = Object.keys(palette) as ColourName[];

/** A picture whose left part has one colour, and the rest another. */
export function paint(left: ColourName, right: ColourName = left, share = 0.5): Pixels {
  const [width, height] = [32, 16];
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    data.set(palette[pixel % width < share * width ? left : right], pixel * 3);
  }
  return { width, height, data };
}

export interface ColourEncoderOptions {
  /** Told how many pictures each call encodes. */
  readonly onPictures?: (count: number) => void;
  /** Encoders of different names have different fingerprints. */
  readonly model?: string;
}

/**
 * A visual encoder for tests: of a picture it sees the shares of its colours, and of a text the names of colours. Both
 * have something in common with everything, as with real encoders, and other words are noise.
 */
export function createColourEncoder({
  onPictures = () => {},
  model = 'colours',
}: ColourEncoderOptions = {}): VisualEncoder {
  const common = names.length;
  const normalize = (vector: Float32Array): Float32Array => {
    const length = Math.hypot(...vector) || 1;
    return vector.map((value) => value / length);
  };
  const add = (vector: Float32Array, place: number, value: number) => {
    vector[place] = (vector[place] ?? 0) + value;
  };

  const encodeText = (text: string): Float32Array => {
    const vector = new Float32Array(unifiedDimension);
    add(vector, common, 0.5);
    for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) {
      const colour = names.indexOf(word as ColourName);
      if (colour >= 0) add(vector, colour, 1);
      else add(vector, 20 + (createHash('sha256').update(word).digest().readUInt16LE(0) % 700), 0.4);
    }
    return normalize(vector);
  };

  const encodePicture = ({ data }: Pixels): Float32Array => {
    const vector = new Float32Array(unifiedDimension);
    for (let at = 0; at < data.length; at += 3) {
      const distances = names.map((name) =>
        Math.hypot(...palette[name].map((value, channel) => value - (data[at + channel] ?? 0))),
      );
      add(vector, distances.indexOf(Math.min(...distances)), 3 / data.length);
    }
    add(vector, common, 0.5);
    return normalize(vector);
  };

  return {
    description: {
      model,
      fingerprint: createHash('sha256').update(model).digest('hex').slice(0, 16),
      dimension: unifiedDimension,
      maxTokens: 77,
      executionProvider: 'cpu',
    },
    async encodePictures(pictures, signal) {
      signal?.throwIfAborted();
      onPictures(pictures.length);
      return pictures.map(encodePicture);
    },
    async encodeTexts(texts, signal) {
      signal?.throwIfAborted();
      return texts.map(encodeText);
    },
    async [Symbol.asyncDispose]() {},
  };
}
