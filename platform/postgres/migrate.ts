import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { TributaryError } from '../errors.ts';
import { translatePostgresError } from './pg-errors.ts';
import { type Migration, migrationNumber, readMigrations } from './read-migrations.ts';

/** Any number; the key of the lock that lets one process migrate at a time. */
const migrationLock = 7_294_117;

const minimumVersion = 150_000;

export interface MigrateOptions {
  /** A folder of `.sql` files, applied in the order of their names; the project's own by default. */
  readonly folder?: string;
  /**
   * How long a migration waits for a table that others are using before it lets them pass and tries again, in
   * milliseconds: whoever comes after it waits behind it for so long. 2000 by default.
   */
  readonly lockTimeoutMs?: number;
  /** For how long it tries again, in milliseconds; ten minutes by default. */
  readonly patienceMs?: number;
}

interface Applied {
  readonly name: string;
  readonly sha256: string;
  /** Not there, and null, in what versions of the program applied that did not know it. */
  readonly compatible_with?: string | null;
}

/**
 * Brings a database to this version of the program: applies the migrations that are missing, each in a
 * transaction of its own unless its head says otherwise. Any number of processes may do so at once, and others
 * may use the database meanwhile. Where nothing is missing a user suffices that may change nothing.
 *
 * @returns the names of those that were applied now.
 * @throws TributaryError `REJECTED_INPUT` when an applied migration was changed since, or a newer version of the
 * program has changed the database in a way that this one cannot work with; `UPSTREAM` when the server cannot be
 * reached, is older than 15, or does not let the user migrate; `BUSY` when others hold a table for too long.
 */
export async function migrate(connection: pg.ClientConfig, options: MigrateOptions = {}): Promise<string[]> {
  const migrations = await readMigrations(options.folder);
  const client = new pg.Client({ ...connection, application_name: 'tributary' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('set statement_timeout = 0');
    await checkVersion(client);
    if (stillToApply(migrations, await readApplied(client)).length === 0) return [];
    await takeLock(client);
    await prepareLedger(client, migrations);
    const missing = stillToApply(migrations, await readApplied(client));
    for (const migration of missing) await apply(client, migration, options);
    return missing.map(({ name }) => name);
  } catch (error) {
    throw translatePostgresError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What was applied to this database; nothing where it is new. */
async function readApplied(client: pg.Client): Promise<Applied[]> {
  const { rows: found } = await client.query<{ there: boolean }>(
    `select to_regclass('schema_migrations') is not null as there`,
  );
  if (found[0]?.there !== true) return [];
  const { rows } = await client.query<{ applied: Applied }>(
    'select to_jsonb(m) as applied from schema_migrations m order by name',
  );
  return rows.map(({ applied }) => applied);
}

/** One process at a time. Waiting for the lock inside a statement would stop a concurrent index of who holds it. */
async function takeLock(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
      migrationLock,
    ]);
    if (rows[0]?.taken === true) return;
    await delay(50);
  }
}

async function prepareLedger(client: pg.Client, migrations: readonly Migration[]): Promise<void> {
  await explained(migrations[0]?.name ?? '', async () => {
    await client.query(`create table if not exists schema_migrations (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now())`);
    await client.query('alter table schema_migrations add column if not exists compatible_with text');
    // Names and hashes of files that anybody can read: a service must be able to see that nothing is missing.
    await client.query('grant select on schema_migrations to public');
  });
}

function stillToApply(migrations: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const newest = migrationNumber(migrations[migrations.length - 1]?.name ?? '');
  for (const { name, sha256, compatible_with: compatibleWith = null } of applied) {
    const migration = known.get(name);
    if (migration === undefined) {
      // A newer version has been here. Its migration says how old a program may be that still works.
      if (compatibleWith !== null && newest >= compatibleWith) continue;
      throw new TributaryError(
        'REJECTED_INPUT',
        `The database has the migration ${name}, which this version of Tributary does not know and cannot work ` +
          'with: it was used by a newer version. Use that version, or another database.',
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

const lockNotAvailable = '55P03';

/**
 * Applies one migration. It waits for a table only briefly, because everybody who comes after it waits behind it,
 * and then tries again: a long query delays the migration, and nobody else.
 */
async function apply(client: pg.Client, migration: Migration, options: MigrateOptions): Promise<void> {
  const { lockTimeoutMs = 2000, patienceMs = 600_000 } = options;
  const { name, sha256, statements, compatibleWith, inTransaction } = migration;
  const deadline = Date.now() + patienceMs;
  const once = async () => {
    await client.query(`${inTransaction ? 'begin; set local' : 'set'} lock_timeout = ${lockTimeoutMs}`);
    for (const statement of statements) await client.query(statement);
    await client.query('insert into schema_migrations (name, sha256, compatible_with) values ($1, $2, $3)', [
      ...[name, sha256, compatibleWith],
    ]);
    await client.query(inTransaction ? 'commit' : 'reset lock_timeout');
  };
  await explained(name, async () => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await once();
      } catch (error) {
        await client.query('rollback').catch(() => undefined);
        if (!(error instanceof pg.DatabaseError) || error.code !== lockNotAvailable) throw error;
        if (Date.now() > deadline) {
          throw new TributaryError(
            'BUSY',
            `The migration ${name} could not get at a table for ${Math.round(patienceMs / 1000)} s, because others use ` +
              'it without a pause. Look for long transactions in pg_stat_activity, end them, and start again.',
            { reason: 'MIGRATION_BLOCKED', retryAfterMs: 60_000, cause: error },
          );
        }
        await delay(Math.min(50 * 2 ** attempt, 2000) * (0.5 + Math.random() / 2));
      }
    }
  });
}

/** Says what to do where the user may not do what a migration needs. */
async function explained(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // Insufficient privilege.
    if (error instanceof pg.DatabaseError && error.code === '42501') {
      throw new TributaryError(
        'UPSTREAM',
        `The database user may not do what the migration ${name} needs (${error.message}). Set ` +
          'TRIBUTARY_DATABASE_MIGRATION_URL to a user that may create roles and tables (`alter role … createrole`), or ' +
          'run `npm run migrate` once with such a user.',
        { service: 'postgres', reason: 'DATABASE_PERMISSION', cause: error },
      );
    }
    throw error;
  }
}
