import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { locatePostgresBinaries, preparePostgresBinaries } from './postgres-binaries.ts';
import { chooseServerAccount } from './server-account.ts';

const run = promisify(execFile);

/** A project of its own whose package of PostgreSQL is as npm unpacks it: without links. */
async function unpacked() {
  const directory = await temporaryDirectory();
  await chmod(directory.path, 0o755);
  const { folder: source, version } = await locatePostgresBinaries();
  const folder = join(directory.path, 'project', 'native');
  await cp(source, folder, { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(await readFile(join(folder, 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  for (const { target } of links) await rm(join(dirname(folder), target), { force: true });
  const copies = join(directory.path, 'copies');
  await mkdir(copies);
  const account = await chooseServerAccount(join(directory.path, 'no-cluster'));
  return { ...directory, installed: { folder, version }, project: dirname(folder), copies, account };
}

describe('the programs of PostgreSQL', () => {
  it('run where they were unpacked, also when several processes prepare them at once', async () => {
    await using files = await unpacked();
    const { installed, copies, account } = files;
    const prepared = await Promise.all(
      Array.from({ length: 5 }, () => preparePostgresBinaries(account, { installed, copies: [copies] })),
    );
    for (const { postgres } of prepared) expect(postgres).toBe(join(installed.folder, 'bin', 'postgres'));
    expect((await run(prepared[0]!.postgres, ['--version'], account ?? {})).stdout).toContain(
      'PostgreSQL) 18',
    );
    expect(await readdir(copies)).toEqual([]);
  });

  it('run from a copy where their user cannot reach them, or their links cannot be made', async () => {
    await using files = await unpacked();
    const { installed, project, copies, account } = files;
    // As root, whom modes do not stop: the server's account cannot enter. As anybody else: we cannot write.
    await chmod(account === null ? join(installed.folder, 'lib') : project, account === null ? 0o555 : 0o700);
    const prepare = () => preparePostgresBinaries(account, { installed, copies: [copies] });
    const prepared = await Promise.all([prepare(), prepare()]);
    for (const { postgres } of [...prepared, await prepare()]) expect(postgres.startsWith(copies)).toBe(true);
    const { postgres, initdb } = prepared[0]!;
    for (const program of [postgres, initdb]) {
      expect((await run(program, ['--version'], account ?? {})).stdout).toContain('PostgreSQL) 18');
    }
    expect(await readdir(copies)).toHaveLength(1);
    await chmod(join(installed.folder, 'lib'), 0o755);
  });

  it('are not taken from a copy that others could have written to', async () => {
    await using files = await unpacked();
    const { installed, project, copies, account } = files;
    await chmod(account === null ? join(installed.folder, 'lib') : project, account === null ? 0o555 : 0o700);
    const prepare = () => preparePostgresBinaries(account, { installed, copies: [copies] });
    await prepare();
    const [copy] = await readdir(copies);
    await chmod(join(copies, copy!), 0o777);
    expect((await stat(join(copies, copy!))).mode & 0o777).toBe(0o777);
    await expect(prepare()).rejects.toMatchObject({ code: 'UPSTREAM', service: 'postgres' });
    await chmod(join(installed.folder, 'lib'), 0o755);
  });
});
