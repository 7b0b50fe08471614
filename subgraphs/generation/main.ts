import { signIdentity } from '../../platform/http/identity-token.ts';
import { serveSubgraph } from '../../platform/http/serve-subgraph.ts';
import { openDatabase, openEncoder, openLanguageModel } from '../../platform/open-adapters.ts';
import { systemClock } from '../../platform/ports/clock.ts';
import { runProcess } from '../../platform/run-process.ts';
import { loadSecrets } from '../../platform/secrets.ts';
import { createGenerationSubgraph } from './generation-subgraph.ts';
import { createSupergraphRetriever } from './supergraph-retriever.ts';

await runProcess('generation', async (context) => {
  const { config, logger, stack } = context;
  const { host, port, maxBodyBytes } = config;
  const { internalSecret } = await loadSecrets(config);
  const [database, encoder, languageModel] = await Promise.all([
    openDatabase(context),
    openEncoder(context),
    openLanguageModel(context),
  ]);
  const subgraph = stack.use(
    await createGenerationSubgraph({
      ...{ database, encoder, languageModel, clock: systemClock, logger },
      retriever: createSupergraphRetriever({
        url: config.gatewayUrl ?? 'http://127.0.0.1:4000',
        fetch: (request) => fetch(request),
        sign: (identity) => signIdentity(identity, internalSecret),
      }),
      answerStyle: config.answerStyle,
      tokenBudget: config.tokenBudget,
      graceSeconds: config.answerGraceSeconds,
      leaseSeconds: config.answerLeaseSeconds,
      prices: { promptUsd: config.promptPrice, completionUsd: config.completionPrice },
    }),
  );
  const server = stack.use(
    await serveSubgraph(subgraph, { host, port, secret: internalSecret, logger, maxBodyBytes }),
  );
  console.log(`generation: ${server.url}/graphql`);
});
