import { createHash } from 'node:crypto';
import { derivedId } from '../../platform/ids.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import { chunkerVersion } from './chunk.ts';
import type { Chunk, EncodedChunk, Subject } from './types.ts';

/** What is encoded and what BM25 sees: the title stands before the passage, which often does not repeat it. */
export const searchTextOf = (title: string, text: string): string => `${title}\n${text}`;

/** The id of a chunk: the same content in the same place, encoded in the same way, always has the same one. */
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

/** Turns passages into vectors, all in one call: the encoder batches them with those of other callers. */
export async function encode(
  chunks: readonly Chunk[],
  subject: Subject,
  title: string,
  encoder: Encoder,
  signal: AbortSignal,
): Promise<EncodedChunk[]> {
  const texts = chunks.map((chunk) => searchTextOf(title, chunk.text));
  const vectors = await encoder.encode(texts, 'passage', signal);
  return chunks.map((chunk, index) => {
    const vector = vectors[index];
    const searchText = texts[index];
    if (vector === undefined || searchText === undefined) {
      throw new Error(`The encoder gave ${vectors.length} vectors for ${texts.length} texts.`);
    }
    return { ...chunk, id: chunkIdOf(subject, chunk, encoder.description.fingerprint), vector, searchText };
  });
}
