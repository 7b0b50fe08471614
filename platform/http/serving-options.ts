import type { ProcessContext } from '../run-process.ts';
import type { ServeSubgraphOptions } from './serve-subgraph.ts';

/** How a process serves its subgraph, as the configuration says. Only `main.ts` files use this. */
export const servingOptions = (
  { config, logger, draining, metrics }: ProcessContext,
  secret: string,
): ServeSubgraphOptions => ({
  host: config.host,
  port: config.port,
  maxBodyBytes: config.maxBodyBytes,
  graceMs: config.graceSeconds * 1000,
  ...{ secret, logger, draining, metrics },
});
