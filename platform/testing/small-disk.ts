import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk that is soon full, mounted on an empty folder where the machine lets us; the ordinary folder elsewhere. */
export async function smallDisk(
  path: string,
  byteSize: number,
): Promise<AsyncDisposable & { readonly path: string; readonly isSmall: boolean }> {
  const isSmall = await run('mount', ['-t', 'tmpfs', '-o', `size=${byteSize}`, 'tmpfs', path]).then(
    () => true,
    () => false,
  );
  return {
    path,
    isSmall,
    [Symbol.asyncDispose]: async () => {
      if (isSmall) await run('umount', [path]);
    },
  };
}
