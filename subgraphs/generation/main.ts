import { createOnnxEncoder } from '../../platform/encoder/onnx-encoder.ts';
import { signIdentity } from '../../platform/http/identity-token.ts';
import { serveSubgraph } from '../../platform/http/serve-subgraph.ts';
import { openLanguageModel } from '../../platform/language-models/open-language-model.ts';
import { ensureTextEncoder } from '../../platform/models/ensure-text-encoder.ts';
import { systemClock } from '../../platform/ports/clock.ts';
import { openDatabaseFromConfig } from '../../platform/postgres/open-database-from-config.ts';
import { runProcess } from '../../platform/run-process.ts';
import { loadSecrets } from '../../platform/secrets.ts';
import { createGenerationSubgraph } from './generation-subgraph.ts';
import { createSupergraphRetriever } from './supergraph-retriever.ts';

await runProcess('generation', async ({ config, logger, stack }) => {
  const { internalSecret } = await loadSecrets(config);
  const { model, folder } = await ensureTextEncoder(config.encoderModel, {
    directory: config.modelsDirectory,
    hub: config.modelHub,
    offline: config.offline,
  });
  const encoder = stack.use(
    await createOnnxEncoder({
      folder,
      model,
      threads: config.encoderThreads,
      executionProviders: config.executionProviders,
      batchSize: config.encoderBatchSize,
      queueSize: config.encoderQueueSize,
      logger,
    }),
  );
  const { database } = stack.use(
    await openDatabaseFromConfig({
      databaseUrl: config.databaseUrl,
      dataDirectory: config.dataDirectory,
      logger,
    }),
  );
  const languageModel = stack.use(await openLanguageModel({ config, logger }));
  const subgraph = stack.use(
    await createGenerationSubgraph({
      database,
      retriever: createSupergraphRetriever({
        url: config.gatewayUrl ?? '',
        fetch: (request) => fetch(request),
        sign: (identity) => signIdentity(identity, internalSecret),
      }),
      languageModel,
      encoder,
      clock: systemClock,
      logger,
      answerStyle: config.answerStyle,
      tokenBudget: config.tokenBudget,
      graceSeconds: config.answerGraceSeconds,
      leaseSeconds: config.answerLeaseSeconds,
      prices: { promptUsd: config.promptPrice, completionUsd: config.completionPrice },
    }),
  );
  const server = stack.use(
    await serveSubgraph(subgraph, {
      host: config.host,
      port: config.port,
      secret: internalSecret,
      logger,
      maxBodyBytes: config.maxBodyBytes,
    }),
  );
  process.stdout.write(`The generation service listens on ${server.url}/graphql\n`);
});
