import { execFile } from 'node:child_process';
import { readFile, readlink, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isAlive } from '../is-alive.ts';

const run = promisify(execFile);

/** A server that is running in a data folder, as its `postmaster.pid` says. */
export interface Postmaster {
  readonly pid: number;
  /** The port of its socket or, on Windows, of its address. */
  readonly port: number;
}

/**
 * The server that runs in this data folder, or null. A `postmaster.pid` that was left behind by a crash, and
 * whose process id something else has by now, would stop PostgreSQL from starting: it is removed.
 */
export async function findPostmaster(cluster: string): Promise<Postmaster | null> {
  const found = await readPidFile(cluster);
  if (found === null || !isAlive(found.pid)) return null;
  if (await isServerOf(found.pid, cluster)) return found;
  if ((await readPidFile(cluster))?.pid === found.pid)
    await rm(join(cluster, 'postmaster.pid'), { force: true });
  return null;
}

/** A server writes its `postmaster.pid` at once after making it: one that stays empty this long has no server. */
const emptyForMs = 3000;

/** Removes a `postmaster.pid` that a server made and did not live to write: it would stop every later start. */
export async function removeAbandonedPidFile(cluster: string): Promise<void> {
  const path = join(cluster, 'postmaster.pid');
  const found = await stat(path).catch(() => null);
  if (found !== null && found.size === 0 && Date.now() - found.mtimeMs > emptyForMs) {
    await rm(path, { force: true });
  }
}

/** Resolves with whether the server has stopped within the time: its last act is to remove its `postmaster.pid`. */
export async function waitUntilStopped(cluster: string, pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(pid) && (await readPidFile(cluster))?.pid === pid) {
    if (Date.now() > deadline) return false;
    await delay(10);
  }
  return true;
}

async function readPidFile(cluster: string): Promise<Postmaster | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, port: Number(lines[3] ?? 0) } : null;
}

async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  if (process.platform === 'linux') {
    // A server's working directory is its data folder. A process that is not ours to look at may be one.
    const folder = await readlink(`/proc/${pid}/cwd`).catch((error: NodeJS.ErrnoException) => error.code);
    return folder === 'EACCES' || folder === (await realpath(cluster));
  }
  if (process.platform === 'win32') return true;
  const { stdout } = await run('ps', ['-o', 'comm=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.includes('postgres');
}
