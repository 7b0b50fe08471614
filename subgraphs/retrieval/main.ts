import { createAdapters } from '../../platform/adapters.ts';
import { serveSubgraph } from '../../platform/http/serve-subgraph.ts';
import { servingOptions } from '../../platform/http/serving-options.ts';
import { runProcess } from '../../platform/run-process.ts';
import { openTls } from '../../platform/tls/open-tls.ts';
import { retrievalOptions } from './retrieval-options.ts';
import { createRetrievalSubgraph } from './subgraph.ts';

await runProcess('retrieval', async (context) => {
  const { stack } = context;
  const adapters = createAdapters(context);
  const { internalSecret: secret } = await adapters.secrets();
  const subgraph = stack.use(createRetrievalSubgraph(await retrievalOptions(adapters)));
  const tls = await openTls(context);
  const server = stack.use(await serveSubgraph(subgraph, { ...servingOptions(context, secret), tls }));
  console.log(`retrieval: ${server.url}/graphql`);
});
