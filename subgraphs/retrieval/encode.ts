import { createHash } from 'node:crypto';
import { tenantTag } from '../../platform/cache/cache-tags.ts';
import { notFound, rejected, TributaryError, upstream } from '../../platform/errors.ts';
import type { Cache } from '../../platform/ports/cache.ts';
import { type Encoder, unifiedDimension } from '../../platform/ports/encoder.ts';
import type { MediaDecoder } from '../../platform/ports/media-decoder.ts';
import type { PictureDecoder } from '../../platform/ports/picture-decoder.ts';
import type { SoundEncoder } from '../../platform/ports/sound-encoder.ts';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import type { VisualEncoder } from '../../platform/ports/visual-encoder.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { raceAbort } from '../../platform/race-abort.ts';
import { findVisiblePassages } from './find-visible.ts';
import { readSound } from './read-sound.ts';
import { familyOf, type Plan, type QueryUpload, type VectorSpace } from './types.ts';

/** What a query is turned into vectors with. */
export interface EncodePorts {
  readonly encoder: Encoder;
  readonly visualEncoder: VisualEncoder | null;
  readonly soundEncoder: SoundEncoder | null;
  /** Opened when a picture is searched with. */
  readonly pictures?: (() => Promise<PictureDecoder | null>) | undefined;
  /** Opened when a sound is searched with. */
  readonly media?: (() => Promise<MediaDecoder | null>) | undefined;
  readonly vectors: VectorStore;
  readonly database: Database;
  readonly cache: Cache;
}

/** The vector of a query stays the same for as long as the encoder does. */
const vectorTtlMs = 24 * 60 * 60 * 1000;

/** Encoders of pictures look at less than this. */
const maxSide = 768;

/** A vector as plain JSON: its bytes, little-endian. */
const vectorBytes = (packed: unknown): Buffer => {
  const bytes = Buffer.from(typeof packed === 'string' ? packed : '', 'base64');
  if (bytes.length === unifiedDimension * Float32Array.BYTES_PER_ELEMENT) return bytes;
  throw new TypeError('This is no vector.');
};

/** The vector of a query, remembered by the encoder's fingerprint and what the query is made of. */
async function rememberVector(
  fingerprint: string,
  madeOf: readonly string[],
  tenant: string,
  cache: Cache,
  make: (signal: AbortSignal) => Promise<readonly Float32Array[]>,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { value } = await cache.getOrCompute(
    {
      key: `vector/${fingerprint}/${createHash('sha256')
        .update(JSON.stringify([tenant, ...madeOf]))
        .digest('hex')}`,
      parse: (packed) => vectorBytes(packed).toString('base64'),
      async compute(stop) {
        const [vector] = await make(stop);
        if (vector === undefined) throw upstream('encoder', 'The encoder gave no vector for the query.');
        const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
        return {
          value: bytes.toString('base64'),
          options: { tags: [tenantTag(tenant)], ttlMs: vectorTtlMs },
        };
      },
    },
    signal,
  );
  // Copied, so that it begins where numbers of four bytes may begin.
  return new Float32Array(Uint8Array.from(vectorBytes(value)).buffer);
}

/**
 * The vector of a space that hits are near to: that of the text, the picture or the sound that is searched with, or the
 * stored one of the passage that is asked for.
 *
 * @returns shape [768], L2-normalised.
 * @throws TributaryError `REJECTED_INPUT` with reason `NOT_A_PICTURE` or `NOT_A_SOUND`; `UPSTREAM` where something is
 * missing here; what the encoder throws; the signal's reason when aborted.
 */
