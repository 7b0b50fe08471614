import type { Adapters } from '../../platform/adapters.ts';
import type { MediaEncoders } from './encode.ts';
import type { MediaReaders } from './extract.ts';
import type { WorkDependencies } from './start-working.ts';
import type { IngestDependencies } from './subgraph.ts';

/** What the ingest subgraph is made of, as the configuration says. A process that works on no jobs loads no model. */
export async function ingestOptions(adapters: Adapters): Promise<IngestDependencies> {
  const { config } = adapters;
  const works = config.ingestWorkers > 0;
  const [stores, encoder, nextEncoder, media] = await Promise.all([
    openStores(adapters),
    works ? adapters.encoder() : null,
    works ? adapters.nextEncoder() : null,
    works ? openMedia(adapters) : null,
  ]);
  return {
    ...stores,
    ...media,
    ...{ encoder, nextEncoder },
    maxUploadBytes: config.maxUploadBytes,
    maxQueuedJobs: config.maxQueuedJobs,
    maxBacklogAgeSeconds: config.maxBacklogAgeSeconds,
    fetchPrivateHosts: config.fetchPrivateHosts,
  };
}

/** What a process is made of that works on jobs and does nothing else. */
export async function workingOptions(adapters: Adapters): Promise<WorkDependencies> {
  const [stores, encoder, nextEncoder, media] = await Promise.all([
    openStores(adapters),
    adapters.encoder(),
    adapters.nextEncoder(),
    openMedia(adapters),
  ]);
  return {
    ...stores,
    ...media,
    ...{ encoder, nextEncoder },
    timing: { ...stores.timing, graceMs: adapters.config.graceSeconds * 1000 },
  };
}

/** What pictures, sound and films are read and encoded with. */
async function openMedia(adapters: Adapters): Promise<MediaReaders & MediaEncoders> {
  const [visualEncoder, soundEncoder, transcriber, textReader, media, pictures] = await Promise.all([
    adapters.visualEncoder(),
    adapters.soundEncoder(),
    adapters.transcriber(),
    adapters.textReader(),
    adapters.mediaDecoder(),
    adapters.pictureDecoder(),
  ]);
  return { visualEncoder, soundEncoder, transcriber, textReader, media, pictures };
}

/** What both are made of. */
async function openStores(adapters: Adapters) {
  const { config, clock, logger } = adapters;
  const [database, blobs, vectors, streams, cache, { internalSecret, receiptKey }] = await Promise.all([
    adapters.database(),
    adapters.blobs(),
    adapters.vectors(),
    adapters.answerStreams(),
    adapters.cache(),
    adapters.secrets(),
  ]);
  return {
    ...{ database, blobs, vectors, streams, cache, clock, logger },
    ...{ secret: internalSecret, receiptKey },
    uploadLifetimeSeconds: config.uploadLifetimeSeconds,
    fetchTimeoutMs: config.fetchTimeoutMs,
    workers: config.ingestWorkers,
    coldAfterDays: config.coldAfterDays,
    draining: adapters.draining,
    metrics: adapters.metrics,
    timing: { reconcileEveryMs: config.reconcileSeconds * 1000 },
  };
}
