import { createHash } from 'node:crypto';
import { edgesFingerprint } from '../../platform/encoder/edges-fingerprint.ts';
import { derivedId } from '../../platform/ids.ts';
import type { SoundEncoder } from '../../platform/ports/sound-encoder.ts';
import type { VisualEncoder } from '../../platform/ports/visual-encoder.ts';
import { chunkerVersion } from './chunk.ts';
import type { WritingPlan } from './encoders/plan-writing.ts';
import { addMeanVectors, hashOfPictures } from './mean-vectors.ts';
import { type ReuseDependencies, reuseVectors } from './reuse-vectors.ts';
import type { Chunk, EncodedChunk, Subject } from './types.ts';

/** What is encoded and what BM25 sees: the title stands before the passage, which often does not repeat it. */
export const searchTextOf = (title: string, text: string | null): string => `${title}\n${text ?? ''}`;

/** The encoders of other spaces than that of text; what is left out is missing here. */
export interface MediaEncoders {
  readonly visualEncoder?: VisualEncoder | null;
  readonly soundEncoder?: SoundEncoder | null;
}

/**
 * The id of a chunk: the same content in the same place always has the same one. The fingerprint is that of the
 * library's first text encoder and stays when another one comes to serve, so that citations hold.
 */
export function chunkIdOf(
  { tenant, documentId }: Pick<Subject, 'tenant' | 'documentId'>,
  chunk: Chunk,
  fingerprint: string,
): string {
  const { text, locator, digest, family, viewOf } = chunk;
  const shown = digest === null && viewOf === null ? [] : [digest, family, viewOf !== null];
  const content = createHash('sha256')
    .update(JSON.stringify([text, locator, ...shown]))
    .digest('hex');
  return derivedId('chk', [tenant, documentId, content, chunkerVersion, fingerprint, chunk.ordinal]);
}

/** One encoder for some of the chunks. */
interface Share {
  readonly fingerprint: string;
  readonly family: Chunk['family'];
  takes(chunk: Chunk): boolean;
  /** @returns one vector per chunk, in their order. */
  encode(chunks: readonly Chunk[], signal: AbortSignal): Promise<Float32Array[]>;
}

/**
 * Turns passages into vectors of every encoder that they are to have one of, each encoder in one call: it batches them
 * with those of others. What was encoded for an earlier version of the document is taken from there.
 */
export async function encode(
  chunks: readonly Chunk[],
  subject: Subject,
  title: string,
  writing: Pick<WritingPlan, 'encoders' | 'chunkFingerprint'>,
  media: MediaEncoders,
  known: ReuseDependencies & { readonly hasPassages: boolean },
  signal: AbortSignal,
): Promise<EncodedChunk[]> {
  const hashes = new Map(chunks.map((chunk) => [chunk, contentHashOf(chunk, title)]));
  const hashOf = (chunk: Chunk) => hashes.get(chunk) ?? '';
  const vectors = new Map(chunks.map((chunk) => [chunk, new Map<string, Float32Array>()]));
  await Promise.all(
    sharesOf(title, writing, media).map(async ({ fingerprint, family, takes, encode: make }) => {
      const mine = chunks.filter(takes);
      const kept = known.hasPassages
        ? await reuseVectors(mine.map(hashOf), { family, fingerprint }, subject, known, signal)
        : new Map<string, Float32Array>();
      const missing = mine.filter((chunk) => !kept.has(hashOf(chunk)));
      const made = missing.length > 0 ? await make(missing, signal) : [];
      if (made.length !== missing.length) {
        throw new Error(`The encoder gave ${made.length} vectors for ${missing.length} passages.`);
      }
      const fresh = new Map(missing.map((chunk, index) => [chunk, made[index]]));
      for (const chunk of mine) {
        const vector = fresh.get(chunk) ?? kept.get(hashOf(chunk));
        if (vector !== undefined) vectors.get(chunk)?.set(fingerprint, vector);
      }
    }),
  );
  const { visualEncoder = null } = media;
  if (visualEncoder !== null) {
    await addMeanVectors(chunks, vectors, visualEncoder, subject, known, signal);
  }
  const ids = new Map(
    chunks.map((chunk) => [chunk.ordinal, chunkIdOf(subject, chunk, writing.chunkFingerprint)]),
  );
  return chunks.map((chunk) => {
    const { content: _encoded, ...rest } = chunk;
    return {
      ...rest,
      id: ids.get(chunk.ordinal) ?? '',
      viewOfId: chunk.viewOf === null ? null : (ids.get(chunk.viewOf) ?? null),
      vectors: vectors.get(chunk) ?? new Map(),
      searchText: searchTextOf(title, chunk.text),
      contentHash: hashOf(chunk),
    };
  });
}

/** SHA-256 over all that the vectors of a chunk are made of. */
function contentHashOf({ content, digest, text }: Chunk, title: string): string {
  if (content.kind === 'text') return textHashOf(searchTextOf(title, text));
  if (content.kind === 'pictures') return hashOfPictures(digest, content.edges);
  return hashOfJson([content.kind, digest, false]);
}

/** The same, of a passage of text. */
export const textHashOf = (searchText: string): string => hashOfJson(searchText);

const hashOfJson = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');

function sharesOf(
  title: string,
  { encoders }: Pick<WritingPlan, 'encoders'>,
  { visualEncoder = null, soundEncoder = null }: MediaEncoders,
): Share[] {
  const shares = encoders.map(
    (encoder): Share => ({
      fingerprint: encoder.description.fingerprint,
      family: 'text',
      takes: ({ family }) => family === 'text',
      encode: (chunks, signal) =>
        encoder.encode(
          chunks.map(({ text }) => searchTextOf(title, text)),
          'passage',
          signal,
        ),
    }),
  );
  if (visualEncoder !== null) {
    for (const edges of [false, true]) {
      const { fingerprint } = visualEncoder.description;
      shares.push({
        fingerprint: edges ? edgesFingerprint(fingerprint) : fingerprint,
        family: 'image',
        takes: ({ content }) => content.kind === 'pictures' && content.edges === edges,
        encode: (chunks, signal) => encodePictures(chunks, visualEncoder, signal),
      });
    }
  }
  if (soundEncoder !== null) {
    shares.push({
      fingerprint: soundEncoder.description.fingerprint,
      family: 'audio',
      takes: ({ content }) => content.kind === 'sound',
      encode: (chunks, signal) =>
        soundEncoder.encode(
          chunks.flatMap(({ content }) => (content.kind === 'sound' ? [content.samples] : [])),
          signal,
        ),
    });
  }
  return shares;
}

async function encodePictures(
  chunks: readonly Chunk[],
  encoder: VisualEncoder,
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const groups = chunks.map(({ content }) => (content.kind === 'pictures' ? content.pictures : []));
  const all = await encoder.encodePictures(groups.flat(), signal);
  let start = 0;
  return groups.map((group) => {
    const mean = meanOf(all.slice(start, start + group.length));
    start += group.length;
    return mean;
  });
}

/** The mean of vectors, L2-normalised. */
function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const [first] = vectors;
  if (first === undefined) throw new Error('There is nothing to average.');
  if (vectors.length === 1) return first;
  const mean = new Float32Array(first.length);
  for (const vector of vectors) {
    for (let index = 0; index < mean.length; index++) mean[index] = (mean[index] ?? 0) + (vector[index] ?? 0);
  }
  const norm = Math.hypot(...mean) || 1;
  return mean.map((value) => value / norm);
}
