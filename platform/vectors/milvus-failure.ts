import { busy, TributaryError, upstream } from '../errors.ts';
import { storageFull } from '../storage-full.ts';

/** What Milvus, or the way to it, failed with. */
export class MilvusFailure extends Error {
  override readonly name = 'MilvusFailure';
  /** Milvus's own code of a failure; 0 where the call did not get as far. */
  readonly code: number;
  /** The code of gRPC; 0 where the call came back. */
  readonly grpc: number;

  constructor(message: string, codes: { readonly code?: number; readonly grpc?: number }, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = codes.code ?? 0;
    this.grpc = codes.grpc ?? 0;
  }
}

const grpcCodes = {
  deadlineExceeded: 4,
  permissionDenied: 7,
  exhausted: 8,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
};

const is = (error: unknown, code: number, text: RegExp): boolean =>
  error instanceof MilvusFailure && (error.code === code || text.test(error.message));

/** Nobody has loaded the collection, or it was released. */
export const isNotLoaded = (error: unknown): boolean =>
  is(error, 101, /not loaded|is in state 'released'|not fully loaded/i);
/** There is no such collection (any more). */
export const isNotFound = (error: unknown): boolean =>
  is(error, 100, /collection not found|can't find collection|collection '[^']*' (not found|does not exist)/i);
/** Another process was quicker to make the same thing. */
export const isAlreadyThere = (error: unknown): boolean =>
  is(error, -1, /already exists?|at most one distinct index|creating multiple indexes on same field/i);
/** The way to Milvus is cut: nothing was done, or nobody knows. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof MilvusFailure && [grpcCodes.unavailable, grpcCodes.deadlineExceeded].includes(error.grpc);
/** Nothing came back that Milvus has said: the way is cut, too slow, or what came was not understood by gRPC. */
export const isUnanswered = (error: unknown): boolean =>
  isUnreachable(error) || (error instanceof MilvusFailure && error.grpc === grpcCodes.internal);
/** Milvus does not know us, or does not let us. */
export const isRefused = (error: unknown): boolean =>
  error instanceof MilvusFailure &&
  (error.grpc === grpcCodes.unauthenticated ||
    error.grpc === grpcCodes.permissionDenied ||
    /auth check failure|permission ?den|unauthenticated|not authenticated/i.test(error.message));

/** Anything that was thrown on the way to Milvus, as one of our errors; programming mistakes stay what they are. */
export function asMilvusError(error: unknown): Error {
  if (error instanceof TributaryError || error instanceof RangeError) return error;
  if (!(error instanceof MilvusFailure)) {
    return upstream('milvus', 'Milvus answered in a way that was not understood. The log says how.', error);
  }
  const { message } = error;
  if (/disk ?quota|disk limit|no space left/i.test(message) || error.code === 7) return storageFull(error);
  if (
    [8, 9].includes(error.code) ||
    error.grpc === grpcCodes.exhausted ||
    /rate ?limit|quota|force ?deny|too many requests/i.test(message)
  ) {
    return busy('MILVUS_BUSY', 'Milvus takes no more at present: try again in a moment.', 1_000);
  }
  if (isRefused(error)) {
    return upstream(
      'milvus',
      'Milvus refuses us: look at `TRIBUTARY_MILVUS_TOKEN` and the rights it gives.',
      error,
    );
  }
  if (error.grpc === grpcCodes.deadlineExceeded) {
    return upstream('milvus', 'Milvus did not answer in time.', error);
  }
  if (isUnreachable(error)) return upstream('milvus', 'Milvus cannot be reached.', error);
  return upstream('milvus', 'Milvus could not do this. The log says why.', error);
}
