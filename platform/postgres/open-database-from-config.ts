import { join } from 'node:path';
import type pg from 'pg';
import type { Logger } from '../logger.ts';
import { createRoomGuard } from '../room-guard.ts';
import type { Database } from './database.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './pg-database.ts';

export interface DatabaseConfig {
  /** The PostgreSQL to use, or null for our own in the data folder. */
  readonly databaseUrl: string | null;
  readonly dataDirectory: string;
  readonly logger: Logger;
  readonly poolSize?: number;
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
  const { databaseUrl, dataDirectory, logger, poolSize } = config;
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
    const connection: pg.ClientConfig = { connectionString };
    const applied = await migrate(connection);
    if (applied.length > 0) logger.info({ applied }, 'the database was migrated');
    const database = await openDatabase({
      connection,
      logger,
      beforeWrite,
      ...(poolSize === undefined ? {} : { poolSize }),
    });
    stack.push(database);
    return { database, connectionString, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
