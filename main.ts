import { createAuthenticator } from './gateway/authenticate.ts';
import { createGateway, type Gateway } from './gateway/create-gateway.ts';
import { authenticationOf, limitsOf } from './gateway/gateway-options.ts';
import { assertMayListen } from './gateway/guard-origin.ts';
import { readSupergraph } from './gateway/read-supergraph.ts';
import { createAdapters } from './platform/adapters.ts';
import { signIdentity } from './platform/http/identity-token.ts';
import { type Identity, scopes } from './platform/identity.ts';
import { watchDependencies } from './platform/metrics/watch-dependencies.ts';
import { runProcess } from './platform/run-process.ts';
import { loadSamples } from './samples/load-samples.ts';
import { generationOptions } from './subgraphs/generation/generation-options.ts';
import { createGenerationSubgraph } from './subgraphs/generation/generation-subgraph.ts';
import { createSupergraphRetriever } from './subgraphs/generation/supergraph-retriever.ts';
import { ingestOptions } from './subgraphs/ingest/ingest-options.ts';
import { createIngestSubgraph } from './subgraphs/ingest/subgraph.ts';
import { retrievalOptions } from './subgraphs/retrieval/retrieval-options.ts';
import { createRetrievalSubgraph } from './subgraphs/retrieval/subgraph.ts';

/** The whole of Tributary in one process, on embedded defaults: what `npm start` runs. */
await runProcess('tributary', async (context) => {
  const { config, logger, stack, draining, metrics } = context;
  const adapters = createAdapters(context);
  const { internalSecret } = await adapters.secrets();
  // Told at once, not when everything has been started.
  assertMayListen(createAuthenticator(authenticationOf(config), internalSecret).open, config.host);

  // Generation searches through the gateway, which in turn executes generation: the gateway comes last.
  const atGateway: { fetch?: Gateway['fetch'] } = {};
  const sign = (identity: Identity) => signIdentity(identity, internalSecret);
  const send = (request: Request) => {
    if (!atGateway.fetch) throw new Error('The gateway is not there yet.');
    return atGateway.fetch(request);
  };
  const retriever = createSupergraphRetriever({ url: 'http://127.0.0.1', fetch: send, sign });
  // What does not rest on one another starts side by side.
  const [forIngest, forRetrieval, forGeneration] = await Promise.all([
    ingestOptions(adapters),
    retrievalOptions(adapters),
    generationOptions(adapters, retriever),
  ]);
  const ingest = stack.use(await createIngestSubgraph(forIngest));
  const retrieval = stack.use(createRetrievalSubgraph(forRetrieval));
  const generation = stack.use(await createGenerationSubgraph(forGeneration));

  const dependencies = watchDependencies(metrics, async (signal) =>
    (await Promise.all([ingest, retrieval, generation].map((subgraph) => subgraph.check(signal)))).flat(),
  );
  stack.defer(() => dependencies[Symbol.dispose]());

  const gateway = stack.use(
    await createGateway({
      supergraph: await readSupergraph(),
      subgraphs: {
        ingest: { kind: 'in-process', subgraph: () => ingest },
        retrieval: { kind: 'in-process', subgraph: () => retrieval },
        generation: { kind: 'in-process', subgraph: () => generation },
      },
      identity: authenticationOf(config),
      limits: limitsOf(config),
      secret: internalSecret,
      ...{ logger, draining, metrics },
      graceMs: config.graceSeconds * 1000,
    }),
  );
  atGateway.fetch = (request) => gateway.fetch(request);
  const { url } = await gateway.listen(config);

  if (config.loadSamples) {
    const librarian: Identity = { tenant: 'default', subject: 'samples', scopes };
    const token = await sign(librarian);
    await loadSamples({
      dataDirectory: config.dataDirectory,
      send: (request) => {
        request.headers.set('authorization', `Bearer ${token}`);
        return gateway.fetch(request);
      },
    });
  }
  const { languageModel } = forGeneration;
  const writes =
    config.answerStyle === 'generated' ||
    (config.answerStyle === 'auto' && languageModel?.description.answersWell === true);
  const answers = writes
    ? `written by ${languageModel?.description.model ?? 'no model'}`
    : 'the passages’ own sentences (EXTRACTIVE); `npx tributary doctor` says what it takes to have them written';
  console.log(
    [
      'Tributary is ready.',
      `  GraphQL  ${url}/graphql  (open it in a browser for GraphiQL)`,
      `  Health   ${url}/health, ${url}/ready`,
      `  Answers  ${answers}`,
      `  Data     ${config.dataDirectory}`,
    ].join('\n'),
  );
});
