import type { ExecutionRequest, ExecutionResult, Executor, MaybeAsyncIterable } from '@graphql-tools/utils';
import { execute, getOperationAST, subscribe } from 'graphql';
import { abortable } from '../platform/http/abortable.ts';
import { contextFor } from '../platform/http/context-for.ts';
import { createErrorFormatter } from '../platform/http/format-error.ts';
import type { Identity } from '../platform/identity.ts';
import type { Logger } from '../platform/logger.ts';
import type { Subgraph } from '../platform/subgraph.ts';
import { callerOf } from './caller.ts';
import { subgraphError } from './subgraph-error.ts';

const isStream = (result: unknown): result is AsyncIterable<ExecutionResult> =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result;

/** A controller that follows a signal until it is aborted itself. */
export function following(signal: AbortSignal): AbortController {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  if (signal.aborted) follow();
  else {
    signal.addEventListener('abort', follow, { once: true });
    controller.signal.addEventListener('abort', () => signal.removeEventListener('abort', follow), {
      once: true,
    });
  }
  return controller;
}

/**
 * Executes a subgraph's part of an operation in this process, with a context of its own (and so with data loaders
 * of its own), just as it would be over the network. Failures come out in the same form too.
 */
export function inProcessTransport(service: string, subgraph: () => Subgraph, logger: Logger): Executor {
  const format = createErrorFormatter(logger);
  const formatted = (result: ExecutionResult): ExecutionResult =>
    result.errors
      ? { ...result, errors: result.errors.map((error) => subgraphError(format(error), service)) }
      : result;

  async function* events(results: AsyncIterable<ExecutionResult>): AsyncGenerator<ExecutionResult> {
    try {
      for await (const result of results) yield formatted(result);
    } catch (error) {
      // A source that throws ends its stream with an error as the last event: what is thrown through the
      // executors loses its form.
      yield { data: null, errors: [subgraphError(format(error), service)] };
    }
  }

  const run = async (
    request: ExecutionRequest,
    identity: Identity,
    signal: AbortSignal,
  ): Promise<MaybeAsyncIterable<ExecutionResult>> => {
    const target = subgraph();
    const operation = getOperationAST(request.document, request.operationName);
    const args = (own: AbortSignal) => ({
      schema: target.schema,
      document: request.document,
      contextValue: contextFor(target, identity, own),
      ...(request.variables && { variableValues: request.variables }),
      ...(request.operationName != null && { operationName: request.operationName }),
    });
    if (operation?.operation !== 'subscription') {
      const result = await execute(args(signal));
      return formatted(result);
    }
    const controller = following(signal);
    const result = await subscribe(args(controller.signal));
    if (isStream(result)) return abortable(events(result), controller);
    controller.abort();
    return formatted(result as ExecutionResult);
  };

  return ((request: ExecutionRequest) => {
    const { identity, signal } = callerOf(request);
    if (!identity) throw new Error('A subgraph in process needs an identity.');
    return run(request, identity, signal);
  }) as Executor;
}
