import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busy } from '../errors.ts';
import { isAlive } from '../is-alive.ts';

const prefix = 'tributary-media-';

/** A file that only this user can read, in a folder of its own. Disposing removes both. */
export interface TemporaryFile extends AsyncDisposable {
  readonly path: string;
}

/** @throws TributaryError `BUSY` with reason `STORAGE_FULL`; the signal's reason when aborted. */
export async function writeTemporaryFile(bytes: Uint8Array, signal?: AbortSignal): Promise<TemporaryFile> {
  // Only its owner may enter the folder that this makes.
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const path = join(folder, 'media');
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    await writeFile(path, bytes, { mode: 0o600, flag: 'wx', ...(signal ? { signal } : {}) });
  } catch (error) {
    await remove();
    signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw busy(
        'STORAGE_FULL',
        'There is no room for a temporary file: free some on the disk of it.',
        60_000,
      );
    }
    throw error;
  }
  return { path, [Symbol.asyncDispose]: remove };
}

/** Removes what processes have left behind that were killed before they could. */
export async function sweepTemporaryFiles(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1] ?? 0);
    if (pid === 0 || isAlive(pid)) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}
