import { checkCache } from '../../platform/cache/check-cache.ts';
import { createEncoderSet } from '../../platform/encoder/encoder-set.ts';
import { probe } from '../../platform/health.ts';
import type { BlobStore } from '../../platform/ports/blob-store.ts';
import type { Cache } from '../../platform/ports/cache.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { HealthCheck } from '../../platform/subgraph.ts';
import { planWriting, servingOf } from './encoders/plan-writing.ts';

/**
 * Looks at what ingest needs. Without vectors documents are still taken in, and their jobs wait: a process that
 * works on no jobs is ready without them.
 */
export function checkStores(
  {
    database,
    vectors,
    encoder,
    nextEncoder = null,
    blobs,
    cache,
  }: {
    readonly database: Database;
    readonly vectors: VectorStore;
    readonly encoder: Encoder | null;
    readonly nextEncoder?: Encoder | null;
    readonly blobs: BlobStore;
    readonly cache: Cache;
  },
  signal: AbortSignal,
): Promise<HealthCheck>[] {
  const stores = [
    probe('database', async () => {
      await database.ping(signal);
      return 'It answers.';
    }),
    probe(
      'vectors',
      async () => {
        const { vendor, version } = await vectors.capabilities(signal);
        return `${vendor} ${version}`;
      },
      { optional: encoder === null },
    ),
    probe('blobs', async () => {
      for await (const _ of blobs.list('documents/', signal)) break;
      return 'It answers.';
    }),
    Promise.resolve(checkCache(cache)),
  ];
  if (encoder === null) return stores;
  const encoders = createEncoderSet({ encoder, nextEncoder });
  return [
    ...stores,
    probe('encoder', async () => {
      // Without the one that serves documents cannot be worked on here.
      const serving = servingOf(await planWriting(database, encoders), encoders);
      const { model, executionProvider } = serving.description;
      return `${model} on ${executionProvider}`;
    }),
  ];
}
