import { serveSubgraph } from '../../platform/http/serve-subgraph.ts';
import { openBlobs, openDatabase, openEncoder, openVectors } from '../../platform/open-adapters.ts';
import { systemClock } from '../../platform/ports/clock.ts';
import { runProcess } from '../../platform/run-process.ts';
import { loadSecrets } from '../../platform/secrets.ts';
import { createIngestSubgraph } from './subgraph.ts';

await runProcess('ingest', async (context) => {
  const { config, logger, stack } = context;
  const { host, port, maxBodyBytes } = config;
  const { internalSecret, receiptKey } = await loadSecrets(config);
  const database = await openDatabase(context);
  const blobs = await openBlobs(context);
  const vectors = await openVectors(context);
  const encoder = await openEncoder(context);
  const subgraph = stack.use(
    await createIngestSubgraph({
      ...{ database, blobs, vectors, encoder, clock: systemClock, logger },
      ...{ secret: internalSecret, receiptKey },
      maxUploadBytes: config.maxUploadBytes,
      uploadLifetimeSeconds: config.uploadLifetimeSeconds,
      maxQueuedJobs: config.maxQueuedJobs,
      fetchTimeoutMs: config.fetchTimeoutMs,
      fetchPrivateHosts: config.fetchPrivateHosts,
      workers: config.ingestWorkers,
    }),
  );
  const server = stack.use(
    await serveSubgraph(subgraph, { host, port, secret: internalSecret, logger, maxBodyBytes }),
  );
  console.log(`ingest: ${server.url}/graphql`);
});
