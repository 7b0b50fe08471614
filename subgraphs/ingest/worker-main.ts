import { createAdapters } from '../../platform/adapters.ts';
import { ConfigError } from '../../platform/config/config.ts';
import { serveProbes } from '../../platform/http/serve-probes.ts';
import { watchDependencies } from '../../platform/metrics/watch-dependencies.ts';
import { runProcess } from '../../platform/run-process.ts';
import { checkStores } from './check-stores.ts';
import { workingOptions } from './ingest-options.ts';
import { startWorking } from './start-working.ts';

/** Works on what the ingest API takes in, in a process of its own: as many of these as there is work for. */
await runProcess('worker', async (context) => {
  const { config, stack, draining, metrics } = context;
  const { host, port, ingestWorkers } = config;
  if (ingestWorkers === 0) {
    throw new ConfigError(
      'TRIBUTARY_INGEST_WORKERS is 0, and a worker that works on no jobs has nothing to do: set it to 1 to 64.',
    );
  }
  const options = await workingOptions(createAdapters(context));
  stack.use(await startWorking(options));
  const check = (signal: AbortSignal) => Promise.all(checkStores(options, signal));
  const watching = watchDependencies(metrics, check);
  stack.defer(() => watching[Symbol.dispose]());
  const server = stack.use(await serveProbes({ service: 'worker', host, port, check, draining }));
  console.log(`worker: ${server.url}/ready`);
});
