import { createAdapters } from '../../platform/adapters.ts';
import { serveSubgraph } from '../../platform/http/serve-subgraph.ts';
import { runProcess } from '../../platform/run-process.ts';
import { retrievalOptions } from './retrieval-options.ts';
import { createRetrievalSubgraph } from './subgraph.ts';

await runProcess('retrieval', async (context) => {
  const { config, logger, stack, draining } = context;
  const { host, port, maxBodyBytes } = config;
  const graceMs = config.graceSeconds * 1000;
  const adapters = createAdapters(context);
  const { internalSecret: secret } = await adapters.secrets();
  const subgraph = stack.use(createRetrievalSubgraph(await retrievalOptions(adapters)));
  const server = stack.use(
    await serveSubgraph(subgraph, { host, port, secret, logger, maxBodyBytes, graceMs, draining }),
  );
  console.log(`retrieval: ${server.url}/graphql`);
});
