import type { ExecutionRequest, ExecutionResult, Executor, MaybeAsyncIterable } from '@graphql-tools/utils';
import { type ExecutionArgs, execute, getOperationAST, subscribe } from 'graphql';
import { upstream } from '../platform/errors.ts';
import { abortable } from '../platform/http/abortable.ts';
import { contextFor } from '../platform/http/context-for.ts';
import { createErrorFormatter } from '../platform/http/format-error.ts';
import type { Identity } from '../platform/identity.ts';
import type { Logger } from '../platform/logger.ts';
import type { Subgraph } from '../platform/subgraph.ts';
import { type CallerContext, callerOf } from './caller.ts';
import { timeLeft } from './search-deadline.ts';
import { subgraphError, transportError } from './subgraph-error.ts';

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

  async function executeInTime(
    args: (own: AbortSignal) => ExecutionArgs,
    caller: CallerContext,
  ): Promise<ExecutionResult> {
    const leftMs = timeLeft(caller, Number.POSITIVE_INFINITY);
    if (leftMs === Number.POSITIVE_INFINITY) return formatted(await execute(args(caller.signal)));
    const controller = following(caller.signal);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<ExecutionResult>((resolve) => {
      timer = setTimeout(() => {
        const failure = upstream(service, `The service ${service} did not answer in time; please try again.`);
        resolve({ data: null, errors: [transportError(failure)] });
        controller.abort(failure);
      }, leftMs);
    });
    try {
      const result = Promise.resolve(execute(args(controller.signal)));
      result.catch(() => undefined);
      return await Promise.race([result.then(formatted), late]);
    } finally {
      clearTimeout(timer);
      // Lets go of the caller's signal.
      controller.abort();
    }
  }

  const run = async (
    request: ExecutionRequest,
    caller: CallerContext,
    identity: Identity,
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
      return executeInTime(args, caller);
    }
    const controller = following(caller.signal);
    const result = await subscribe(args(controller.signal));
    if (isStream(result)) return abortable(events(result), controller);
    controller.abort();
    return formatted(result as ExecutionResult);
  };

  return ((request: ExecutionRequest) => {
    const caller = callerOf(request);
    const { identity } = caller;
    if (!identity) throw new Error('A subgraph in process needs an identity.');
    return run(request, caller, identity);
  }) as Executor;
}
