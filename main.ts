import { createAuthenticator } from './gateway/authenticate.ts';
import { createGateway, type Gateway } from './gateway/create-gateway.ts';
import { authenticationOf, limitsOf } from './gateway/gateway-options.ts';
import { assertMayListen } from './gateway/guard-origin.ts';
import { readSupergraph } from './gateway/read-supergraph.ts';
import { signIdentity } from './platform/http/identity-token.ts';
import { type Identity, scopes } from './platform/identity.ts';
import {
  openBlobs,
  openDatabase,
  openEncoder,
  openLanguageModel,
  openVectors,
} from './platform/open-adapters.ts';
import { systemClock } from './platform/ports/clock.ts';
import { runProcess } from './platform/run-process.ts';
import { loadSecrets } from './platform/secrets.ts';
import { loadSamples } from './samples/load-samples.ts';
import { createGenerationSubgraph } from './subgraphs/generation/generation-subgraph.ts';
import { createSupergraphRetriever } from './subgraphs/generation/supergraph-retriever.ts';
import { createIngestSubgraph } from './subgraphs/ingest/subgraph.ts';
import { createRetrievalSubgraph } from './subgraphs/retrieval/subgraph.ts';

/** The whole of Tributary in one process, on embedded defaults: what `npm start` runs. */
await runProcess('tributary', async (context) => {
  const { config, logger, stack } = context;
  const { internalSecret, receiptKey } = await loadSecrets(config);
  // Told at once, not when everything has been started.
  assertMayListen(createAuthenticator(authenticationOf(config), internalSecret).open, config.host);
  // What does not rest on one another starts side by side.
  const [database, blobs, vectors, encoder, languageModel] = await Promise.all([
    openDatabase(context),
    openBlobs(context),
    openVectors(context),
    openEncoder(context),
    openLanguageModel(context),
  ]);
  const shared = { database, vectors, encoder, clock: systemClock, logger };

  const ingest = stack.use(
    await createIngestSubgraph({
      ...shared,
      blobs,
      secret: internalSecret,
      receiptKey,
      maxUploadBytes: config.maxUploadBytes,
      uploadLifetimeSeconds: config.uploadLifetimeSeconds,
      maxQueuedJobs: config.maxQueuedJobs,
      fetchTimeoutMs: config.fetchTimeoutMs,
      fetchPrivateHosts: config.fetchPrivateHosts,
      workers: config.ingestWorkers,
    }),
  );
  const retrieval = stack.use(createRetrievalSubgraph({ ...shared, weights: {} }));

  // Generation searches through the gateway, which in turn executes generation: the gateway comes last.
  const atGateway: { fetch?: Gateway['fetch'] } = {};
  const sign = (identity: Identity) => signIdentity(identity, internalSecret);
  const send = (request: Request) => {
    if (!atGateway.fetch) throw new Error('The gateway is not there yet.');
    return atGateway.fetch(request);
  };
  const generation = stack.use(
    await createGenerationSubgraph({
      ...shared,
      languageModel,
      retriever: createSupergraphRetriever({ url: 'http://127.0.0.1', fetch: send, sign }),
      answerStyle: config.answerStyle,
      tokenBudget: config.tokenBudget,
      graceSeconds: config.answerGraceSeconds,
      leaseSeconds: config.answerLeaseSeconds,
      prices: { promptUsd: config.promptPrice, completionUsd: config.completionPrice },
    }),
  );

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
      logger,
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
