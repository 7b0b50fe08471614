import { createHash } from 'node:crypto';
import { derivedId } from '../../platform/ids.ts';
import { chunkerVersion } from './chunk.ts';
import type { WritingPlan } from './encoders/plan-writing.ts';
import type { Chunk, EncodedChunk, Subject } from './types.ts';

/** What is encoded and what BM25 sees: the title stands before the passage, which often does not repeat it. */
export const searchTextOf = (title: string, text: string): string => `${title}\n${text}`;

/**
 * The id of a chunk: the same content in the same place always has the same one. The fingerprint is that of the
 * library's first encoder and stays when another one comes to serve, so that citations hold.
 */
export function chunkIdOf(
  { tenant, documentId }: Pick<Subject, 'tenant' | 'documentId'>,
  chunk: Chunk,
  fingerprint: string,
): string {
  const content = createHash('sha256')
    .update(JSON.stringify([chunk.text, chunk.locator]))
    .digest('hex');
  return derivedId('chk', [tenant, documentId, content, chunkerVersion, fingerprint, chunk.ordinal]);
}

/** Turns passages into vectors of every encoder of the plan, each in one call: it batches them with those of others. */
export async function encode(
  chunks: readonly Chunk[],
  subject: Subject,
  title: string,
  { encoders, chunkFingerprint }: Pick<WritingPlan, 'encoders' | 'chunkFingerprint'>,
  signal: AbortSignal,
): Promise<EncodedChunk[]> {
  const texts = chunks.map((chunk) => searchTextOf(title, chunk.text));
  const encoded = await Promise.all(
    encoders.map(async (encoder) => ({
      fingerprint: encoder.description.fingerprint,
      vectors: await encoder.encode(texts, 'passage', signal),
    })),
  );
  return chunks.map((chunk, index) => {
    const searchText = searchTextOf(title, chunk.text);
    const vectors = new Map<string, Float32Array>();
    for (const { fingerprint, vectors: made } of encoded) {
      const vector = made[index];
      if (vector === undefined) {
        throw new Error(`The encoder gave ${made.length} vectors for ${texts.length} texts.`);
      }
      vectors.set(fingerprint, vector);
    }
    return { ...chunk, id: chunkIdOf(subject, chunk, chunkFingerprint), vectors, searchText };
  });
}
