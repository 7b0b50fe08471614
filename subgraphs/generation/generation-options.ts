import type { Adapters } from '../../platform/adapters.ts';
import type { GenerationOptions } from './generation-subgraph.ts';
import type { Retriever } from './retriever.ts';

/** What the generation subgraph is made of, as the configuration says. */
export async function generationOptions(
  adapters: Adapters,
  retriever: Retriever,
): Promise<GenerationOptions> {
  const { config, clock, logger, metrics } = adapters;
  const [database, streams, encoder, languageModel] = await Promise.all([
    adapters.database(),
    adapters.answerStreams(),
    adapters.encoder(),
    adapters.languageModel(),
  ]);
  return {
    ...{ database, streams, retriever, languageModel, encoder, clock, logger, metrics },
    answerStyle: config.answerStyle,
    tokenBudget: config.tokenBudget,
    graceSeconds: config.answerGraceSeconds,
    leaseSeconds: config.answerLeaseSeconds,
    prices: { promptUsd: config.promptPrice, completionUsd: config.completionPrice },
  };
}
