import { createServer } from 'node:http';
import { createGatewayRuntime, getGraphQLWSOptions } from '@graphql-hive/gateway-runtime';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { listen } from '../../platform/http/listen.ts';
import { serveChild } from '../harness/child.ts';

const inputSchema = z.object({ supergraph: z.string(), planner: z.enum(['rust', 'stitching']) });

const connectionSchema = z.record(z.string(), z.string());

/** Serves a supergraph with a plain Hive Gateway: no identity, no limits, nothing but the planner chosen. */
serveChild(async (input) => {
  const { supergraph, planner } = inputSchema.parse(input);
  const gateway = createGatewayRuntime({
    supergraph,
    logging: false,
    landingPage: false,
    // What differs between two callers has to reach the subgraphs: else one answer may be given to both.
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => ({
        authorization: request.headers?.get('authorization') ?? '',
      }),
    },
    ...(planner === 'rust' && { unifiedGraphHandler }),
    transportEntries: { '*.http': { options: { subscriptions: { kind: 'ws' } } } },
  });
  await gateway.getSchema();
  const server = createServer(gateway);
  useServer(
    // Headers are passed on for WebSocket clients too, where the context has a request.
    getGraphQLWSOptions(gateway, ({ connectionParams }) => ({
      request: { headers: new Headers(connectionSchema.parse(connectionParams ?? {})) },
    })),
    new WebSocketServer({ server, path: '/graphql' }),
  );
  const { url } = await listen(server, { host: '127.0.0.1', port: 0 });
  return { ready: `${url}/graphql` };
});
