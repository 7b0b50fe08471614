import { notFound, rejected, upstream } from '../../platform/errors.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
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
  if (query.kind === 'text') {
    const [vector] = await raceAbort(signal, () => ports.encoder.encode([query.text], 'query', signal));
    if (vector === undefined) throw upstream('encoder', 'The encoder gave no vector for the query.');
    return vector;
  }
  const { chunkId } = query;
  const passages = await findVisiblePassages(ports.database, tenant, [chunkId], signal);
  const passage = passages.get(chunkId);
  if (passage === undefined) throw notFound(`There is no passage ${chunkId} that you may see.`);
  const source = plan.sources.find(
    ({ collection }) =>
      collection.family === passage.family && collection.fingerprint === passage.fingerprint,
  );
  if (source === undefined) {
    throw rejected(
      'NOT_COMPARABLE',
      'This passage cannot be compared with those of the wanted modalities: it was encoded by another encoder.',
      { field: 'similarToChunkId' },
    );
  }
  const stored = await raceAbort(signal, () =>
    ports.vectors.vectors(source.collection, tenant, [chunkId], signal),
  );
  const vector = stored.get(chunkId);
  if (vector === undefined) throw notFound(`There is no passage ${chunkId} that you may see.`);
  return vector;
}
