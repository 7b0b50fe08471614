import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../postgres/migrate.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { startPostgresServer } from './postgres-server.ts';

const template = 'tributary_template';

/**
 * The installed PostgreSQL in place of our own, for all tests of a run: what only a newer one understands fails here.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await temporaryDirectory();
  const server = await startPostgresServer({
    directory: directory.path,
    // Nothing here outlives the run.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  const connectionString = server.url.replace(/[^/]*$/, 'postgres');
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(`create database ${template}`);
  await client.end();
  await migrate({ connectionString: server.url.replace(/[^/]*$/, template) });
  project.provide('postgres', { connectionString, template });
  return async () => {
    await server[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  };
}
