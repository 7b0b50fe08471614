import { join } from 'node:path';
import pg from 'pg';
import { rejected, TributaryError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import { createRoomGuard } from '../room-guard.ts';
import type { Database } from './database.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './pg-database.ts';

export interface DatabaseConfig {
  /** The PostgreSQL to use, or null for our own in the data folder. */
  readonly databaseUrl: string | null;
  /** The same server as a user that may migrate; that of `databaseUrl` where it is null or not given. */
  readonly databaseMigrationUrl?: string | null;
  /** A read replica, or null. */
  readonly databaseReplicaUrl?: string | null;
  readonly dataDirectory: string;
  readonly logger: Logger;
  readonly poolSize?: number;
  readonly statementTimeoutMs?: number;
  readonly metrics?: Metrics;
}

export interface OpenedDatabase extends AsyncDisposable {
  readonly database: Database;
  /** Where it is, for other processes: an address with everything in it, secrets too. */
  readonly connectionString: string;
}

/**
 * The database that the configuration asks for: started where it is ours, migrated, and open. Disposing
 * closes it, and stops our own server where nobody else uses it.
 *
 * @throws TributaryError with a message that says what to do, as `startEmbeddedPostgres`, `migrate` and
 * `openDatabase` do.
 */
export async function openDatabaseFromConfig(config: DatabaseConfig): Promise<OpenedDatabase> {
  const {
    databaseUrl,
    databaseMigrationUrl = null,
    databaseReplicaUrl = null,
    dataDirectory,
    logger,
  } = config;
  if (databaseUrl === null && (databaseMigrationUrl !== null || databaseReplicaUrl !== null)) {
    throw rejected(
      'NO_DATABASE',
      'TRIBUTARY_DATABASE_MIGRATION_URL and TRIBUTARY_DATABASE_REPLICA_URL are about the PostgreSQL at ' +
        'TRIBUTARY_DATABASE_URL, which is not set. Set it, or neither of them.',
    );
  }
  const stack: AsyncDisposable[] = [];
  const dispose = async () => {
    for (const owned of stack.splice(0).reverse()) await owned[Symbol.asyncDispose]();
  };
  try {
    let connectionString = databaseUrl;
    let beforeWrite = async () => {};
    if (connectionString === null) {
      const server = await startEmbeddedPostgres({ dataDirectory: join(dataDirectory, 'postgres'), logger });
      stack.push(server);
      connectionString = server.connectionString;
      // Our own server shares its disk with the documents: room for a few segments of its log is kept.
      beforeWrite = createRoomGuard({ directory: dataDirectory, reserveBytes: 48 * 1024 * 1024 });
    }
    const applied = await migrate({ connectionString: databaseMigrationUrl ?? connectionString });
    if (applied.length > 0) logger.info({ applied }, 'the database was migrated');
    const database = await openDatabase({
      connection: { connectionString },
      replica: databaseReplicaUrl === null ? undefined : { connectionString: databaseReplicaUrl },
      poolSize: config.poolSize,
      statementTimeoutMs: config.statementTimeoutMs,
      ...(config.metrics && { metrics: config.metrics }),
      logger,
      beforeWrite,
    });
    stack.push(database);
    await checkRoles(database);
    return { database, connectionString, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Whether the user may take the role that every reader takes: told at the start, and not at the first request. */
async function checkRoles(database: Database): Promise<void> {
  try {
    await database.forTenant('-', (client) => client.query('select 1'), { readOnly: true });
  } catch (error) {
    // Insufficient privilege.
    if (!(error instanceof pg.DatabaseError) || error.code !== '42501') throw error;
    throw new TributaryError(
      'UPSTREAM',
      `The user of TRIBUTARY_DATABASE_URL may not use the database (${error.message}). Run \`npm run migrate\` with ` +
        'TRIBUTARY_DATABASE_MIGRATION_URL set to its owner: it gives the user the roles that it needs.',
      { service: 'postgres', reason: 'DATABASE_PERMISSION', cause: error },
    );
  }
}
