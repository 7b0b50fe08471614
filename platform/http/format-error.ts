import { randomBytes } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { asTributaryError, type TributaryError } from '../errors.ts';
import type { Logger } from '../logger.ts';

/** What a `TributaryError` says to its caller, as GraphQL's `extensions`. Only what is set is there. */
export function errorExtensions(error: TributaryError): Record<string, unknown> {
  return {
    code: error.code,
    ...(error.reason !== error.code && { reason: error.reason }),
    ...(error.field !== undefined && { field: error.field }),
    ...(error.service !== undefined && { service: error.service }),
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
  };
}

/** An id by which a line of the log and what a caller was told are found together. */
export const newErrorId = (): string => randomBytes(6).toString('hex');

/** The innermost error that was thrown: GraphQL wraps what resolvers throw, sometimes twice. */
export function originalError(error: unknown): unknown {
  let current = error;
  while (current instanceof GraphQLError && current.originalError) current = current.originalError;
  return current;
}

/** Whether GraphQL itself refuses the operation: its syntax, its validity, or its variables. */
function isRefusal(error: unknown): error is GraphQLError {
  if (!(error instanceof GraphQLError)) return false;
  // What a resolver or a scalar threw without a code while executing is our mistake, unless it points at
  // the part of the operation that is wrong.
  return error.path === undefined || error.nodes !== undefined || typeof error.extensions.code === 'string';
}

/** Whether work ended only because its caller has gone: no mistake of anybody's. */
const isAbandonment = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/**
 * Makes the one function that maps whatever was thrown to what a GraphQL caller may see: code, reason, field,
 * service and `retryAfterMs`. Defects are masked; their details are logged beside an id that the caller is
 * given too.
 */
export function createErrorFormatter(logger: Logger): (error: unknown) => GraphQLFormattedError {
  return (error) => {
    const thrown = originalError(error);
    const place: Pick<GraphQLFormattedError, 'locations' | 'path'> =
      error instanceof GraphQLError
        ? {
            ...(error.locations !== undefined && { locations: error.locations }),
            ...(error.path !== undefined && { path: error.path }),
          }
        : {};
    if (isRefusal(thrown)) {
      const code = thrown.extensions.code ?? 'BAD_REQUEST';
      return { message: thrown.message, ...place, extensions: { ...thrown.extensions, code } };
    }
    if (isAbandonment(thrown)) {
      logger.debug({ path: place.path }, 'work was given up: nobody waits for it');
      return {
        message: 'The request was given up before it was done.',
        ...place,
        extensions: { code: 'BUSY', reason: 'ABANDONED' },
      };
    }
    const failure = asTributaryError(thrown);
    if (failure.code === 'DEFECT') {
      const errorId = newErrorId();
      logger.error({ errorId, path: place.path, err: failure.cause ?? failure }, 'a resolver failed');
      return {
        message: failure.publicMessage,
        ...place,
        extensions: { ...errorExtensions(failure), errorId },
      };
    }
    if (failure.code === 'UPSTREAM') {
      logger.warn(
        { service: failure.service, path: place.path, err: failure.cause ?? failure },
        'upstream failed',
      );
    }
    return { message: failure.publicMessage, ...place, extensions: errorExtensions(failure) };
  };
}

/** An error as a `GraphQLError` that carries nothing but what may be shown. */
export function toGraphqlError(formatted: GraphQLFormattedError): GraphQLError {
  const error = new GraphQLError(formatted.message, {
    ...(formatted.path !== undefined && { path: formatted.path }),
    ...(formatted.extensions !== undefined && { extensions: formatted.extensions }),
  });
  if (formatted.locations !== undefined)
    Object.defineProperty(error, 'locations', { value: formatted.locations, enumerable: true });
  return error;
}
