import { createHash } from 'node:crypto';
import type { VisualEncoder } from '../../platform/ports/visual-encoder.ts';
import { type ReuseDependencies, reuseVectors } from './reuse-vectors.ts';
import type { Chunk, Content, Subject } from './types.ts';

/** SHA-256 over all that a vector of pictures is made of. */
export const hashOfPictures = (digest: string | null, edges: boolean): string =>
  createHash('sha256')
    .update(JSON.stringify(['pictures', digest, edges]))
    .digest('hex');

/**
 * The vectors of chunks that are the mean of others of the same document: nothing is encoded for them. The others stand
 * in the same batch or in one that is stored already.
 *
 * @param vectors those of this batch, by chunk and fingerprint; what is made is put there.
 */
export async function addMeanVectors(
  chunks: readonly Chunk[],
  vectors: ReadonlyMap<Chunk, Map<string, Float32Array>>,
  encoder: VisualEncoder,
  subject: Subject,
  known: ReuseDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { fingerprint } = encoder.description;
  const means = chunks.flatMap((chunk) =>
    chunk.content.kind === 'mean' ? [{ chunk, of: chunk.content.of }] : [],
  );
  if (means.length === 0) return;
  const found = new Map<string, Float32Array>();
  for (const chunk of chunks) {
    const vector = vectors.get(chunk)?.get(fingerprint);
    if (vector !== undefined) found.set(hashOfPictures(chunk.digest, false), vector);
  }
  const wanted = means.flatMap(({ of }) => of.map(({ digest }) => hashOfPictures(digest, false)));
  const elsewhere = [...new Set(wanted.filter((hash) => !found.has(hash)))];
  const stored = await reuseVectors(elsewhere, { family: 'image', fingerprint }, subject, known, signal);
  for (const [hash, vector] of stored) found.set(hash, vector);
  for (const { chunk, of } of means) {
    const mean = weightedMean(of, (digest) => found.get(hashOfPictures(digest, false)));
    if (mean !== null) vectors.get(chunk)?.set(fingerprint, mean);
  }
}

/** L2-normalised; null where none of them is known. */
function weightedMean(
  of: Extract<Content, { kind: 'mean' }>['of'],
  find: (digest: string) => Float32Array | undefined,
): Float32Array | null {
  let sum: Float32Array | null = null;
  for (const { digest, weight } of of) {
    const vector = find(digest);
    if (vector === undefined) continue;
    sum ??= new Float32Array(vector.length);
    for (let index = 0; index < sum.length; index++) {
      sum[index] = (sum[index] ?? 0) + weight * (vector[index] ?? 0);
    }
  }
  if (sum === null) return null;
  const norm = Math.hypot(...sum) || 1;
  return sum.map((value) => value / norm);
}
