import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import type { Database } from '../postgres/database.ts';
import { openDatabase } from '../postgres/pg-database.ts';
import { silentLogger } from './silent-logger.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The PostgreSQL that all tests of a run share. */
    postgres: { readonly connectionString: string; readonly template: string };
  }
}

export interface TestDatabase extends Database {
  /** For a pool or a client of a test's own, as the server's superuser. */
  readonly connection: { readonly connectionString: string };
}

/** A migrated database of a test's own, dropped when it is disposed of. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { template } = inject('postgres');
  const { connection, drop } = await createEmptyDatabase(template);
  const database = await openDatabase({ connection, logger: silentLogger });
  return {
    connection,
    forTenant: (tenant, work, options) => database.forTenant(tenant, work, options),
    forWorker: (work, options) => database.forWorker(work, options),
    listen: (channel, listener) => database.listen(channel, listener),
    ping: (signal) => database.ping(signal),
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]();
      await drop();
    },
  };
}

/** A database that nothing was done to, or a copy of `template`. */
export async function createEmptyDatabase(template = 'template0'): Promise<{
  readonly connection: { readonly connectionString: string };
  drop(): Promise<void>;
}> {
  const server = inject('postgres').connectionString;
  const name = `test_${randomBytes(8).toString('hex')}`;
  await execute(server, `create database ${name} template ${template}`);
  return {
    connection: { connectionString: server.replace(/[^/]*$/, name) },
    drop: () => execute(server, `drop database ${name} with (force)`),
  };
}

async function execute(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
