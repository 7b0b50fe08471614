import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { ApolloServer, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { listen } from '../../platform/http/listen.ts';
import { serveChild } from '../harness/child.ts';
import { buildCatalogue } from './build-catalogue.ts';

/**
 * Serves one part of the catalogue at `/graphql`: queries with Apollo Server, subscriptions with graphql-ws,
 * and nothing more than they need. Asked, it says how many HTTP requests it has answered.
 */
serveChild(async (input) => {
  const part = z.enum(['products', 'reviews', 'whole']).parse(input);
  const schema = buildCatalogue(part);
  const apollo = new ApolloServer({
    schema,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginInlineTraceDisabled(), ApolloServerPluginLandingPageDisabled()],
  });
  await apollo.start();
  let served = 0;
  const server = createServer(async (request, response) => {
    served += 1;
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
    const result = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method ?? 'GET',
        headers,
        search: '',
        body: request.method === 'POST' ? await json(request) : '',
      },
      context: async () => ({}),
    });
    response.statusCode = result.status ?? 200;
    for (const [name, value] of result.headers) response.setHeader(name, value);
    response.end(result.body.kind === 'complete' ? result.body.string : undefined);
  });
  useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
  const { url } = await listen(server, { host: '127.0.0.1', port: 0 });
  return { ready: `${url}/graphql`, answer: async () => served };
});
