import { setMaxListeners } from 'node:events';
import { denied, notFound } from '../platform/errors.ts';
import { closeWhileDraining } from '../platform/http/close-while-draining.ts';
import { errorResponse, graphqlErrorResponse } from '../platform/http/error-response.ts';
import { identityHeader, looksInternal } from '../platform/http/identity-token.ts';
import { closeServer, type ListeningAddress, listen } from '../platform/http/listen.ts';
import type { Logger } from '../platform/logger.ts';
import { measureRequests } from '../platform/metrics/measure-requests.ts';
import { type Metrics, noMetrics } from '../platform/ports/metrics.ts';
import { assertTrusted } from '../platform/tls/service-server.ts';
import type { TlsIdentity } from '../platform/tls/tls-identity.ts';
import {
  type AuthenticationOptions,
  type Credentials,
  createAuthenticator,
  tenantHeader,
} from './authenticate.ts';
import type { CallerContext } from './caller.ts';
import { checkReadiness } from './check-readiness.ts';
import { createRuntime } from './create-runtime.ts';
import { assertMayListen, corsHeaders, guardOpenAccess, type HeaderLike } from './guard-origin.ts';
import type { OperationLimits } from './limit-operations.ts';
import { type ClientServer, createClientServer } from './serve-clients.ts';
import { serveWebsocketClients } from './serve-clients-websocket.ts';
import { connectSubgraph, type SubgraphSource } from './subgraph-source.ts';

export interface GatewayLimits extends OperationLimits {
  /** The most bytes of one GraphQL request, and of one message of a WebSocket. */
  readonly maxBodyBytes: number;
  /** The most operations under way on one WebSocket. */
  readonly maxSubscriptionsPerSocket: number;
  /** A WebSocket client must say who it is within this time, in milliseconds; 3,000 by default. */
  readonly connectionInitTimeoutMs?: number;
  /** What a WebSocket client may leave unread before its subscriptions wait, in bytes; 1 MiB by default. */
  readonly maxBufferedBytes?: number;
  /** A subgraph on the network that takes longer is given up, in milliseconds; 70,000 by default. */
  readonly upstreamTimeoutMs?: number;
}

export interface GatewayOptions {
  /** The supergraph's SDL. */
  readonly supergraph: string;
  /** Where each subgraph of the supergraph is, by its name. */
  readonly subgraphs: Readonly<Record<string, SubgraphSource>>;
  /** Who may ask. */
  readonly identity: AuthenticationOptions;
  readonly limits: GatewayLimits;
  /** Signs identities for the subgraphs; all services have the same. */
  readonly secret: string;
  /** By which the gateway and subgraphs on the network prove to each other who they are; plain HTTP without it. */
  readonly tls?: TlsIdentity | null;
  readonly logger: Logger;
  /** The subgraph that plain HTTP requests under `/v1/` are passed on to; `ingest` by default. */
  readonly routesTo?: string;
  /** How long requests under way may take to end when this is disposed, in milliseconds; 10,000 by default. */
  readonly graceMs?: number;
  /** Aborted when the process was told to stop: the gateway is not ready from then on. */
  readonly draining?: AbortSignal;
  readonly metrics?: Metrics;
}

/** The federated entry. Disposing ends it after what is under way; it does not own subgraphs in process. */
export interface Gateway extends AsyncDisposable {
  /** Answers a request in this process, just as it would over the network; never throws. */
  fetch(request: Request): Promise<Response>;
  /**
   * Serves clients.
   *
   * @throws ListenError when the port is in use.
   * @throws ConfigError when nobody is asked for a key and the address is not loopback.
   */
  listen(address: { readonly host: string; readonly port: number }): Promise<ListeningAddress>;
}

/** The patterns of what is passed on to the ingest service, for metrics. */
const clientRoutes = [
  '/v1/uploads/:id',
  '/v1/documents',
  '/v1/documents/:id/content',
  '/v1/chunks/:id/preview',
  '/v1/receipts/key',
].map((path) => ({ path }));

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const fromHeaders = (headers: HeaderLike): Credentials => ({
  authorization: text(headers.authorization),
  tenant: text(headers[tenantHeader]),
});

const fromParameters = (parameters: Readonly<Record<string, unknown>>): Credentials => ({
  authorization: text(parameters.authorization) ?? text(parameters.Authorization),
  tenant: text(parameters[tenantHeader]),
});

/** Whether a caller shows a token of the kind that our own services sign. */
const showsInternal = ({ authorization }: Credentials): boolean =>
  looksInternal(authorization?.replace(/^Bearer\s+/i, '') ?? '');