export async function encode(
  plan: Plan,
  space: VectorSpace,
  ports: EncodePorts,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { query, tenant, upload } = plan;
  const { cache } = ports;
  if (query.kind === 'similar') return storedVector(plan, query.chunkId, space, ports, signal);
  if (query.kind === 'text') {
    const encoder = space === 'TEXT' ? ports.encoder : visualOf(ports);
    const { fingerprint } = encoder.description;
    const make = (stop: AbortSignal) =>
      'encodeTexts' in encoder
        ? encoder.encodeTexts([query.text], stop)
        : encoder.encode([query.text], 'query', stop);
    return rememberVector(fingerprint, [query.text], tenant, cache, make, signal);
  }
  if (upload === null) throw new Error('There are no bytes to search with.');
  const madeOf = [query.kind, query.sha256];
  if (query.kind === 'picture') {
    const encoder = visualOf(ports);
    const make = (stop: AbortSignal) => encodePicture(upload, encoder, ports, stop);
    return rememberVector(encoder.description.fingerprint, madeOf, tenant, cache, make, signal);
  }
  const encoder = ports.soundEncoder;
  if (encoder === null) throw upstream('sound-encoder', 'No encoder of sound is loaded here.');
  const make = async (stop: AbortSignal) => {
    const media = (await ports.media?.()) ?? null;
    if (media === null) throw upstream('media-decoder', 'Sounds cannot be decoded here: ffmpeg is missing.');
    return encoder.encode([await readSound(upload, media, stop)], stop);
  };
  return rememberVector(encoder.description.fingerprint, madeOf, tenant, cache, make, signal);
}

function visualOf({ visualEncoder }: Pick<EncodePorts, 'visualEncoder'>): VisualEncoder {
  if (visualEncoder !== null) return visualEncoder;
  throw upstream('visual-encoder', 'No visual encoder is loaded here.');
}

async function encodePicture(
  upload: QueryUpload,
  encoder: VisualEncoder,
  ports: EncodePorts,
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const decoder = (await ports.pictures?.()) ?? null;
  if (decoder === null) throw upstream('picture-decoder', 'Pictures cannot be decoded here.');
  const bytes = await upload.read(signal);
  try {
    const { pixels } = await decoder.decode(bytes, { maxSide }, signal);
    return await encoder.encodePictures([pixels], signal, 'query');
  } catch (error) {
    if (!(error instanceof TributaryError) || error.code !== 'REJECTED_INPUT') throw error;
    const reason = error.reason === 'BROKEN_PICTURE' ? 'NOT_A_PICTURE' : error.reason;
    throw rejected(reason, `The upload cannot be searched with as a picture. ${error.publicMessage}`, {
      field: 'imageUploadId',
      cause: error,
    });
  }
}

/** The vector that a passage has already. */
async function storedVector(
  { sources, tenant }: Plan,
  chunkId: string,
  space: VectorSpace,
  ports: EncodePorts,
  signal: AbortSignal,
): Promise<Float32Array> {
  const passage = (await findVisiblePassages(ports.database, tenant, [chunkId], signal)).get(chunkId);
  const source = sources.find((each) => each.tier === 'HOT' && each.space === space);
  if (passage === undefined || source === undefined) {
    throw notFound(`There is no passage ${chunkId} that you may see.`);
  }
  // A cold passage can be asked for like any other, also where only hot ones are searched.
  const collection =
    passage.tier === 'COLD' ? ({ ...source.collection, tier: 'cold' } as const) : source.collection;
  const stored = await raceAbort(signal, () => ports.vectors.vectors(collection, tenant, [chunkId], signal));
  const vector = stored.get(chunkId);
  if (vector !== undefined) return vector;
  if (passage.family !== familyOf.TEXT) {
    throw upstream('vectors', 'The passage that is asked for has no vector yet; it is made by itself.');
  }
  // While passages are still being encoded anew this one may have no vector of this encoder yet: it is made as theirs.
  const searchText = `${passage.title}\n${passage.text ?? ''}`;
  const [made] = await raceAbort(signal, () => ports.encoder.encode([searchText], 'passage', signal));
  if (made === undefined) throw upstream('encoder', 'The encoder gave no vector for the passage.');
  return made;
}
