import { runProcess } from '../platform/run-process.ts';
import { loadSecrets } from '../platform/secrets.ts';
import { openTls } from '../platform/tls/open-tls.ts';
import { createGateway } from './create-gateway.ts';
import { authenticationOf, limitsOf } from './gateway-options.ts';
import { readSupergraph } from './read-supergraph.ts';

/** The gateway as a process of its own, with the subgraphs on the network. */
await runProcess('gateway', async (context) => {
  const { config, logger, stack, draining, metrics } = context;
  const { internalSecret } = await loadSecrets(config);
  const gateway = stack.use(
    await createGateway({
      supergraph: await readSupergraph(),
      subgraphs: {
        ingest: { kind: 'remote', url: config.ingestUrl ?? 'http://127.0.0.1:4001' },
        retrieval: { kind: 'remote', url: config.retrievalUrl ?? 'http://127.0.0.1:4002' },
        generation: { kind: 'remote', url: config.generationUrl ?? 'http://127.0.0.1:4003' },
      },
      identity: authenticationOf(config),
      limits: limitsOf(config),
      secret: internalSecret,
      tls: await openTls(context, ['ingestUrl', 'retrievalUrl', 'generationUrl']),
      ...{ logger, draining, metrics },
      graceMs: config.graceSeconds * 1000,
    }),
  );
  const { url } = await gateway.listen(config);
  console.log(`gateway: ${url}/graphql`);
});
