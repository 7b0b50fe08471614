import type { Adapters } from '../../platform/adapters.ts';
import type { PipelineDependencies } from './pipeline.ts';

/** What the retrieval subgraph is made of, as the configuration says. */
export async function retrievalOptions(adapters: Adapters): Promise<PipelineDependencies> {
  const { clock, config, logger, metrics } = adapters;
  const [database, vectors, encoder, nextEncoder, cache] = await Promise.all([
    adapters.database(),
    adapters.vectors(),
    adapters.encoder(),
    adapters.nextEncoder(),
    adapters.cache(),
  ]);
  const rankingTtlMs = config.resultCacheSeconds * 1000;
  return {
    database,
    vectors,
    encoder,
    nextEncoder,
    cache,
    rankingTtlMs,
    clock,
    logger,
    metrics,
    personalData: config.personalData,
    noteUse: config.coldAfterDays > 0,
    // Loaded when the first search needs them: a tenant with words alone never does.
    visualEncoder: adapters.visualEncoder,
    soundEncoder: adapters.soundEncoder,
    pictures: adapters.pictureDecoder,
    media: adapters.mediaDecoder,
    blobs: adapters.blobs,
    weights: {
      TEXT: config.textWeight,
      IMAGE: config.imageWeight,
      AUDIO: config.audioWeight,
      VIDEO: config.videoWeight,
      TABLE: config.tableWeight,
    },
    askedImageWeight: config.askedImageWeight,
  };
}
