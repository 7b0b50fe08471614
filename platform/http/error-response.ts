import { asTributaryError, type ErrorCode, type TributaryError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { errorExtensions, newErrorId } from './format-error.ts';

const statusByCode: Readonly<Record<ErrorCode, number>> = {
  REJECTED_INPUT: 400,
  DENIED: 403,
  NOT_FOUND: 404,
  BUSY: 503,
  UPSTREAM: 502,
  DEFECT: 500,
};

const statusByReason: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  IDENTITY_EXPIRED: 401,
  IDENTITY_INVALID: 401,
  METHOD_NOT_ALLOWED: 405,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UPLOAD_USED: 409,
  UPLOAD_EXPIRED: 410,
  EMPTY_FILE: 422,
};

/** The HTTP status that says what a failure says. */
export const statusOf = (error: TributaryError): number =>
  statusByReason[error.reason] ?? statusByCode[error.code];

/** What a failure says, and the headers that go with it. Defects are masked, and logged beside an id. */
function respond(error: unknown, logger: Logger, form: (message: string, says: object) => object): Response {
  const failure = asTributaryError(error);
  const errorId = failure.code === 'DEFECT' ? newErrorId() : undefined;
  if (errorId) logger.error({ errorId, err: failure.cause ?? failure }, 'a request failed');
  const says = { ...errorExtensions(failure), ...(errorId !== undefined && { errorId }) };
  const response = Response.json(form(failure.publicMessage, says), { status: statusOf(failure) });
  if (failure.retryAfterMs !== undefined) {
    response.headers.set('retry-after', String(Math.ceil(failure.retryAfterMs / 1000)));
  }
  if (response.status === 401) response.headers.set('www-authenticate', 'Bearer');
  return response;
}

/** A failure as the response of a plain HTTP route: `{"error": {"message", "code", "reason", …}}`. */
export const errorResponse = (error: unknown, logger: Logger): Response =>
  respond(error, logger, (message, says) => ({ error: { message, ...says } }));

/** A failure before GraphQL has begun, in GraphQL's form: `{"errors": [{"message", "extensions"}]}`. */
export const graphqlErrorResponse = (error: unknown, logger: Logger): Response =>
  respond(error, logger, (message, extensions) => ({ errors: [{ message, extensions }] }));
