import { cp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { createEmptyDatabase } from '../testing/test-database.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './pg-database.ts';
import { migrationNumber } from './read-migrations.ts';

const own = join(import.meta.dirname, 'migrations');

/** What a version of the program does that knows the first two migrations: it puts a document in, and finds it. */
async function serve(database: Database, id: string): Promise<void> {
  await database.forTenant('a', async (client) => {
    await client.query(
      `insert into documents (tenant, id, source_key, title, modality, state, visible_version)
       values ('a', $1, $1, $1, 'TEXT', 'SEARCHABLE', 1)`,
      [id],
    );
    await client.query(
      `insert into chunks (tenant, id, document_id, first_version, seen_version, ordinal, modality, family, fingerprint, locator)
       values ('a', $1, $1, 1, 1, 0, 'TEXT', 'text', 'f', '{}')`,
      [id],
    );
    await client.query(
      `insert into jobs (tenant, id, document_id, version, state) values ('a', $1, $1, 1, 'QUEUED')`,
      [id],
    );
    await client.query(
      `insert into answers (tenant, id, subject, conversation_id, question, style, model, state, input)
       values ('a', $1, 's', 'c', 'q', 'EXTRACTIVE', 'm', 'COMPLETED', '{}')`,
      [id],
    );
  });
  await database.forWorker(async (client) => {
    const taken = await client.query(
      `update jobs set state = 'RUNNING' where id = (select id from jobs where state = 'QUEUED' limit 1 for update skip locked)
       returning id`,
    );
    expect(taken.rows).toEqual([{ id }]);
    await client.query(`update jobs set state = 'SUCCEEDED' where id = $1`, [id]);
  });
  const { rows } = await database.forTenant(
    'a',
    (client) => client.query('select chunk_id from visible_chunks where chunk_id = $1', [id]),
    { readOnly: true },
  );
  expect(rows).toEqual([{ chunk_id: id }]);
}

describe('a rolling upgrade', () => {
  it('lets the old version serve, and start, before, during and after the new one’s migrations', async () => {
    await using directory = await temporaryDirectory();
    const old = join(directory.path, 'old');
    const next = join(directory.path, 'next');
    await cp(own, old, { recursive: true });
    for (const name of await readdir(old)) {
      if (migrationNumber(name) > '0002') await rm(join(old, name));
    }
    await cp(own, next, { recursive: true });
    await writeFile(
      join(next, '9999-next.sql'),
      '-- compatible-with: 0002\nalter table documents add column next text;',
    );
    const { connection, drop } = await createEmptyDatabase();
    try {
      expect(await migrate(connection, { folder: old })).toHaveLength(2);
      await using running = await openDatabase({ connection, logger: silentLogger });
      await serve(running, 'before');

      // One who reads for long holds the new version's migration up; the old one serves meanwhile.
      const reader = new pg.Client(connection);
      await reader.connect();
      await reader.query('begin; select from documents');
      const migrated = migrate(connection, { folder: next, lockTimeoutMs: 50 });
      await serve(running, 'during');
      expect(await migrate(connection, { folder: old })).toEqual([]);
      await reader.query('commit');
      await reader.end();
      expect((await migrated).at(-1)).toBe('9999-next.sql');
      await serve(running, 'after');

      // And back: the old version starts again on what the new one has left.
      expect(await migrate(connection, { folder: old })).toEqual([]);
      await using restarted = await openDatabase({ connection, logger: silentLogger });
      await serve(restarted, 'back');
    } finally {
      await drop();
    }
  });
});
