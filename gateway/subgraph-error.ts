import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { TributaryError } from '../platform/errors.ts';
import { errorExtensions } from '../platform/http/format-error.ts';

/** What a subgraph may say beside its message; everything else (stacks, causes) stays inside. */
const allowed = ['code', 'reason', 'field', 'service', 'retryAfterMs', 'errorId'] as const;

/** An error of a subgraph's own result, with the name of the subgraph, and without what is not for callers. */
export function subgraphError(error: GraphQLFormattedError, service: string): GraphQLError {
  const extensions: Record<string, unknown> = {};
  for (const name of allowed) {
    if (error.extensions?.[name] !== undefined) extensions[name] = error.extensions[name];
  }
  return new GraphQLError(String(error.message), {
    ...(error.path !== undefined && { path: error.path }),
    extensions: { code: 'UPSTREAM', service, ...extensions },
  });
}

/** A failure to reach a subgraph at all. */
export const transportError = (error: TributaryError): GraphQLError =>
  new GraphQLError(error.publicMessage, { extensions: errorExtensions(error) });
