import { createHash } from 'node:crypto';
import { type Encoder, type TokenSpan, unifiedDimension } from '../ports/encoder.ts';

/** How a `createHashEncoder` is made different from another one. */
export interface HashEncoderOptions {
  /** Encoders of different names have different fingerprints and different vectors. */
  readonly model?: string;
  /** The most words of one text that are encoded. */
  readonly maxTokens?: number;
}

/**
 * An encoder for tests: a bag of words, each hashed to a place and a sign. Texts that share words are near
 * each other, the same text always has the same vector, and nothing has to be downloaded. A token is a run
 * of letters and digits, or one other character that is not white space.
 */
export function createHashEncoder({ model = 'hash', maxTokens = 256 }: HashEncoderOptions = {}): Encoder {
  const places = new Map<string, { readonly place: number; readonly sign: number }>();
  const placeOf = (word: string) => {
    let known = places.get(word);
    if (known === undefined) {
      const digest = createHash('sha256').update(`${model}\0${word}`).digest();
      known = {
        place: digest.readUInt32LE(0) % unifiedDimension,
        sign: (digest.readUInt8(4) & 1) === 0 ? 1 : -1,
      };
      places.set(word, known);
    }
    return known;
  };

  const tokenSpans = (text: string): TokenSpan[] =>
    Array.from(text.matchAll(/[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}]/gu), (match) => ({
      start: match.index,
      end: match.index + match[0].length,
    }));

  const encodeOne = (text: string): Float32Array => {
    const vector = new Float32Array(unifiedDimension);
    const spans = tokenSpans(text).slice(0, maxTokens);
    for (const { start, end } of spans) {
      const { place, sign } = placeOf(text.slice(start, end).toLowerCase());
      vector[place] = (vector[place] ?? 0) + sign;
    }
    const length = Math.hypot(...vector);
    if (length === 0) vector[0] = 1;
    else for (let index = 0; index < vector.length; index++) vector[index] = (vector[index] ?? 0) / length;
    return vector;
  };

  return {
    description: {
      model,
      fingerprint: createHash('sha256').update(`hash ${model} ${maxTokens}`).digest('hex').slice(0, 16),
      dimension: unifiedDimension,
      maxTokens,
      executionProvider: 'cpu',
    },
    async encode(texts, _purpose, signal) {
      signal?.throwIfAborted();
      return texts.map(encodeOne);
    },
    tokenSpans,
    async [Symbol.asyncDispose]() {},
  };
}
