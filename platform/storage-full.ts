import { TributaryError } from './errors.ts';

/** The disk is full, said the same way wherever it is noticed. */
export const storageFull = (cause: unknown) =>
  new TributaryError('BUSY', 'There is no room left on the disk: free some space, then try again.', {
    reason: 'STORAGE_FULL',
    retryAfterMs: 60_000,
    cause,
  });

/** Whether a failed operation of the file system failed for want of room. */
export const isStorageFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
