import { createAdapters } from '../../platform/adapters.ts';
import { signIdentity } from '../../platform/http/identity-token.ts';
import { serveSubgraph } from '../../platform/http/serve-subgraph.ts';
import { servingOptions } from '../../platform/http/serving-options.ts';
import { runProcess } from '../../platform/run-process.ts';
import { openTls } from '../../platform/tls/open-tls.ts';
import { createServiceFetch } from '../../platform/tls/service-client.ts';
import { generationOptions } from './generation-options.ts';
import { createGenerationSubgraph } from './generation-subgraph.ts';
import { createSupergraphRetriever } from './supergraph-retriever.ts';

await runProcess('generation', async (context) => {
  const { config, stack } = context;
  const adapters = createAdapters(context);
  const { internalSecret: secret } = await adapters.secrets();
  const tls = await openTls(context, ['gatewayUrl']);
  const retriever = createSupergraphRetriever({
    url: config.gatewayUrl ?? 'http://127.0.0.1:4000',
    fetch: stack.use(createServiceFetch(tls)),
    sign: (identity) => signIdentity(identity, secret),
  });
  const subgraph = stack.use(await createGenerationSubgraph(await generationOptions(adapters, retriever)));
  const server = stack.use(await serveSubgraph(subgraph, { ...servingOptions(context, secret), tls }));
  console.log(`generation: ${server.url}/graphql`);
});
