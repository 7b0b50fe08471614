import { setMaxListeners } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { ExecutionArgs, ExecutionResult, FormattedExecutionResult, GraphQLError } from 'graphql';
import { type DocumentNode, Kind, OperationTypeNode } from 'graphql';
import { CloseCode, type SubscribePayload } from 'graphql-ws';
import { busy } from '../platform/errors.ts';
import { abortable } from '../platform/http/abortable.ts';
import { type SocketExtra, serveWebsocket } from '../platform/http/serve-websocket.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/ports/metrics.ts';
import type { CallerContext } from './caller.ts';
import type { FederatedRuntime } from './create-runtime.ts';
import { createErrorMask } from './mask-error.ts';

export interface WebsocketClientsOptions {
  readonly server: Server;
  readonly runtime: FederatedRuntime;
  /** Who asks, from the parameters of the connection; throws what is to be told when that is wrong. */
  readonly identify: (
    parameters: Readonly<Record<string, unknown>>,
  ) => Promise<Omit<CallerContext, 'signal'>>;
  /** Whether a socket may be opened at all. */
  readonly mayOpen: (request: IncomingMessage) => boolean;
  readonly maxSubscriptionsPerSocket: number;
  readonly maxPayloadBytes: number;
  /** A client must say who it is within this time, in milliseconds. */
  readonly connectionInitTimeoutMs: number;
  /** What a client may leave unread before its subscriptions wait, in bytes. */
  readonly maxBufferedBytes: number;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

interface ClientSocket extends SocketExtra {
  /** One controller per operation under way. */
  operations?: Set<AbortController>;
}

type Execute = FederatedRuntime['getResultForParams'];
type Result = ExecutionResult | AsyncIterable<ExecutionResult>;

const isStream = (result: Result): result is AsyncIterable<ExecutionResult> => Symbol.asyncIterator in result;

/** A text as the reason of a close, which has room for 123 bytes. */
function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  // A character that was cut in two is left out.
  return bytes.length <= 123 ? text : `${bytes.toString('utf8', 0, 120).replace(/\ufffd+$/, '')}…`;
}

/** The protocol's server wants a document; the runtime parses the real one, with everything that it checks. */
const placeholder: DocumentNode = {
  kind: Kind.DOCUMENT,
  definitions: [
    {
      kind: Kind.OPERATION_DEFINITION,
      operation: OperationTypeNode.SUBSCRIPTION,
      selectionSet: { kind: Kind.SELECTION_SET, selections: [] },
    },
  ],
};

/** An error as the wire has it, without what steers HTTP only. */
function shown(error: GraphQLError) {
  const { http: _http, ...extensions } = error.extensions;
  return { ...error.toJSON(), extensions };
}

/**
 * Serves clients over WebSocket (`graphql-transport-ws`): subscriptions, and queries and mutations too. Checks who
 * asks at every operation, so that an expired token begins nothing new. A client that reads slowly is waited for.
 */
export function serveWebsocketClients(options: WebsocketClientsOptions): AsyncDisposable {
  const { runtime, identify, maxSubscriptionsPerSocket: most } = options;
  const mask = createErrorMask(options.logger);

  async function run(
    socket: ClientSocket,
    parameters: Readonly<Record<string, unknown>>,
    params: SubscribePayload,
  ): Promise<Result> {
    const controller = new AbortController();
    const { signal } = controller;
    setMaxListeners(0, signal);
    socket.operations ??= new Set();
    const { operations } = socket;
    operations.add(controller);
    signal.addEventListener('abort', () => operations.delete(controller), { once: true });
    let result: Result | undefined;
    try {
      const caller = { ...(await identify(parameters)), signal };
      // There is no request behind an operation of a WebSocket, and nothing that is used here asks for one.
      const behind = { params, request: undefined } as unknown as Parameters<Execute>[0];
      const context = { caller, params, connectionParams: parameters } as unknown as Parameters<Execute>[1];
      result = (await runtime.getResultForParams(behind, context)) as Result;
      return isStream(result) ? abortable(result, controller) : result;
    } finally {
      if (!result || !isStream(result)) operations.delete(controller);
    }
  }

  return serveWebsocket({
    server: options.server,
    path: '/graphql',
    logger: options.logger,
    ...(options.metrics && { metrics: options.metrics }),
    maxPayloadBytes: options.maxPayloadBytes,
    maxBufferedBytes: options.maxBufferedBytes,
    mayOpen: options.mayOpen,
    options: {
      connectionInitWaitTimeout: options.connectionInitTimeoutMs,
      onConnect: async ({ connectionParams, extra }) => {
        try {
          await identify(connectionParams ?? {});
          return true;
        } catch (error) {
          // The protocol closes with 4403 and no more than `Forbidden`; the reason of the close says why.
          (extra as ClientSocket).socket.close(CloseCode.Forbidden, closeReason(mask(error).message));
          return false;
        }
      },
      onClose: ({ extra }) => {
        for (const controller of (extra as ClientSocket).operations ?? []) {
          controller.abort(new DOMException('The client has gone.', 'AbortError'));
        }
      },
      onSubscribe: async ({ connectionParams, extra, subscriptions }, _id, payload) => {
        try {
          if (Object.keys(subscriptions).length > most) {
            throw busy(
              'TOO_MANY_SUBSCRIPTIONS',
              `There are ${most} operations on this socket, which is the most that are allowed; end one first, or open another socket.`,
              1000,
            );
          }
          const result = await run(extra as ClientSocket, connectionParams ?? {}, payload);
          // What was refused before it was executed is told as the protocol's own error.
          if (!isStream(result) && result.errors && !('data' in result)) return result.errors;
          return { document: placeholder, contextValue: result } as unknown as ExecutionArgs;
        } catch (error) {
          return [mask(error)];
        }
      },
      subscribe: (args) => args.contextValue as AsyncIterableIterator<ExecutionResult>,
      onNext: (_connection, _id, _payload, _args, { errors, ...rest }) =>
        ({ ...rest, ...(errors && { errors: errors.map(shown) }) }) as FormattedExecutionResult,
      onError: (_connection, _id, _payload, errors) => errors.map(shown),
    },
  });
}
