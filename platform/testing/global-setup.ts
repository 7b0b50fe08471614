import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../postgres/embedded-postgres.ts';
import { migrate } from '../postgres/migrate.ts';
import { silentLogger } from './silent-logger.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const template = 'tributary_template';

/** Starts the one PostgreSQL that all tests share, and makes the database that theirs are copies of. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await temporaryDirectory();
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
