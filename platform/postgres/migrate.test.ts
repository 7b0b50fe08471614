import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { createEmptyDatabase } from '../testing/test-database.ts';
import { type MigrateOptions, migrate } from './migrate.ts';
import { readMigrations } from './read-migrations.ts';

/** An empty database and a folder of migrations that tests write. */
async function setUp() {
  const directory = await temporaryDirectory();
  const { connection, drop } = await createEmptyDatabase();
  return {
    connection,
    folder: directory.path,
    run: (options: Omit<MigrateOptions, 'folder'> = {}) =>
      migrate(connection, { folder: directory.path, ...options }),
    write: (name: string, sql: string) => writeFile(join(directory.path, name), sql),
    async query(sql: string) {
      const client = new pg.Client(connection);
      await client.connect();
      try {
        return (await client.query(sql)).rows;
      } finally {
        await client.end();
      }
    },
    async [Symbol.asyncDispose]() {
      await drop();
      await directory[Symbol.asyncDispose]();
    },
  };
}

describe('migrate', () => {
  it('brings an empty database to this version, once', async () => {
    await using database = await setUp();
    expect(await migrate(database.connection)).toContain('0001-documents.sql');
    expect(await migrate(database.connection)).toEqual([]);
    expect(await database.query('select * from visible_chunks')).toEqual([]);
  });

  it('does so once also when several processes do it at the same time', async () => {
    await using database = await setUp();
    const applied = await Promise.all(Array.from({ length: 5 }, () => migrate(database.connection)));
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  });

  it('applies in the order of the names, and later only what is new', async () => {
    await using database = await setUp();
    await database.write('0002-fill.sql', 'insert into t values (1)');
    await database.write('0001-make.sql', 'create table t (x int)');
    await database.write('notes.txt', 'not SQL');
    expect(await database.run()).toEqual(['0001-make.sql', '0002-fill.sql']);
    await database.write('0003-more.sql', 'insert into t values (2)');
    expect(await database.run()).toEqual(['0003-more.sql']);
    expect(await database.query('select x from t order by x')).toEqual([{ x: 1 }, { x: 2 }]);
  });

  it('takes line ends as they come', async () => {
    await using database = await setUp();
    await database.write('0001.sql', 'create table t (x int);\r\ncreate table u (x int);\r\n');
    await database.run();
    await database.write('0001.sql', 'create table t (x int);\ncreate table u (x int);\n');
    expect(await database.run()).toEqual([]);
  });

  it('refuses a migration that was changed after it was applied, and says what to do', async () => {
    await using database = await setUp();
    await database.write('0001.sql', 'create table t (x int)');
    await database.run();
    await database.write('0001.sql', 'create table t (x bigint)');
    await expect(database.run()).rejects.toMatchObject({
      reason: 'MIGRATION_CHANGED',
      message:
        'The migration 0001.sql was changed after it was applied to this database. Put the file back as it was, and make the change in a new migration.',
    });
  });

  it('refuses a database of a newer version', async () => {
    await using database = await setUp();
    await database.write('0001.sql', 'create table t (x int)');
    await database.run();
    await database.query(`insert into schema_migrations (name, sha256) values ('0009-future.sql', 'x')`);
    await expect(database.run()).rejects.toMatchObject({ reason: 'DATABASE_TOO_NEW' });
  });

  it('lets a version of the program start that newer migrations say still works, and no older one', async () => {
    await using database = await setUp();
    await database.write('0001.sql', 'create table t (x int)');
    await database.write('0002.sql', 'create table u (x int)');
    await database.write('0003.sql', '-- compatible-with: 0002\nalter table t add column y int');
    await database.run();
    await rm(join(database.folder, '0003.sql'));
    expect(await database.run()).toEqual([]);
    await rm(join(database.folder, '0002.sql'));
    await expect(database.run()).rejects.toMatchObject({ reason: 'DATABASE_TOO_NEW' });
  });

  it('waits for a table only briefly, lets readers pass, and is done when the table is free', async () => {
    await using database = await setUp();
    await database.write('0001.sql', 'create table t (x int)');
    await database.run();
    const holder = new pg.Client(database.connection);
    await holder.connect();
    await holder.query('begin; select * from t');
    await database.write('0002.sql', 'alter table t add column y int');
    const migrated = database.run({ lockTimeoutMs: 500 });
    await eventually(
      async () => {
        const [{ waiting }] = await database.query(
          `select count(*)::int as waiting from pg_locks where not granted and relation = 't'::regclass`,
        );
        return waiting > 0;
      },
      { timeoutMs: 20_000 },
    );
    // One who comes while the migration stands before the table waits for it, but not for the holder.
    await database.query('select * from t');
    await holder.query('commit');
    await holder.end();
    expect(await migrated).toEqual(['0002.sql']);
  });

  it('gives up where a table is never free, says so, and keeps nothing', async () => {
    await using database = await setUp();
    await database.write('0001.sql', 'create table t (x int)');
    await database.run();
    const holder = new pg.Client(database.connection);
    await holder.connect();
    await holder.query('begin; select * from t');
    await database.write('0002.sql', 'create table u (x int); alter table t add column y int');
    await expect(database.run({ lockTimeoutMs: 20, patienceMs: 100 })).rejects.toMatchObject({
      code: 'BUSY',
      reason: 'MIGRATION_BLOCKED',
    });
    await holder.end();
    expect(await database.query(`select to_regclass('u')::text as u`)).toEqual([{ u: null }]);
  });

  it('runs what cannot be in a transaction statement by statement, also with others waiting for their turn', async () => {
    await using database = await setUp();
    await database.write('0001.sql', 'create table t (x int, y int)');
    await database.write(
      '0002.sql',
      `-- transaction: none
       -- A failed attempt leaves an index that is of no use.
drop index concurrently if exists t_x;
create index concurrently t_x
  on t (x);
`,
    );
    const applied = await Promise.all([database.run(), database.run(), database.run()]);
    expect(applied.flat()).toEqual(['0001.sql', '0002.sql']);
    expect(
      await database.query(`select indisvalid from pg_index where indexrelid = 't_x'::regclass`),
    ).toEqual([{ indisvalid: true }]);
  });

  it.each([
    ['-- transaction: sometimes', 'The head of 0001.sql says “transaction: sometimes”'],
    ['-- compatible-with: 2', 'The head of 0001.sql says “compatible-with: 2”'],
  ])('does not understand “%s” in a head', async (line, message) => {
    await using database = await setUp();
    await database.write('0001.sql', `${line}\nselect 1`);
    await expect(database.run()).rejects.toThrow(message);
  });

  it('keeps nothing of a migration that fails halfway, and everything before it', async () => {
    await using database = await setUp();
    await database.write('0001.sql', 'create table t (x int)');
    await database.write('0002.sql', 'create table u (x int); select 1/0');
    await expect(database.run()).rejects.toThrow('division by zero');
    expect(await database.query(`select to_regclass('t')::text as t, to_regclass('u')::text as u`)).toEqual([
      { t: 't', u: null },
    ]);
    await database.write('0002.sql', 'create table u (x int)');
    expect(await database.run()).toEqual(['0002.sql']);
  });
});

describe('our own migrations', () => {
  it('say, from the third on, which version of the program still works with them', async () => {
    const migrations = await readMigrations();
    const silent = migrations.slice(2).filter(({ compatibleWith }) => compatibleWith === null);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});
