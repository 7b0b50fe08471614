import type { Server } from 'node:http';
import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  parse,
  subscribe,
  validate,
} from 'graphql';
import type { Context as SocketContext } from 'graphql-ws';
import { denied } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { OperationContext, Subgraph } from '../subgraph.ts';
import { isTrusted } from '../tls/service-server.ts';
import { abortable } from './abortable.ts';
import { contextFor } from './context-for.ts';
import { createErrorFormatter, toGraphqlError } from './format-error.ts';
import { identityHeader, verifyIdentity } from './identity-token.ts';
import { type SocketExtra, serveWebsocket } from './serve-websocket.ts';

interface SubgraphSocket extends SocketExtra {
  identity?: Promise<Identity>;
  /** One controller per operation under way; all are aborted when the socket closes. */
  operations?: Set<AbortController>;
}

type Connection = SocketContext<Record<string, unknown>, SocketExtra>;

const isStream = (result: unknown): result is AsyncIterable<ExecutionResult> =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result;

/** Serves a subgraph's subscriptions to the gateway, at `/graphql`. */
export function serveSubgraphWebsocket<Context extends OperationContext>(options: {
  readonly server: Server;
  readonly subgraph: Subgraph<Context>;
  readonly secret: string;
  readonly logger: Logger;
  readonly maxBodyBytes: number;
  readonly metrics?: Metrics;
}): AsyncDisposable {
  const { server, subgraph, secret, logger } = options;
  const format = createErrorFormatter(logger);
  const formatAll = (errors: readonly unknown[]) => errors.map((error) => toGraphqlError(format(error)));
  const formatResult = (result: ExecutionResult): ExecutionResult =>
    result.errors ? { ...result, errors: formatAll(result.errors) } : result;

  const extraOf = (connection: Connection) => connection.extra as SubgraphSocket;

  /** Runs one operation with a signal of its own, aborted when its reader leaves or its socket closes. */
  async function run(connection: Connection, args: ExecutionArgs, isSubscription: boolean) {
    const controller = new AbortController();
    const extra = extraOf(connection);
    extra.operations ??= new Set();
    extra.operations.add(controller);
    controller.signal.addEventListener('abort', () => extra.operations?.delete(controller), { once: true });
    const identity = await extra.identity;
    if (!identity) throw denied('There is no identity on this connection.', 'UNAUTHENTICATED');
    const withContext = { ...args, contextValue: contextFor(subgraph, identity, controller.signal) };
    const result = isSubscription ? await subscribe(withContext) : await execute(withContext);
    if (!isStream(result)) {
      extra.operations.delete(controller);
      return formatResult(result);
    }
    return abortable(formatEach(result), controller);
  }

  /** A source that throws ends the stream with an error that may be shown. */
  async function* formatEach(results: AsyncIterable<ExecutionResult>) {
    try {
      for await (const result of results) yield formatResult(result);
    } catch (error) {
      throw toGraphqlError(format(error));
    }
  }

  return serveWebsocket({
    server,
    path: '/graphql',
    mayOpen: isTrusted,
    logger,
    ...(options.metrics && { metrics: options.metrics }),
    maxPayloadBytes: options.maxBodyBytes,
    maxBufferedBytes: 256 * 1024,
    options: {
      onConnect: async (connection) => {
        const token = connection.connectionParams?.[identityHeader];
        if (typeof token !== 'string') return false;
        try {
          const identity = await verifyIdentity(token, secret);
          extraOf(connection).identity = Promise.resolve(identity);
          return true;
        } catch (error) {
          logger.warn({ err: error }, 'a WebSocket with a wrong identity was refused');
          return false;
        }
      },
      onClose: (connection) => {
        for (const controller of extraOf(connection).operations ?? []) {
          controller.abort(new DOMException('The socket has closed.', 'AbortError'));
        }
      },
      onSubscribe: (connection, _id, payload) => {
        try {
          const document = parse(payload.query);
          const invalid = validate(subgraph.schema, document);
          if (invalid.length > 0) return formatAll(invalid);
          return {
            schema: subgraph.schema,
            document,
            contextValue: connection,
            ...(payload.operationName != null && { operationName: payload.operationName }),
            ...(payload.variables != null && { variableValues: payload.variables }),
          };
        } catch (error) {
          return formatAll([error]);
        }
      },
      subscribe: (args) => run(args.contextValue as Connection, args, true),
      execute: (args) => run(args.contextValue as Connection, args, false),
      // What a stream throws arrives wrapped; its inside is what `formatEach` made.
      onError: (_connection, _id, _payload, errors) =>
        errors.map((error) =>
          error.originalError instanceof GraphQLError ? error.originalError.toJSON() : error.toJSON(),
        ),
    },
  });
}
