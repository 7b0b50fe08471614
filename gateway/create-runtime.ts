import { createGatewayRuntime, type GatewayPlugin, type GatewayRuntime } from '@graphql-hive/gateway-runtime';
import type { UnifiedGraphHandler } from '@graphql-mesh/fusion-runtime';
import type { Executor } from '@graphql-tools/utils';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { Logger } from '../platform/logger.ts';
import type { CallerContext } from './caller.ts';
import { limitOperations, type OperationLimits } from './limit-operations.ts';
import { createErrorMask } from './mask-error.ts';
import { mixedExecutor } from './mixed-executor.ts';

/** What every operation has in its context. */
export interface ServerContext extends Record<string, unknown> {
  readonly caller: CallerContext;
}

export type FederatedRuntime = GatewayRuntime<ServerContext>;

export interface RuntimeOptions {
  /** The supergraph's SDL. */
  readonly supergraph: string;
  /** Makes the way to a subgraph, once each, at the first need. `location` is what the supergraph says. */
  readonly connect: (service: string, location: string) => Executor;
  readonly limits: OperationLimits;
  readonly logger: Logger;
  /** What executes; planner and stitching, each for what it is right for, by default. */
  readonly handler?: UnifiedGraphHandler;
  /** What GraphiQL is called. */
  readonly title: string;
  /** What GraphiQL begins with. */
  readonly defaultQuery?: string;
}

const transport = 'tributary';

/** A result that was executed has data, if only null; without it a client would take it for refused. */
const completeResult: GatewayPlugin = {
  onExecute: () => ({
    onExecuteDone: ({ result, setResult }) => {
      if (Symbol.asyncIterator in result || 'data' in result || !result.errors) return;
      if (
        result.errors.some(
          (error) => error.path !== undefined || typeof error.extensions.service === 'string',
        )
      ) {
        setResult({ data: null, ...result });
      }
    },
  }),
};

/** The signals that the runtime listens to by itself, and would end operations under way at. */
const terminations = ['SIGINT', 'SIGTERM', 'exit'] as const;

/** Runs something that adds listeners to the process, and takes them away again: ending is ours to order. */
function withoutProcessListeners<T>(make: () => T): T {
  const before = terminations.map((event) => new Set(process.rawListeners(event)));
  const made = make();
  for (const [index, event] of terminations.entries()) {
    for (const listener of process.rawListeners(event)) {
      if (!before[index]?.has(listener)) process.off(event, listener as () => void);
    }
  }
  return made;
}

/**
 * Makes the federated executor with everything that all transports share: limits, masking, the choice between
 * planner and stitching. The supergraph has been loaded when it resolves, so that the first WebSocket client finds
 * a schema.
 *
 * @throws when the supergraph is not one.
 */
export async function createRuntime(options: RuntimeOptions): Promise<FederatedRuntime> {
  const { supergraph, limits, logger } = options;
  const mask = createErrorMask(logger);
  const runtime = withoutProcessListeners(() =>
    createGatewayRuntime<ServerContext>({
      supergraph,
      unifiedGraphHandler: options.handler ?? mixedExecutor(logger),
      transports: {
        [transport]: {
          getSubgraphExecutor: ({ subgraphName, transportEntry }) =>
            options.connect(subgraphName, transportEntry.location ?? ''),
        },
      },
      transportEntries: { '*.http': { kind: transport } },
      plugins: () => [limitOperations(limits, supergraph), completeResult],
      maskedErrors: { maskError: mask },
      graphqlEndpoint: '/graphql',
      graphiql: {
        title: options.title,
        // Server-sent events carry the headers that the user has filled in; a WebSocket of a browser cannot.
        subscriptionsProtocol: 'SSE',
        ...(options.defaultQuery !== undefined && { defaultQuery: options.defaultQuery }),
      },
      renderGraphiQL,
      landingPage: false,
      logging: false,
      cors: false,
      batching: false,
      multipart: false,
      requestId: false,
      subgraphErrors: false,
      // The planner has merged what belongs together already; merging again would only add a turn of the event loop.
      __experimental__batchExecution: false,
    }),
  );
  await runtime.getSchema();
  return runtime;
}
