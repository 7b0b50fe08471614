import { unifiedDimension } from '../ports/encoder.ts';
import type { Pixels } from '../ports/pixels.ts';
import type { VisualEncoder } from '../ports/visual-encoder.ts';

/** The colours that it knows: sRGB, each a dimension of its own. */
const colours = {
  red: [220, 30, 30],
  green: [30, 160, 60],
  blue: [40, 70, 220],
  yellow: [240, 220, 40],
  black: [20, 20, 20],
  white: [250, 250, 250],
} as const;
const names = Object.keys(colours) as (keyof typeof colours)[];

/**
 * A visual encoder for tests that knows six colours and nothing else: a picture is the shares of its colours, a text
 * the colours that it names. Nothing has to be downloaded.
 *
 * @param onPictures is told how many pictures each call encodes.
 */
export function createColourEncoder({
  onPictures = () => {},
  model = 'colours',
}: {
  readonly onPictures?: (count: number) => void;
  readonly model?: string;
} = {}): VisualEncoder {
  return {
    description: {
      model,
      fingerprint: Buffer.from(model.padEnd(8).slice(0, 8)).toString('hex'),
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
      return texts.map((text) =>
        normalised(names.map((name) => (text.toLowerCase().includes(name) ? 1 : 0))),
      );
    },
    async [Symbol.asyncDispose]() {},
  };
}

function encodePicture({ data }: Pixels): Float32Array {
  const shares = names.map(() => 0);
  for (let at = 0; at < data.length; at += 3) {
    const nearest = nearestColour(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
    shares[nearest] = (shares[nearest] ?? 0) + 1;
  }
  return normalised(shares);
}

function nearestColour(red: number, green: number, blue: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, name] of names.entries()) {
    const [r, g, b] = colours[name];
    const distance = (red - r) ** 2 + (green - g) ** 2 + (blue - b) ** 2;
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}

/** A text without a colour is as near to each of them as to the others. */
function normalised(shares: readonly number[]): Float32Array {
  const vector = new Float32Array(unifiedDimension);
  const all = shares.some((share) => share > 0) ? shares : shares.map(() => 1);
  const length = Math.hypot(...all);
  for (const [index, share] of all.entries()) vector[index] = share / length;
  return vector;
}
