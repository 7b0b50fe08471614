/**
 * The six families of failure, each named by what the caller can do about it.
 *
 * - `REJECTED_INPUT`: the input is wrong; asking again with the same input fails again.
 * - `DENIED`: the caller may not do this (or is not known).
 * - `NOT_FOUND`: there is no such object that the caller may see.
 * - `BUSY`: too much to do at present; ask again after `retryAfterMs`.
 * - `UPSTREAM`: a service that this one needs failed; `service` names it.
 * - `DEFECT`: our own mistake; its details are logged inside and masked outside.
 */
export type ErrorCode = 'REJECTED_INPUT' | 'DENIED' | 'NOT_FOUND' | 'BUSY' | 'UPSTREAM' | 'DEFECT';

export interface TributaryErrorOptions {
  /** A stable word for the exact cause, such as `EMPTY_QUERY`. */
  readonly reason?: string;
  /** The input field that was wrong, as the contract names it. */
  readonly field?: string;
  /** The service that failed, for `UPSTREAM`. */
  readonly service?: string;
  /** Ask again after this many milliseconds, for `BUSY`. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** Every failure that crosses a module's border. `publicMessage` may be shown to anyone; `cause` never is. */
export class TributaryError extends Error {
  override readonly name = 'TributaryError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly publicMessage: string;
  readonly reason: string;
  readonly field: string | undefined;
  readonly service: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, publicMessage: string, options: TributaryErrorOptions = {}) {
    super(publicMessage, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = code === 'BUSY' || code === 'UPSTREAM';
    this.publicMessage = publicMessage;
    this.reason = options.reason ?? code;
    this.field = options.field;
    this.service = options.service;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The input is wrong. The message says what was wrong, what is allowed, and what to do. */
export const rejected = (
  reason: string,
  message: string,
  options: Omit<TributaryErrorOptions, 'reason'> = {},
) => new TributaryError('REJECTED_INPUT', message, { ...options, reason });

/** The caller may not do this. */
export const denied = (message: string, reason = 'DENIED') =>
  new TributaryError('DENIED', message, { reason });

/** There is no such object that the caller may see. */
export const notFound = (message: string) => new TributaryError('NOT_FOUND', message);

/** Too much to do at present. */
export const busy = (reason: string, message: string, retryAfterMs: number) =>
  new TributaryError('BUSY', message, { reason, retryAfterMs });

/** A service that this one needs failed. */
export const upstream = (service: string, message: string, cause?: unknown) =>
  new TributaryError('UPSTREAM', message, { service, cause });

/** Whatever was thrown, as one of ours: an unknown failure is a defect, its details kept as the cause. */
export function asTributaryError(error: unknown): TributaryError {
  if (error instanceof TributaryError) return error;
  return new TributaryError('DEFECT', 'Something went wrong on our side. It was logged; please try again.', {
    cause: error,
  });
}
