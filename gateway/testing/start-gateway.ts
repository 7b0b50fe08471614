import { type ClientOptions, createClient } from 'graphql-ws';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { serveSubgraph } from '../../platform/http/serve-subgraph.ts';
import { createLogger, type Logger } from '../../platform/logger.ts';
import type { Subgraph } from '../../platform/subgraph.ts';
import type { AuthenticationOptions } from '../authenticate.ts';
import { createGateway, type GatewayLimits } from '../create-gateway.ts';
import type { SubgraphSource } from '../subgraph-source.ts';
import { composeLibrary, createLibrary } from './library.ts';

export const secret = 'a-secret-of-at-least-thirty-two-characters';

export const noAuthentication: AuthenticationOptions = {
  apiKeys: null,
  jwksUrl: null,
  jwtIssuer: null,
  jwtAudience: 'tributary',
  jwtTenantClaim: 'tenant',
};

export const limits: GatewayLimits = {
  maxDepth: 15,
  maxAliases: 30,
  maxTokens: 4000,
  maxCost: 20_000,
  maxBodyBytes: 100_000,
  maxSubscriptionsPerSocket: 100,
};

export interface StartOptions {
  readonly mode?: 'in-process' | 'remote';
  readonly identity?: Partial<AuthenticationOptions>;
  readonly limits?: Partial<GatewayLimits>;
  readonly logger?: Logger;
  /** Instead of what the mode says, by subgraph. */
  readonly sources?: Readonly<Record<string, SubgraphSource>>;
  readonly graceMs?: number;
  /** Takes what ends the gateway; at the end of the test by default. */
  readonly onEnd?: (end: () => Promise<void>) => void;
}

export interface GraphqlAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly GraphqlProblem[];
  };
}

export interface GraphqlProblem {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** A gateway over the library, listening on a free port; ended with the test. */
export async function startGateway(options: StartOptions = {}) {
  const logger = options.logger ?? createLogger('test', 'silent');
  const onEnd = options.onEnd ?? onTestFinished;
  const library = createLibrary();
  const served = new Map<string, AsyncDisposable>();
  const sources: Record<string, SubgraphSource> = {};
  for (const [name, subgraph] of Object.entries<Subgraph>(library.subgraphs)) {
    if (options.mode === 'remote') {
      const server = await serveSubgraph(subgraph, {
        host: '127.0.0.1',
        port: 0,
        secret,
        logger,
        maxBodyBytes: 1_000_000,
        graceMs: 100,
      });
      served.set(name, server);
      onEnd(async () => server[Symbol.asyncDispose]());
      sources[name] = { kind: 'remote', url: server.url };
    } else sources[name] = { kind: 'in-process', subgraph: () => subgraph };
  }
  const gateway = await createGateway({
    supergraph: composeLibrary(),
    subgraphs: { ...sources, ...options.sources },
    identity: { ...noAuthentication, ...options.identity },
    limits: { ...limits, ...options.limits },
    secret,
    logger,
    graceMs: options.graceMs ?? 200,
  });
  onEnd(async () => gateway[Symbol.asyncDispose]());
  const { url, port } = await gateway.listen({ host: '127.0.0.1', port: 0 });
  const endpoint = `${url}/graphql`;

  async function ask(
    query: string,
    variables?: object,
    headers: Record<string, string> = {},
  ): Promise<GraphqlAnswer> {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as GraphqlAnswer['body'],
    };
  }

  function websocket(connectionParams: Record<string, unknown> = {}, more: Partial<ClientOptions> = {}) {
    const client = createClient({
      url: endpoint.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams,
      ...more,
    });
    onTestFinished(() => client.dispose());
    return client;
  }

  /** Every event of a subscription over WebSocket. */
  async function collect(query: string, connectionParams: Record<string, unknown> = {}) {
    const events: unknown[] = [];
    for await (const event of websocket(connectionParams).iterate({ query })) events.push(event);
    return events as GraphqlAnswer['body'][];
  }

  /** Every event of a subscription over server-sent events, in the distinct connections mode. */
  async function stream(query: string, headers: Record<string, string> = {}) {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
      body: JSON.stringify({ query }),
    });
    const text = await response.text();
    const events = [...text.matchAll(/^event: next\ndata: (.*)$/gm)].map(
      ([, data]) => JSON.parse(data ?? '') as GraphqlAnswer['body'],
    );
    return { events, completed: /^event: complete$/m.test(text) };
  }

  return { library, gateway, served, url, port, endpoint, ask, websocket, collect, stream };
}
