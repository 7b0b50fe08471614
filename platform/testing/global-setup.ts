import { readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { isAlive } from '../is-alive.ts';
import { startEmbeddedPostgres } from '../postgres/embedded-postgres.ts';
import { migrate } from '../postgres/migrate.ts';
import { findPostmaster, waitUntilStopped } from '../postgres/postmaster.ts';
import { silentLogger } from './silent-logger.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const template = 'tributary_template';
const prefix = 'tributary-tests-';

/** Starts the one PostgreSQL that all tests share, and makes the database that theirs are copies of. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const directory = await temporaryDirectory(`${prefix}${process.pid}-`);
  const server = await startEmbeddedPostgres({
    dataDirectory: directory.path,
    logger: silentLogger,
    // Nothing here outlives the run.
    serverSettings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  const client = new pg.Client(server.connection);
  await client.connect();
  await client.query(`create database ${template}`);
  await client.end();
  await migrate({ ...server.connection, database: template });
  project.provide('postgres', { connectionString: server.connectionString, template });
  return async () => {
    await server[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  };
}

/** Stops and removes the servers of runs that were killed before they could. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1] ?? 0);
    if (pid === 0 || isAlive(pid)) continue;
    const folder = join(await realpath(tmpdir()), name);
    const cluster = join(folder, 'cluster');
    const running = await findPostmaster(cluster);
    if (running !== null) {
      process.kill(running.pid, 'SIGINT');
      await waitUntilStopped(cluster, running.pid, 10_000);
    }
    await rm(folder, { recursive: true, force: true });
  }
}
