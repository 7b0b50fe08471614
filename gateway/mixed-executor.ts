import {
  handleFederationSupergraph,
  type UnifiedGraphHandler,
  type UnifiedGraphHandlerOpts,
  type UnifiedGraphHandlerResult,
} from '@graphql-mesh/fusion-runtime';
import { createDefaultExecutor } from '@graphql-mesh/transport-common';
import type { Executor } from '@graphql-tools/utils';
import { getOperationAST } from 'graphql';
import type { Logger } from '../platform/logger.ts';
import { noteSearchDeadline } from './search-deadline.ts';

type Plan = (options: UnifiedGraphHandlerOpts) => Promise<UnifiedGraphHandlerResult>;

/** Loads the planner: a native module, which is not built for every platform. */
const loadPlanner: Plan = async (options) => {
  const { unifiedGraphHandler } = await import('@graphql-hive/router-runtime');
  return unifiedGraphHandler(options);
};

/**
 * Executes queries and mutations by the native query planner, which is about twice as fast, and subscriptions by
 * stitching: the planner carries the errors of one event over to the next, and repeats an event when its source
 * throws. The choice is made by the operation itself, because the request's own `operationType` is not always set.
 */
export function mixedExecutor(logger: Logger, plan: Plan = loadPlanner): UnifiedGraphHandler {
  return async (options) => {
    const stitched = handleFederationSupergraph(options);
    const stitch = createDefaultExecutor(stitched.unifiedGraph);
    const planned = await plan(options).catch((error: unknown) => {
      logger.warn(
        { err: error },
        'the native query planner cannot be loaded on this platform: queries and mutations are executed by stitching, which is slower',
      );
      return null;
    });
    const planExecutor = planned?.executor;
    const bounded =
      (execute: Executor): Executor =>
      (request) => {
        noteSearchDeadline(request);
        return execute(request);
      };
    if (!planned || !planExecutor) return { ...stitched, executor: bounded(stitch) };
    return {
      ...planned,
      executor: bounded((request) => {
        const operation = getOperationAST(request.document, request.operationName);
        return operation?.operation === 'subscription' ? stitch(request) : planExecutor(request);
      }),
    };
  };
}
