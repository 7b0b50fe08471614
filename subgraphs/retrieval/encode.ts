import { createHash } from 'node:crypto';
import { tenantTag } from '../../platform/cache/cache-tags.ts';
import { notFound, rejected, upstream } from '../../platform/errors.ts';
import type { Cache } from '../../platform/ports/cache.ts';
import { type Encoder, unifiedDimension } from '../../platform/ports/encoder.ts';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { raceAbort } from '../../platform/race-abort.ts';
import { findVisiblePassages } from './find-visible.ts';
import type { Plan } from './types.ts';

/** What a query is turned into a vector with. */
export interface EncodePorts {
  readonly encoder: Encoder;
  readonly vectors: VectorStore;
  readonly database: Database;
  readonly cache: Cache;
}

/** The vector of a text stays the same for as long as the encoder does. */
const vectorTtlMs = 24 * 60 * 60 * 1000;

/** A vector as plain JSON: its bytes, little-endian. */
const vectorBytes = (packed: unknown): Buffer => {
  const bytes = Buffer.from(typeof packed === 'string' ? packed : '', 'base64');
  if (bytes.length === unifiedDimension * Float32Array.BYTES_PER_ELEMENT) return bytes;
  throw new TypeError('This is no vector.');
};

/** The vector of a text, remembered by the encoder's fingerprint and the text itself. */
async function encodeText(
  text: string,
  tenant: string,
  { encoder, cache }: EncodePorts,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { value } = await cache.getOrCompute(
    {
      key: `vector/${encoder.description.fingerprint}/${createHash('sha256')
        .update(JSON.stringify([tenant, text]))
        .digest('hex')}`,
      parse: (packed) => vectorBytes(packed).toString('base64'),
      async compute(stop) {
        const [vector] = await encoder.encode([text], 'query', stop);
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
 * The vector that hits are near to: the encoded text, or the stored vector of the passage that is asked for.
 *
 * @returns shape [768], L2-normalised.
 * @throws TributaryError `NOT_FOUND` where there is no such passage that the caller may see; what the encoder
 * throws; the signal's reason when aborted.
 */
export async function encode(plan: Plan, ports: EncodePorts, signal: AbortSignal): Promise<Float32Array> {
  const { query, tenant } = plan;
  if (query.kind === 'text') return encodeText(query.text, tenant, ports, signal);
  const { chunkId } = query;
  const passages = await findVisiblePassages(ports.database, tenant, [chunkId], signal);
  const passage = passages.get(chunkId);
  if (passage === undefined) throw notFound(`There is no passage ${chunkId} that you may see.`);
  const source = plan.sources.find(
    ({ tier, collection }) => tier === 'HOT' && collection.family === passage.family,
  );
  if (source === undefined) {
    throw rejected(
      'NOT_COMPARABLE',
      'This passage cannot be compared with those of the wanted modalities: it is of another kind.',
      { field: 'similarToChunkId' },
    );
  }
  // A cold passage can be asked for like any other, also where only hot ones are searched.
  const collection =
    passage.tier === 'COLD' ? ({ ...source.collection, tier: 'cold' } as const) : source.collection;
  const stored = await raceAbort(signal, () => ports.vectors.vectors(collection, tenant, [chunkId], signal));
  const vector = stored.get(chunkId);
  if (vector !== undefined) return vector;
  // While passages are still being encoded anew this one may have no vector of this encoder yet: it is made as theirs.
  const searchText = `${passage.title}\n${passage.text ?? ''}`;
  const [made] = await raceAbort(signal, () => ports.encoder.encode([searchText], 'passage', signal));
  if (made === undefined) throw upstream('encoder', 'The encoder gave no vector for the passage.');
  return made;
}
