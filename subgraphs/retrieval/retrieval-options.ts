import type { Adapters } from '../../platform/adapters.ts';
import type { PipelineDependencies } from './pipeline.ts';

/** What the retrieval subgraph is made of, as the configuration says. */
export async function retrievalOptions(adapters: Adapters): Promise<PipelineDependencies> {
  const { clock, logger } = adapters;
  const [database, vectors, encoder] = await Promise.all([
    adapters.database(),
    adapters.vectors(),
    adapters.encoder(),
  ]);
  return { database, vectors, encoder, clock, logger, weights: {} };
}
