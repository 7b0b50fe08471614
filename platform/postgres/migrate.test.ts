import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { createEmptyDatabase } from '../testing/test-database.ts';
import { migrate } from './migrate.ts';

/** An empty database and a folder of migrations that tests write. */
async function setUp() {
  const directory = await temporaryDirectory();
  const { connection, drop } = await createEmptyDatabase();
  return {
    connection,
    run: () => migrate(connection, { folder: directory.path }),
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
