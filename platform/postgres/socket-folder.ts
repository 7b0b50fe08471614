import { createHash } from 'node:crypto';
import { lstat, readlink, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { upstream } from '../errors.ts';

/** The address of a Unix socket has room for 107 bytes on Linux and 103 on macOS. */
const maxSocketPathBytes = 103;

const fits = (folder: string) => Buffer.byteLength(join(folder, '.s.PGSQL.5432')) <= maxSocketPathBytes;

/**
 * By which name a client reaches the server's socket, which lies in the data folder: by the folder's own where
 * that is short enough for a socket's address, else by a link to it in the temporary folder.
 *
 * @throws TributaryError `UPSTREAM` when no such link can be made.
 */
export async function socketFolder(cluster: string): Promise<string> {
  if (fits(cluster)) return cluster;
  const name = `tributary-${createHash('sha256').update(cluster).digest('hex').slice(0, 12)}`;
  for (const parent of [tmpdir(), '/tmp']) {
    for (const suffix of ['', '-1', '-2', '-3']) {
      const link = join(parent, name + suffix);
      if (fits(link) && (await isLink(link, cluster))) return link;
    }
  }
  throw upstream(
    'postgres',
    `The path ${cluster} is too long for a socket, and no link to it can be made in ${tmpdir()}. ` +
      'Set TRIBUTARY_DATA to a folder with a shorter path.',
  );
}

/** Makes the link unless it is there; false where something else, or somebody else's, is in its place. */
async function isLink(link: string, target: string): Promise<boolean> {
  try {
    await symlink(target, link);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
  }
  const { uid } = await lstat(link);
  return uid === process.getuid?.() && (await readlink(link).catch(() => '')) === target;
}
