import { getDocumentString } from '@graphql-mesh/transport-common';
import type { ExecutionRequest, ExecutionResult, Executor } from '@graphql-tools/utils';
import { type GraphQLFormattedError, getOperationAST, print } from 'graphql';
import { type Dispatcher, Pool } from 'undici';
import { upstream } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { connectOptions } from '../platform/tls/service-client.ts';
import type { TlsIdentity } from '../platform/tls/tls-identity.ts';
import { type CallerContext, callerOf } from './caller.ts';
import { remoteSubscription } from './remote-subscription.ts';
import { timeLeft } from './search-deadline.ts';
import { subgraphError, transportError } from './subgraph-error.ts';

export interface RemoteTransportOptions {
  /** The subgraph's name, as errors name it. */
  readonly service: string;
  /** Its GraphQL endpoint, `http://host:port/graphql`. */
  readonly endpoint: string;
  /** What goes with every request, as headers by HTTP and as connection parameters by WebSocket. */
  readonly credentials: (caller: CallerContext) => Promise<Record<string, string>>;
  /** A subgraph that takes longer is given up, in milliseconds. */
  readonly timeoutMs: number;
  readonly logger: Logger;
  /** By which the gateway proves who it is. */
  readonly tls?: TlsIdentity | null | undefined;
}

interface RemoteResult {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

const isResult = (value: unknown): value is RemoteResult =>
  typeof value === 'object' && value !== null && ('data' in value || 'errors' in value);

const isRefused = (error: unknown): boolean => {
  if (error instanceof AggregateError) return error.errors.every(isRefused);
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
};

/** A signal of its own for one request: the client's, or the time limit, whichever comes first. */
function limited(signal: AbortSignal, timeoutMs: number) {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal.removeEventListener('abort', follow);
    },
  };
}

/**
 * Asks a subgraph over the network: queries and mutations by HTTP over kept-alive connections, subscriptions by
 * WebSocket. Nothing is ever sent twice, but for a query that found nobody listening, once. A subgraph that fails
 * or is too slow gives an `UPSTREAM` error in the result, beside what others answered.
 */
export function remoteTransport(options: RemoteTransportOptions): Executor & AsyncDisposable {
  const { service, timeoutMs, logger } = options;
  const endpoint = new URL(options.endpoint);
  const path = `${endpoint.pathname}${endpoint.search}`;
  const pool = new Pool(endpoint.origin, {
    connections: 256,
    keepAliveTimeout: 30_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    ...connectOptions(options.tls),
  });

  function failed(error: unknown, signal: AbortSignal): ExecutionResult {
    if (signal.aborted) throw signal.reason;
    logger.warn({ service, err: error }, 'a subgraph did not answer');
    const failure = upstream(service, `The service ${service} did not answer; please try again.`);
    return { data: null, errors: [transportError(failure)] };
  }

  async function read(response: Dispatcher.ResponseData): Promise<ExecutionResult> {
    const text = await response.body.text();
    const result: unknown = JSON.parse(text);
    if (!isResult(result)) throw new Error(`HTTP ${response.statusCode} without a GraphQL result`);
    if (response.statusCode === 401)
      throw new Error('the subgraph does not take the identity that the gateway signs');
    return {
      data: result.data ?? null,
      ...(result.errors && { errors: result.errors.map((error) => subgraphError(error, service)) }),
    } as ExecutionResult;
  }

  async function ask(request: ExecutionRequest, mayRepeat: boolean): Promise<ExecutionResult> {
    const caller = callerOf(request);
    const time = limited(caller.signal, timeLeft(caller, timeoutMs));
    try {
      const sent = {
        path,
        method: 'POST' as const,
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json;q=0.9',
          ...(await options.credentials(caller)),
        },
        body: JSON.stringify({
          query: getDocumentString(request.document, print),
          ...(request.variables && { variables: request.variables }),
          ...(request.operationName != null && { operationName: request.operationName }),
        }),
        signal: time.signal,
      };
      const response = await pool.request(sent).catch((error: unknown) => {
        if (mayRepeat && isRefused(error)) return pool.request(sent);
        throw error;
      });
      return await read(response);
    } catch (error) {
      return failed(error, caller.signal);
    } finally {
      time[Symbol.dispose]();
    }
  }

  const execute = (request: ExecutionRequest) => {
    const operation = getOperationAST(request.document, request.operationName)?.operation;
    if (operation === 'subscription') return remoteSubscription(request, callerOf(request), options);
    return ask(request, operation === 'query');
  };
  return Object.assign(execute as unknown as Executor, {
    [Symbol.asyncDispose]: async () => {
      await pool.destroy();
    },
  });
}
