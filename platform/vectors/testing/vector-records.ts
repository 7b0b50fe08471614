import { unifiedDimension } from '../../ports/encoder.ts';
import type { CollectionName, VectorRecord } from '../../ports/vector-store.ts';

/** The collection that tests write to. */
export const testCollection: CollectionName = { family: 'text', fingerprint: '0123456789abcdef' };

/** Numbers from 0 to 1 that are the same in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A direction that is the same in every run, L2-normalised. */
export function seededVector(random: () => number): Float32Array {
  const vector = Float32Array.from(
    { length: unifiedDimension },
    () => random() + random() + random() + random() - 2,
  );
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

export const innerProduct = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

/** A record with nothing said of its document, but for what is given. */
export const vectorRecord = (chunkId: string, given: Partial<VectorRecord> = {}): VectorRecord => ({
  chunkId,
  tenant: 'acme',
  documentId: `doc-${chunkId}`,
  modality: 'TEXT',
  vector: seededVector(
    seededRandom([...chunkId].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7)),
  ),
  searchText: `passage ${chunkId}`,
  year: null,
  author: null,
  tags: [],
  source: null,
  publishedAtMs: null,
  containsPii: false,
  metadata: {},
  ...given,
});
