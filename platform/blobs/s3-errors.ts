import { S3ServiceException } from '@aws-sdk/client-s3';
import { busy, TributaryError, upstream } from '../errors.ts';
import { storageFull } from '../storage-full.ts';

/** What servers answer that have no room left. */
const full = [
  'XMinioStorageFull',
  'QuotaExceeded',
  'XAmzQuotaExceeded',
  'InsufficientStorage',
  'StorageFull',
];
const overloaded = ['SlowDown', 'ServiceUnavailable', 'TooManyRequests', 'RequestLimitExceeded'];
const unknownKey = ['NoSuchKey', 'NotFound'];

const statusOf = (error: S3ServiceException) => error.$metadata?.httpStatusCode ?? 0;

/** Whether the server says that there is no such blob. */
export const isMissing = (error: unknown): boolean =>
  error instanceof S3ServiceException && (unknownKey.includes(error.name) || statusOf(error) === 412);

/** Whether nothing came back, or only that the server is not well. */
export const isUnreachable = (error: unknown): boolean =>
  !(error instanceof S3ServiceException) || statusOf(error) >= 500;

/** A failure of the object store as one of ours; what is one already stays as it is. */
export function translateS3Error(error: unknown): Error {
  if (error instanceof TributaryError) return error;
  if (error instanceof S3ServiceException) {
    if (full.includes(error.name) || statusOf(error) === 507) return storageFull(error);
    if (overloaded.includes(error.name) || statusOf(error) === 429) {
      return busy('S3_BUSY', 'The object store has too much to do at present. Try again soon.', 5_000);
    }
  }
  return upstream('s3', 'The object store did not do what it was asked to. Try again soon.', error);
}
