import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rejected, TributaryError, upstream } from '../errors.ts';
import { storageFull } from '../storage-full.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { ServerAccount } from './server-account.ts';

const run = promisify(execFile);

/** The only login of our own server; it may do everything, and every transaction takes a lesser role. */
export const superuser = 'tributary';

/**
 * How a program of PostgreSQL is told where its data is. The account that it runs as may be unable to enter a
 * folder above (root's home): its working directory it can always reach, whatever lies above.
 */
export const dataArgument = (cluster: string, account: ServerAccount | null): string =>
  account !== null && process.platform === 'linux' ? '/proc/self/cwd' : cluster;

/** What a program of PostgreSQL gets of the environment: no `PG…` variable of the user's reaches it. */
export const serverEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  SystemRoot: process.env.SystemRoot,
  TMPDIR: process.env.TMPDIR,
  LC_ALL: 'C',
});

/**
 * Makes the data folder of a new server, unless it is there. It is made beside its place and then renamed, so
 * that it is whole or not there at all, also when two processes do this at once or one is killed halfway.
 *
 * @param durable whether it must survive the machine's crash too.
 * @throws TributaryError where the folder cannot be written to, the disk is full, or what is there was made
 * by another major version of PostgreSQL.
 */
export async function ensureCluster(
  folder: string,
  binaries: PostgresBinaries,
  account: ServerAccount | null,
  durable: boolean,
): Promise<void> {
  const cluster = join(folder, 'cluster');
  const found = await versionOf(cluster);
  if (found !== null) {
    if (found === String(binaries.majorVersion)) return;
    throw rejected(
      'DATABASE_VERSION',
      `The database in ${cluster} was made by PostgreSQL ${found}, and this installation has ` +
        `${binaries.majorVersion}. Use the Tributary that made it to export its documents, or set TRIBUTARY_DATA to an ` +
        'empty folder.',
    );
  }
  try {
    await mkdir(folder, { recursive: true });
    await sweep(folder);
    await create(folder, cluster, binaries, account, durable);
  } catch (error) {
    throw explain(error, folder);
  }
}

async function versionOf(cluster: string): Promise<string | null> {
  try {
    return (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw explain(error, cluster);
  }
}

async function create(
  folder: string,
  cluster: string,
  binaries: PostgresBinaries,
  account: ServerAccount | null,
  durable: boolean,
): Promise<void> {
  const unfinished = join(folder, `cluster.new-${process.pid}-${randomBytes(4).toString('hex')}`);
  const passwordFile = `${unfinished}.password`;
  try {
    await mkdir(unfinished, { mode: 0o700 });
    if (account !== null) await chown(unfinished, account.uid, account.gid);
    await run(
      binaries.initdb,
      [
        `--pgdata=${dataArgument(unfinished, account)}`,
        `--username=${superuser}`,
        '--encoding=UTF8',
        // The same on every machine, whatever locales it has.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        ...(durable ? [] : ['--no-sync']),
        ...(await authentication(folder, passwordFile)),
      ],
      { cwd: unfinished, env: serverEnvironment(), ...account },
    );
    await rename(unfinished, cluster).catch(async (error: unknown) => {
      // Somebody else was faster: theirs is as good.
      if ((await versionOf(cluster)) === null) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  }
}

/**
 * On a socket in a folder that only the server's account can enter, no password is needed. Windows has no such
 * sockets for PostgreSQL's programs; there the server has a password, kept in a file beside the data.
 */
async function authentication(folder: string, passwordFile: string): Promise<string[]> {
  if (process.platform !== 'win32') return ['--auth-local=trust', '--auth-host=reject'];
  await writeFile(passwordFile, await readPassword(folder), { mode: 0o600 });
  return ['--auth=scram-sha-256', `--pwfile=${passwordFile}`];
}

/** The password of the superuser, made on first use. */
export async function readPassword(folder: string): Promise<string> {
  const file = join(folder, 'password');
  try {
    await writeFile(file, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFile(file, 'utf8');
}

/** Removes what a process left behind that was killed while it made the data folder. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(/^cluster\.new-(\d+)-/.exec(name)?.[1] ?? 0);
    if (pid === 0) continue;
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') continue;
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** What hindered us, in one sentence that says what to do. */
export function explain(error: unknown, folder: string): unknown {
  if (error instanceof TributaryError) return error;
  const text =
    error instanceof Error ? `${error.message}\n${'stderr' in error ? String(error.stderr) : ''}` : '';
  if (/ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/.test(text)) return storageFull(error);
  if (
    /EACCES|EPERM|EROFS|EEXIST|ENOTDIR|Permission denied|Read-only file system|has wrong ownership/.test(text)
  ) {
    return rejected(
      'DATA_FOLDER',
      `The folder ${folder} cannot be made, read or written by this user. Change its owner, or set TRIBUTARY_DATA to another folder.`,
      { cause: error },
    );
  }
  const detail = /^.*(?:FATAL|PANIC|error):\s*(.*)$/m.exec(text)?.[1];
  return upstream(
    'postgres',
    `PostgreSQL could not be started in ${folder}${detail === undefined ? '' : ` (${detail})`}. ` +
      'See postgres.log there, or set TRIBUTARY_DATABASE_URL to another PostgreSQL.',
    error,
  );
}
