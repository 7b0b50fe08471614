import { join } from 'node:path';
import { createOnnxEncoder } from '../../platform/encoder/onnx-encoder.ts';
import { serveSubgraph } from '../../platform/http/serve-subgraph.ts';
import { ensureTextEncoder } from '../../platform/models/ensure-text-encoder.ts';
import { systemClock } from '../../platform/ports/clock.ts';
import { openDatabaseFromConfig } from '../../platform/postgres/open-database-from-config.ts';
import { runProcess } from '../../platform/run-process.ts';
import { loadSecrets } from '../../platform/secrets.ts';
import { openLanceDbVectorStore } from '../../platform/vectors/lancedb-vector-store.ts';
import { createRetrievalSubgraph } from './subgraph.ts';

await runProcess('retrieval', async ({ config, logger, stack }) => {
  const { dataDirectory } = config;
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
    await openDatabaseFromConfig({ databaseUrl: config.databaseUrl, dataDirectory, logger }),
  );
  const vectors = stack.use(
    await openLanceDbVectorStore({ directory: join(dataDirectory, 'vectors'), logger }),
  );
  const subgraph = stack.use(
    createRetrievalSubgraph({ database, vectors, encoder, clock: systemClock, logger, weights: {} }),
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
  process.stdout.write(`The retrieval service listens on ${server.url}/graphql\n`);
});
