import { serveSubgraph } from '../../platform/http/serve-subgraph.ts';
import { openDatabase, openEncoder, openVectors } from '../../platform/open-adapters.ts';
import { systemClock } from '../../platform/ports/clock.ts';
import { runProcess } from '../../platform/run-process.ts';
import { loadSecrets } from '../../platform/secrets.ts';
import { createRetrievalSubgraph } from './subgraph.ts';

await runProcess('retrieval', async (context) => {
  const { config, logger, stack } = context;
  const { host, port, maxBodyBytes } = config;
  const { internalSecret } = await loadSecrets(config);
  const database = await openDatabase(context);
  const vectors = await openVectors(context);
  const encoder = await openEncoder(context);
  const subgraph = stack.use(
    createRetrievalSubgraph({ database, vectors, encoder, clock: systemClock, logger, weights: {} }),
  );
  const server = stack.use(
    await serveSubgraph(subgraph, { host, port, secret: internalSecret, logger, maxBodyBytes }),
  );
  console.log(`retrieval: ${server.url}/graphql`);
});
