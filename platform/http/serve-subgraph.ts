import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { parse } from 'graphql';
import { denied, rejected } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { Logger } from '../logger.ts';
import { measureRequests } from '../metrics/measure-requests.ts';
import { watchDependencies } from '../metrics/watch-dependencies.ts';
import { type Metrics, noMetrics } from '../ports/metrics.ts';
import type { OperationContext, Subgraph } from '../subgraph.ts';
import { assertTrusted, createServiceServer } from '../tls/service-server.ts';
import type { TlsIdentity } from '../tls/tls-identity.ts';
import { closeWhileDraining } from './close-while-draining.ts';
import { contextFor } from './context-for.ts';
import { errorResponse, graphqlErrorResponse } from './error-response.ts';
import { createErrorFormatter } from './format-error.ts';
import { createRouteHandler } from './handle-route.ts';
import { identityHeader, verifyIdentity } from './identity-token.ts';
import { asksOnlyForSchema } from './introspection.ts';
import { closeServer, type ListeningAddress, listen } from './listen.ts';
import { clientSignal, discardBody, readBody, sendResponse, toRequest } from './node-adapter.ts';
import { healthResponse, type Probes, readyResponse } from './serve-probes.ts';
import { serveSubgraphWebsocket } from './subgraph-websocket.ts';

export interface ServeSubgraphOptions {
  /** The address to listen on. */
  readonly host: string;
  /** The port; 0 picks a free one. */
  readonly port: number;
  /** What identities are signed with; the gateway must have the same. */
  readonly secret: string;
  readonly logger: Logger;
  /** The most bytes of one GraphQL request. */
  readonly maxBodyBytes: number;
  /** By which services prove to each other who they are; without it the server speaks plain HTTP. */
  readonly tls?: TlsIdentity | null;
  /** How long requests under way may take to end when this is disposed, in milliseconds; 10,000 by default. */
  readonly graceMs?: number;
  /** Aborted when the process was told to stop: it is not ready from then on. */
  readonly draining?: AbortSignal;
  readonly metrics?: Metrics;
}

/** Who asks for nothing but the schema: nobody. */
const composer: Identity = { tenant: 'none', subject: 'composer', scopes: [] };

/** A GraphQL request's body as JSON. */
function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw rejected('INVALID_JSON', 'The body of the request is not valid JSON.');
  }
}

function isSchemaRequest(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('query' in body)) return false;
  if (typeof body.query !== 'string') return false;
  try {
    return asksOnlyForSchema(parse(body.query));
  } catch {
    return false;
  }
}

/**
 * Puts a subgraph on the network by itself: queries and mutations by HTTP and subscriptions by WebSocket
 * (`graphql-transport-ws`) at `/graphql`, its HTTP routes, `/health` and `/ready`. Every caller must bring an
 * identity that the gateway signed, except for what asks only for the schema and for open routes. Does not own
 * the subgraph: disposing ends the server alone, after what is under way.
 *
 * @throws ListenError when the port is in use.
 */
export async function serveSubgraph<Context extends OperationContext>(
  subgraph: Subgraph<Context>,
  options: ServeSubgraphOptions,
): Promise<ListeningAddress & AsyncDisposable> {
  const { secret, logger, maxBodyBytes, metrics = noMetrics } = options;
  const format = createErrorFormatter(logger);
  const handleRoute = createRouteHandler(subgraph.routes, logger);
  const apollo = new ApolloServer<Context>({
    schema: subgraph.schema,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    formatError: (formatted, error) =>
      // What Apollo found wrong with the request itself has no path and says so in its code.
      formatted.path === undefined && formatted.extensions?.code !== 'INTERNAL_SERVER_ERROR'
        ? formatted
        : format(error),
    logger,
    plugins: [ApolloServerPluginLandingPageDisabled()],
  });
  await apollo.start();

  async function identify(request: IncomingMessage): Promise<Identity | null> {
    const token = request.headers[identityHeader];
    return typeof token === 'string' ? verifyIdentity(token, secret) : null;
  }

  async function graphql(request: IncomingMessage, response: ServerResponse, search: string) {
    const signal = clientSignal(response);
    const body = request.method === 'POST' ? parseBody(await readBody(request, maxBodyBytes)) : '';
    const identity = (await identify(request)) ?? (isSchemaRequest(body) ? composer : null);
    if (!identity) {
      throw denied(
        `A request needs an identity that the gateway signed, in the header ${identityHeader}.`,
        'UNAUTHENTICATED',
      );
    }
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(request.headers)) {
      if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
    }
    const result = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: request.method ?? 'GET', headers, search, body },
      context: async () => contextFor(subgraph, identity, signal),
    });
    response.statusCode = result.status ?? 200;
    for (const [name, value] of result.headers) response.setHeader(name, value);
    if (result.body.kind === 'complete') {
      response.end(result.body.string);
      return;
    }
    for await (const chunk of result.body.asyncIterator) response.write(chunk);
    response.end();
  }

  const probes: Probes = {
    service: subgraph.name,
    check: (signal) => subgraph.check(signal),
    draining: options.draining,
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname !== '/health' && pathname !== '/ready') assertTrusted(request);
      if (pathname === '/graphql') return await graphql(request, response, search);
      if (pathname === '/health') return await sendResponse(healthResponse(subgraph.name), response);
      if (pathname === '/ready') return await sendResponse(await readyResponse(probes), response);
      const identity = await identify(request);
      return await sendResponse(
        await handleRoute(toRequest(request, clientSignal(response)), identity),
        response,
      );
    } catch (error) {
      if (response.headersSent || response.destroyed) {
        logger.debug({ err: error }, 'a response broke off');
        response.destroy();
        return;
      }
      discardBody(request);
      const isGraphql = request.url?.startsWith('/graphql') === true;
      await sendResponse(
        isGraphql ? graphqlErrorResponse(error, logger) : errorResponse(error, logger),
        response,
      );
    }
  }

  const server = createServiceServer(options.tls, {}, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      logger.debug({ err: error }, 'a response broke off');
      response.destroy();
    });
  });
  server.keepAliveTimeout = 65_000;
  closeWhileDraining(server, options.draining);
  measureRequests(server, metrics, subgraph.name, subgraph.routes);
  const dependencies = watchDependencies(metrics, probes.check);
  const websocket = serveSubgraphWebsocket({ server, subgraph, secret, logger, maxBodyBytes, metrics });
  try {
    const address = await listen(server, options);
    return {
      ...address,
      async [Symbol.asyncDispose]() {
        dependencies[Symbol.dispose]();
        const closed = closeServer(server, options.graceMs ?? 10_000);
        await websocket[Symbol.asyncDispose]();
        await closed;
        await apollo.stop();
      },
    };
  } catch (error) {
    await websocket[Symbol.asyncDispose]();
    await apollo.stop();
    throw error;
  }
}
