import { getDocumentString } from '@graphql-mesh/transport-common';
import type { ExecutionRequest, ExecutionResult } from '@graphql-tools/utils';
import { type GraphQLFormattedError, print } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { upstream } from '../platform/errors.ts';
import type { CallerContext } from './caller.ts';
import type { RemoteTransportOptions } from './remote-transport.ts';
import { subgraphError, transportError } from './subgraph-error.ts';

/** Above this many events that nobody has taken the socket is not read any more; below the other it is again. */
const pauseAt = 64;
const resumeAt = 16;
const pingMs = 15_000;
const pongMs = 10_000;

const isErrors = (error: unknown): error is readonly GraphQLFormattedError[] =>
  Array.isArray(error) &&
  error.every((item) => typeof item === 'object' && item !== null && 'message' in item);

/**
 * Subscribes to a subgraph over a WebSocket of its own, so that a slow reader holds up nobody else and can be
 * waited for. A connection that breaks ends the stream with an `UPSTREAM` error as its last event. It is never
 * opened again: the subgraph would begin from the start.
 */
export function remoteSubscription(
  request: ExecutionRequest,
  caller: CallerContext,
  options: Pick<
    RemoteTransportOptions,
    'service' | 'endpoint' | 'credentials' | 'timeoutMs' | 'logger' | 'tls'
  >,
): AsyncIterableIterator<ExecutionResult> {
  const { service, logger } = options;
  const events: ExecutionResult[] = [];
  let wake: (() => void) | undefined;
  let ended = false;
  let socket: WebSocket | undefined;
  let client: Client | undefined;
  let stop: (() => void) | undefined;
  let pongTimer: NodeJS.Timeout | undefined;

  const push = (event: ExecutionResult | null) => {
    if (ended) return;
    if (event) events.push(event);
    else ended = true;
    if (events.length >= pauseAt) socket?.pause();
    wake?.();
  };

  const breakOff = (error: unknown) => {
    if (isErrors(error)) push({ data: null, errors: error.map((one) => subgraphError(one, service)) });
    else {
      logger.warn({ service, err: error }, 'a subscription to a subgraph broke off');
      const failure = upstream(
        service,
        `The service ${service} broke off the subscription; please subscribe again.`,
      );
      push({ data: null, errors: [transportError(failure)] });
    }
    push(null);
  };

  class OwnSocket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols, {
        handshakeTimeout: options.timeoutMs,
        perMessageDeflate: false,
        ...options.tls?.material(),
      });
      socket = this;
    }
  }

  async function open() {
    const connectionParams = await options.credentials(caller);
    if (ended) return;
    client = createClient({
      url: options.endpoint.replace(/^http/, 'ws'),
      webSocketImpl: OwnSocket,
      connectionParams,
      retryAttempts: 0,
      shouldRetry: () => false,
      connectionAckWaitTimeout: options.timeoutMs,
      keepAlive: pingMs,
      on: {
        ping: (received) => {
          if (received) return;
          pongTimer = setTimeout(() => {
            // A socket that is not read on purpose cannot show its pong.
            if (socket?.isPaused !== true) socket?.terminate();
          }, pongMs);
        },
        pong: (received) => {
          if (received) clearTimeout(pongTimer);
        },
      },
    });
    stop = client.subscribe<Record<string, unknown>>(
      {
        query: getDocumentString(request.document, print),
        ...(request.variables && { variables: request.variables }),
        ...(request.operationName != null && { operationName: request.operationName }),
      },
      {
        next: ({ data, errors }) =>
          push({
            data: data ?? null,
            ...(errors && { errors: errors.map((error) => subgraphError(error, service)) }),
          } as ExecutionResult),
        error: breakOff,
        complete: () => push(null),
      },
    );
  }

  const close = () => {
    ended = true;
    clearTimeout(pongTimer);
    caller.signal.removeEventListener('abort', abort);
    socket?.resume();
    stop?.();
    void client?.dispose();
    wake?.();
  };
  const abort = () => {
    events.length = 0;
    close();
  };
  if (caller.signal.aborted) abort();
  else {
    caller.signal.addEventListener('abort', abort, { once: true });
    open().catch(breakOff);
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (events.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const event = events.shift();
      if (event) {
        if (events.length <= resumeAt) socket?.resume();
        return { done: false, value: event };
      }
      close();
      return { done: true, value: undefined };
    },
    async return() {
      abort();
      return { done: true, value: undefined };
    },
    async throw(error) {
      abort();
      throw error;
    },
  };
}
