import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { Executor } from '@graphql-tools/utils';
import { Pool } from 'undici';
import { upstream } from '../platform/errors.ts';
import { createRouteHandler } from '../platform/http/handle-route.ts';
import { identityHeader, signIdentity } from '../platform/http/identity-token.ts';
import type { Identity } from '../platform/identity.ts';
import type { Logger } from '../platform/logger.ts';
import type { HealthCheck, Subgraph } from '../platform/subgraph.ts';
import { connectOptions } from '../platform/tls/service-client.ts';
import type { TlsIdentity } from '../platform/tls/tls-identity.ts';
import { inProcessTransport } from './in-process-transport.ts';
import { remoteTransport } from './remote-transport.ts';

/** Where a subgraph is. */
export type SubgraphSource =
  /** In this process; asked for at the first need, so that a subgraph may itself need the gateway. */
  | { readonly kind: 'in-process'; readonly subgraph: () => Subgraph }
  /** On the network: `http://host:port`. */
  | { readonly kind: 'remote'; readonly url: string };

/** One subgraph, wherever it is. */
export interface ConnectedSubgraph extends AsyncDisposable {
  readonly service: string;
  readonly executor: Executor;
  /** Passes on a plain HTTP request; bodies are streams both ways. */
  handleRoute(request: Request, identity: Identity | null): Promise<Response>;
  check(signal: AbortSignal): Promise<HealthCheck[]>;
}

export interface ConnectOptions {
  readonly secret: string;
  readonly timeoutMs: number;
  readonly logger: Logger;
  /** By which the gateway proves to subgraphs on the network who it is. */
  readonly tls?: TlsIdentity | null;
}

/** Signed identities are kept this long; they are valid for five times as long. */
const tokenKeptMs = 60_000;

/** Signs identities, each once a minute: the same key's identity is the same object. */
export function createIdentitySigner(secret: string): (identity: Identity) => Promise<string> {
  const tokens = new WeakMap<Identity, { readonly token: Promise<string>; readonly until: number }>();
  return (identity) => {
    const known = tokens.get(identity);
    if (known && known.until > Date.now()) return known.token;
    const token = signIdentity(identity, secret);
    tokens.set(identity, { token, until: Date.now() + tokenKeptMs });
    return token;
  };
}

function connectInProcess(service: string, subgraph: () => Subgraph, logger: Logger): ConnectedSubgraph {
  let handle: ReturnType<typeof createRouteHandler> | undefined;
  return {
    service,
    executor: inProcessTransport(service, subgraph, logger),
    handleRoute(request, identity) {
      handle ??= createRouteHandler(subgraph().routes, logger);
      return handle(request, identity);
    },
    check: (signal) => subgraph().check(signal),
    async [Symbol.asyncDispose]() {},
  };
}

/** Headers that belong to one connection, or that only the gateway may set. */
const notPassedOn = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'proxy-authorization',
  'proxy-authenticate',
  'host',
  'authorization',
  'cookie',
  'expect',
  identityHeader,
]);

function passedOn(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of headers) if (!notPassedOn.has(name)) kept[name] = value;
  return kept;
}

function connectRemote(service: string, url: string, options: ConnectOptions): ConnectedSubgraph {
  const { secret, logger, tls } = options;
  const sign = createIdentitySigner(secret);
  const executor = remoteTransport({
    service,
    endpoint: `${url.replace(/\/+$/, '')}/graphql`,
    timeoutMs: options.timeoutMs,
    ...{ logger, tls },
    credentials: async ({ identity }): Promise<Record<string, string>> =>
      identity ? { [identityHeader]: await sign(identity) } : {},
  });
  const pool = new Pool(new URL(url).origin, {
    keepAliveTimeout: 30_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    ...connectOptions(tls),
  });
  const unreachable = (error: unknown) =>
    upstream(service, `The service ${service} did not answer; please try again.`, error);

  return {
    service,
    executor,
    async handleRoute(request, identity) {
      const { pathname, search } = new URL(request.url);
      const response = await pool
        .request({
          path: `${pathname}${search}`,
          method: request.method as 'GET',
          headers: {
            ...passedOn(request.headers),
            ...(identity && { [identityHeader]: await sign(identity) }),
          },
          body: request.body ? Readable.fromWeb(request.body as unknown as NodeReadableStream) : null,
          signal: request.signal,
        })
        .catch((error: unknown) => {
          throw unreachable(error);
        });
      const headers = new Headers();
      for (const [name, value] of Object.entries(response.headers)) {
        if (value === undefined || notPassedOn.has(name)) continue;
        for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one);
      }
      const empty = response.statusCode === 204 || response.statusCode === 304 || request.method === 'HEAD';
      if (empty) await response.body.dump();
      return new Response(empty ? null : (Readable.toWeb(response.body) as unknown as ReadableStream), {
        status: response.statusCode,
        headers,
      });
    },
    async check(signal) {
      const { body } = await pool.request({ path: '/ready', method: 'GET', signal });
      const answer = (await body.json()) as { readonly checks?: HealthCheck[] };
      return answer.checks ?? [];
    },
    async [Symbol.asyncDispose]() {
      await executor[Symbol.asyncDispose]();
      await pool.destroy();
    },
  };
}

/** Makes the way to a subgraph. */
export const connectSubgraph = (
  service: string,
  source: SubgraphSource,
  options: ConnectOptions,
): ConnectedSubgraph =>
  source.kind === 'remote'
    ? connectRemote(service, source.url, options)
    : connectInProcess(service, source.subgraph, options.logger);
