import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { smallDisk } from '../testing/small-disk.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';

/** Nothing is waited for to reach the disk: what survives our own crashes survives them without. */
const start = (dataDirectory: string) =>
  startEmbeddedPostgres({ dataDirectory, logger: silentLogger, serverSettings: { fsync: 'off' } });

async function query(server: EmbeddedPostgres, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.connectionString });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The process id of the server in a folder, as it says itself; null when none runs there. */
async function serverIn(folder: string): Promise<number | null> {
  const text = await readFile(join(folder, 'cluster', 'postmaster.pid'), 'utf8').catch(() => '');
  return text === '' ? null : Number(text.split('\n', 1)[0]);
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    // A process that nobody has taken leave of yet is dead all the same.
    return !existsSync(`/proc/${pid}/stat`) || existsSync(`/proc/${pid}/exe`);
  } catch {
    return false;
  }
};

describe('an embedded PostgreSQL', () => {
  it('starts where another server died between making its lock file and writing it', async () => {
    await using directory = await temporaryDirectory();
    const first = await start(directory.path);
    await query(first, 'create table kept as select 1 as x');
    await first[Symbol.asyncDispose]();
    await writeFile(join(directory.path, 'cluster', 'postmaster.pid'), '');
    await using second = await start(directory.path);
    expect(await query(second, 'select x from kept')).toEqual([{ x: 1 }]);
  });

  it('keeps its data from one start to the next, and runs only in between', async () => {
    await using directory = await temporaryDirectory();
    const first = await start(directory.path);
    expect(await query(first, 'show server_version_num')).toEqual([
      { server_version_num: expect.stringMatching(/^18/) },
    ]);
    await query(first, 'create table kept as select 1 as x');
    const pid = await serverIn(directory.path);
    await first[Symbol.asyncDispose]();
    expect(isAlive(pid!)).toBe(false);
    await using second = await start(directory.path);
    expect(await query(second, 'select x from kept')).toEqual([{ x: 1 }]);
  });

  it('can be reached by its own user only, and not over the network', async () => {
    await using directory = await temporaryDirectory();
    await using server = await start(directory.path);
    expect(await query(server, `select setting from pg_settings where name = 'listen_addresses'`)).toEqual([
      { setting: '' },
    ]);
    const { mode, uid } = await stat(join(directory.path, 'cluster'));
    expect(mode & 0o077).toBe(0);
    // Also when we are root, the server is not.
    expect(uid).toBe(process.getuid?.() || uid);
    expect(uid).not.toBe(0);
  });

  it('takes a folder with a path too long for a socket', async () => {
    await using directory = await temporaryDirectory();
    const folder = join(directory.path, 'a'.repeat(100), 'ünïcode and spaces', 'b'.repeat(50));
    await using server = await start(folder);
    expect(await query(server, 'select 1 as x')).toEqual([{ x: 1 }]);
  });

  it('is one server for all who start it at once, and stops with the last', async () => {
    await using directory = await temporaryDirectory();
    const servers = await Promise.all([1, 2, 3].map(() => start(directory.path)));
    const pid = await serverIn(directory.path);
    const [last, ...others] = servers;
    await query(last!, 'create table t (x int)');
    await Promise.all(others.map((server) => server[Symbol.asyncDispose]()));
    expect(await query(last!, 'select * from t')).toEqual([]);
    expect(await serverIn(directory.path)).toBe(pid);
    await last![Symbol.asyncDispose]();
    expect(await serverIn(directory.path)).toBeNull();
  });

  it('works for those who come while others leave', async () => {
    await using directory = await temporaryDirectory();
    const first = await start(directory.path);
    const visits = Array.from({ length: 6 }, async () => {
      await using server = await start(directory.path);
      await query(server, 'select 1');
    });
    await Promise.all([first[Symbol.asyncDispose](), ...visits]);
    expect(await serverIn(directory.path)).toBeNull();
  });

  it('survives a kill -9 of the process that started it, and is joined by the next', async () => {
    await using directory = await temporaryDirectory();
    const holder = spawn(
      process.execPath,
      [
        '--import',
        import.meta.resolve('tsx'),
        fileURLToPath(new URL('../testing/hold-postgres.ts', import.meta.url)),
        directory.path,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(holder.stdout, 'data');
    const pid = await serverIn(directory.path);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const server = await start(directory.path);
    expect(await serverIn(directory.path)).toBe(pid);
    await query(server, 'select 1');
    await server[Symbol.asyncDispose]();
    expect(await serverIn(directory.path)).toBeNull();
  });

  it('is started again when it is killed, with everything that was committed', async () => {
    await using directory = await temporaryDirectory();
    await using server = await start(directory.path);
    await query(server, 'create table kept as select 1 as x');
    const pid = await serverIn(directory.path);
    process.kill(pid!, 'SIGKILL');
    const rows = await eventually(() => query(server, 'select x from kept'));
    expect(rows).toEqual([{ x: 1 }]);
    expect(await serverIn(directory.path)).not.toBe(pid);
  });

  it('starts although a crash left a postmaster.pid whose number another process has now', async () => {
    await using directory = await temporaryDirectory();
    const first = await start(directory.path);
    const file = join(directory.path, 'cluster', 'postmaster.pid');
    const left = await readFile(file, 'utf8');
    await first[Symbol.asyncDispose]();
    await using other = spawnIdle();
    await writeFile(file, left.replace(/^\d+/, String(other.pid)));
    await chmod(file, 0o644);
    await using server = await start(directory.path);
    expect(await query(server, 'select 1 as x')).toEqual([{ x: 1 }]);
  });

  it('refuses a data folder of another major version', async () => {
    await using directory = await temporaryDirectory();
    await mkdir(join(directory.path, 'cluster'));
    await writeFile(join(directory.path, 'cluster', 'PG_VERSION'), '17\n');
    await expect(start(directory.path)).rejects.toMatchObject({
      reason: 'DATABASE_VERSION',
      message: expect.stringMatching(
        /was made by PostgreSQL 17, and this installation has 18\. .* set TRIBUTARY_DATA/,
      ),
    });
  });

  it('refuses a folder that is none, and says what to do', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'file');
    await writeFile(file, '');
    await expect(start(file)).rejects.toMatchObject({
      reason: 'DATA_FOLDER',
      message: expect.stringContaining('set TRIBUTARY_DATA to another folder'),
    });
  });

  it('says what the server said when it does not start', async () => {
    await using directory = await temporaryDirectory();
    const server = startEmbeddedPostgres({
      dataDirectory: directory.path,
      logger: silentLogger,
      serverSettings: { shared_buffers: 'many' },
    });
    await expect(server).rejects.toMatchObject({
      code: 'UPSTREAM',
      service: 'postgres',
      message: expect.stringMatching(/invalid value for parameter "shared_buffers": "many".*postgres\.log/),
    });
  });

  it('says STORAGE_FULL on a disk without room for it, where one can be had', async () => {
    await using directory = await temporaryDirectory();
    await using disk = await smallDisk(directory.path, 8 * 1024 * 1024);
    const outcome = start(join(disk.path, 'data'));
    if (disk.isSmall) await expect(outcome).rejects.toMatchObject({ code: 'BUSY', reason: 'STORAGE_FULL' });
    else await (await outcome)[Symbol.asyncDispose]();
  });
});

function spawnIdle(): AsyncDisposable & { readonly pid: number } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
