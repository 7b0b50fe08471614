import { GraphQLError } from 'graphql';
import { asTributaryError, TributaryError } from '../platform/errors.ts';
import { errorExtensions, newErrorId } from '../platform/http/format-error.ts';
import type { Logger } from '../platform/logger.ts';

/** Every error inside a wrapped one, the outermost first. */
function* chain(error: unknown): Generator<unknown> {
  for (
    let current = error;
    current;
    current = current instanceof GraphQLError ? current.originalError : null
  ) {
    yield current;
  }
}

/** Whether a transport made this error: it names its service, and carries only what may be shown. */
const isFromSubgraph = (error: unknown): error is GraphQLError =>
  error instanceof GraphQLError &&
  typeof error.extensions.service === 'string' &&
  typeof error.extensions.code === 'string';

/** Whether GraphQL itself refuses the operation before anything is executed. */
const isRefusal = (error: unknown): error is GraphQLError =>
  error instanceof GraphQLError &&
  error.path === undefined &&
  [...chain(error)].every((inner) => inner instanceof GraphQLError);

/**
 * Whether an object was gone when its own subgraph was asked for the rest of it: an event of long ago may speak of
 * what was deleted since. What it stands in becomes null, and the client is told why.
 */
const isGone = (error: unknown): error is GraphQLError =>
  error instanceof GraphQLError && error.message.startsWith('Cannot return null for non-nullable field');

const placed = (error: unknown, message: string, extensions: Record<string, unknown>): GraphQLError =>
  new GraphQLError(message, {
    ...(error instanceof GraphQLError && error.nodes !== undefined && { nodes: error.nodes }),
    ...(error instanceof GraphQLError && error.source !== undefined && { source: error.source }),
    ...(error instanceof GraphQLError && error.positions !== undefined && { positions: error.positions }),
    ...(error instanceof GraphQLError && error.path !== undefined && { path: error.path }),
    extensions,
  });

/**
 * Makes the one function that every error passes on its way to a client. Code, reason, service, field and
 * `retryAfterMs` are kept; the addresses of subgraphs, what was sent to them, and stacks are not. A defect is
 * logged inside, beside an id that the client is given.
 */
export function createErrorMask(logger: Logger): (error: unknown) => GraphQLError {
  return (error) => {
    for (const inner of chain(error)) {
      if (isFromSubgraph(inner)) return placed(error, inner.message, { ...inner.extensions });
      if (inner instanceof TributaryError && inner.code !== 'DEFECT') {
        return placed(error, inner.publicMessage, errorExtensions(inner));
      }
    }
    if (isRefusal(error)) {
      const http = error.extensions.http ?? { status: 400, spec: true };
      return placed(error, error.message, { code: 'BAD_REQUEST', ...error.extensions, http });
    }
    if (isGone(error)) {
      return placed(error, 'What stood here is not there any more.', { code: 'NOT_FOUND', reason: 'GONE' });
    }
    const failure = asTributaryError(error instanceof GraphQLError ? (error.originalError ?? error) : error);
    const errorId = newErrorId();
    logger.error({ errorId, err: failure.cause ?? failure }, 'an operation failed');
    // What failed while executing stands beside what did not, and is no failure of the request as a whole.
    const http =
      error instanceof GraphQLError && error.path !== undefined ? null : { status: 500, spec: true };
    return placed(error, failure.publicMessage, {
      ...errorExtensions(failure),
      errorId,
      ...(http && { http }),
    });
  };
}