/**
 * Makes the gateway: one GraphQL API over all subgraphs, in this process or on the network, and the way to their
 * plain HTTP routes.
 *
 * @throws ConfigError when keys or tokens are wrongly configured.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { tls = null } = options;
  const { limits, logger, secret, metrics = noMetrics } = options;
  const authenticator = createAuthenticator(options.identity, secret);
  const timeoutMs = limits.upstreamTimeoutMs ?? 70_000;
  const connected = new Map(
    Object.entries(options.subgraphs).map(([name, source]) => [
      name,
      connectSubgraph(name, source, { secret, timeoutMs, logger, tls }),
    ]),
  );
  const runtime = await createRuntime({
    supergraph: options.supergraph,
    limits,
    logger,
    title: 'Tributary',
    connect: (service) => {
      const subgraph = connected.get(service);
      if (!subgraph)
        throw new Error(`The supergraph has a subgraph ${service}, and nothing says where it is.`);
      return subgraph.executor;
    },
  });

  async function known(credentials: Credentials): Promise<Omit<CallerContext, 'signal'>> {
    const identity = await authenticator.authenticate(credentials);
    if (!identity) {
      throw denied(
        'This needs a caller: send the header `Authorization: Bearer …` with an API key or a token.',
        'UNAUTHENTICATED',
      );
    }
    return { identity, authorization: null };
  }

  async function ready(): Promise<Response> {
    if (options.draining?.aborted === true) {
      return Response.json({ ready: false, draining: true, services: [] }, { status: 503 });
    }
    const { ready: isReady, services } = await checkReadiness([...connected.values()]);
    // What is wrong in detail is for those who run it; where keys are asked for, anyone may come to this path.
    const shown = authenticator.open
      ? services
      : services.map(({ checks, ...service }) => ({
          ...service,
          checks: checks.map(({ name, healthy }) => ({ name, healthy })),
        }));
    return Response.json({ ready: isReady, services: shown }, { status: isReady ? 200 : 503 });
  }

  /** Everything but GraphQL. */
  async function handleOther(request: Request): Promise<Response> {
    try {
      const { pathname } = new URL(request.url);
      if (pathname === '/health') return Response.json({ status: 'ok' });
      if (pathname === '/ready') return await ready();
      if (pathname === '/') return new Response(null, { status: 302, headers: { location: '/graphql' } });
      const target = connected.get(options.routesTo ?? 'ingest');
      if (!pathname.startsWith('/v1/') || !target) throw notFound(`There is nothing at ${pathname}.`);
      const identity = await authenticator.authenticate(fromHeaders(Object.fromEntries(request.headers)));
      // Who asks is said by us alone.
      request.headers.delete(identityHeader);
      return await target.handleRoute(request, identity);
    } catch (error) {
      return errorResponse(error, logger);
    }
  }

  async function answer(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== '/graphql') return handleOther(request);
    try {
      const { signal } = request;
      setMaxListeners(0, signal);
      const caller = { ...(await known(fromHeaders(Object.fromEntries(request.headers)))), signal };
      return await runtime.fetch(request, { caller });
    } catch (error) {
      return graphqlErrorResponse(error, logger);
    }
  }

  const servers: (ClientServer & { readonly websocket: AsyncDisposable })[] = [];
  const graceMs = options.graceMs ?? 10_000;

  return {
    fetch: answer,
    async listen(address) {
      assertMayListen(authenticator.open, address.host);
      const guard = authenticator.open ? guardOpenAccess : () => {};
      const { server, dropStreams } = createClientServer({
        runtime,
        guard,
        handleOther,
        logger,
        maxBodyBytes: limits.maxBodyBytes,
        identify: (headers) => known(fromHeaders(headers)),
        admit: (request) => {
          if (tls !== null && showsInternal(fromHeaders(request.headers))) assertTrusted(request);
        },
        tls,
        cors: (headers) => corsHeaders(authenticator.open, headers),
      });
      closeWhileDraining(server, options.draining);
      measureRequests(server, metrics, 'gateway', clientRoutes);
      const websocket = serveWebsocketClients({
        server,
        runtime,
        logger,
        metrics,
        identify: (parameters) => {
          const credentials = fromParameters(parameters);
          // Services send requests; none of them opens a WebSocket here.
          if (tls !== null && showsInternal(credentials))
            throw denied('This token is for services.', 'CERTIFICATE');
          return known(credentials);
        },
        mayOpen: ({ headers }) => {
          try {
            guard('CONNECT', headers);
            return true;
          } catch {
            return false;
          }
        },
        maxSubscriptionsPerSocket: limits.maxSubscriptionsPerSocket,
        maxPayloadBytes: limits.maxBodyBytes,
        connectionInitTimeoutMs: limits.connectionInitTimeoutMs ?? 3000,
        maxBufferedBytes: limits.maxBufferedBytes ?? 1024 * 1024,
      });
      try {
        const listening = await listen(server, address);
        servers.push({ server, websocket, dropStreams });
        return listening;
      } catch (error) {
        await websocket[Symbol.asyncDispose]();
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(
        servers.map(async ({ server, websocket, dropStreams }) => {
          const closed = closeServer(server, graceMs);
          dropStreams();
          await websocket[Symbol.asyncDispose]();
          await closed;
        }),
      );
      await runtime.dispose();
      await Promise.all([...connected.values()].map((subgraph) => subgraph[Symbol.asyncDispose]()));
    },
  };
}
