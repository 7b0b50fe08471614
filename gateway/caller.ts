import type { ExecutionRequest } from '@graphql-tools/utils';
import type { Identity } from '../platform/identity.ts';

/** What is known of an operation's caller; it reaches every transport in the operation's context. */
export interface CallerContext {
  /** Who asks; null where the gateway serves a supergraph that is not ours. */
  readonly identity: Identity | null;
  /** The client's own header, for a supergraph that is not ours. */
  readonly authorization: string | null;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** The caller of an operation, from a request for a subgraph. */
export function callerOf(request: ExecutionRequest): CallerContext {
  const context: unknown = request.context;
  if (typeof context !== 'object' || context === null || !('caller' in context)) {
    throw new Error('An operation has reached a subgraph without its caller.');
  }
  return context.caller as CallerContext;
}
