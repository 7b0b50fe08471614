import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { TributaryError } from '../errors.ts';
import { translatePostgresError } from './pg-errors.ts';

/** Any number; the key of the lock that lets one process migrate at a time. */
const migrationLock = 7_294_117;

const minimumVersion = 150_000;

export interface MigrateOptions {
  /** A folder of `.sql` files, applied in the order of their names; the project's own by default. */
  readonly folder?: string;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/**
 * Brings a database to this version of the program: applies the migrations that are missing, each in a
 * transaction of its own. Any number of processes may do so at once.
 *
 * @returns the names of those that were applied now.
 * @throws TributaryError `REJECTED_INPUT` when an applied migration was changed since, or the database was
 * made by a newer version of the program; `UPSTREAM` when the server cannot be reached or is older than 15.
 */
export async function migrate(connection: pg.ClientConfig, options: MigrateOptions = {}): Promise<string[]> {
  const migrations = await readMigrations(options.folder ?? ownMigrations());
  const client = new pg.Client({ ...connection, application_name: 'tributary' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await checkVersion(client);
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await client.query(`create table if not exists schema_migrations (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now())`);
    const { rows } = await client.query<{ name: string; sha256: string }>(
      'select name, sha256 from schema_migrations order by name',
    );
    const missing = stillToApply(migrations, rows);
    for (const migration of missing) await apply(client, migration);
    return missing.map(({ name }) => name);
  } catch (error) {
    throw translatePostgresError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Compilation leaves the `.sql` files where they are: beside the source, not beside what is compiled from it. */
function ownMigrations(): string {
  const beside = join(import.meta.dirname, 'migrations');
  return existsSync(beside) ? beside : join(import.meta.dirname, '../../../platform/postgres/migrations');
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      // A checkout on Windows may have other line ends, and is the same migration all the same.
      const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

function stillToApply(
  migrations: readonly Migration[],
  applied: readonly { name: string; sha256: string }[],
): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, sha256 } of applied) {
    const migration = known.get(name);
    if (migration === undefined) {
      throw new TributaryError(
        'REJECTED_INPUT',
        `The database has the migration ${name}, which this version of Tributary does not know: it was used by a ` +
          'newer version. Use that version, or another database.',
        { reason: 'DATABASE_TOO_NEW' },
      );
    }
    if (migration.sha256 !== sha256) {
      throw new TributaryError(
        'REJECTED_INPUT',
        `The migration ${name} was changed after it was applied to this database. Put the file back as it was, and ` +
          'make the change in a new migration.',
        { reason: 'MIGRATION_CHANGED' },
      );
    }
  }
  const done = new Set(applied.map(({ name }) => name));
  return migrations.filter(({ name }) => !done.has(name));
}

async function checkVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: number; text: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as text`,
  );
  const version = rows[0];
  if (version === undefined || version.number < minimumVersion) {
    throw new TributaryError(
      'UPSTREAM',
      `The database server is PostgreSQL ${version?.text}; Tributary needs 15 or later.`,
      { service: 'postgres', reason: 'DATABASE_TOO_OLD' },
    );
  }
}

async function apply(client: pg.Client, { name, sql, sha256 }: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query('insert into schema_migrations (name, sha256) values ($1, $2)', [name, sha256]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    if (error instanceof pg.DatabaseError && error.code === '42501') {
      throw new TributaryError(
        'UPSTREAM',
        `The database user may not do what the migration ${name} needs (${error.message}). Let it create roles and ` +
          'tables (`alter role … createrole`), or run `tributary` once with a user that may.',
        { service: 'postgres', reason: 'DATABASE_PERMISSION', cause: error },
      );
    }
    throw error;
  }
}
