import type { Adapters } from '../../platform/adapters.ts';
import type { IngestDependencies } from './subgraph.ts';

/** What the ingest subgraph is made of, as the configuration says. */
export async function ingestOptions(adapters: Adapters): Promise<IngestDependencies> {
  const { config, clock, logger } = adapters;
  const [database, blobs, vectors, encoder, { internalSecret, receiptKey }] = await Promise.all([
    adapters.database(),
    adapters.blobs(),
    adapters.vectors(),
    adapters.encoder(),
    adapters.secrets(),
  ]);
  return {
    ...{ database, blobs, vectors, encoder, clock, logger },
    ...{ secret: internalSecret, receiptKey },
    maxUploadBytes: config.maxUploadBytes,
    uploadLifetimeSeconds: config.uploadLifetimeSeconds,
    maxQueuedJobs: config.maxQueuedJobs,
    fetchTimeoutMs: config.fetchTimeoutMs,
    fetchPrivateHosts: config.fetchPrivateHosts,
    workers: config.ingestWorkers,
  };
}
