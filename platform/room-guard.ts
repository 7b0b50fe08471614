import { statfs } from 'node:fs/promises';
import { storageFull } from './storage-full.ts';

export interface RoomGuardOptions {
  /** A folder of the disk that is meant. */
  readonly directory: string;
  /** How much of it must stay free. */
  readonly reserveBytes: number;
}

/**
 * Stops writing while there is still some room left: a database that cannot write its log any more has to
 * stop altogether, and then nothing can be read or deleted either.
 *
 * @returns what to call before writing. It throws TributaryError `BUSY` with reason `STORAGE_FULL` when less
 * than the reserve is free; it asks the file system at most every 200 ms.
 */
export function createRoomGuard({ directory, reserveBytes }: RoomGuardOptions): () => Promise<void> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let free: Promise<number> = Promise.resolve(0);
  return async () => {
    const now = performance.now();
    if (now - askedAt > 200) {
      askedAt = now;
      free = statfs(directory).then(({ bavail, bsize }) => bavail * bsize);
    }
    const bytes = await free;
    if (bytes < reserveBytes)
      throw storageFull(new Error(`${bytes} bytes are free, less than ${reserveBytes}`));
  };
}
