import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { smallDisk } from '../testing/small-disk.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { createEmptyDatabase } from '../testing/test-database.ts';
import { openDatabaseFromConfig } from './open-database-from-config.ts';

const insert = `insert into corpus_epochs (tenant) values ('a') on conflict (tenant) do update set epoch = corpus_epochs.epoch + 1`;

describe('the database that the configuration asks for', () => {
  it('is ours, migrated, for several processes at once, and stops with the last', async () => {
    await using directory = await temporaryDirectory();
    const config = { databaseUrl: null, dataDirectory: directory.path, logger: silentLogger };
    const [first, second] = await Promise.all([
      openDatabaseFromConfig(config),
      openDatabaseFromConfig(config),
    ]);
    await first.database.forTenant('a', (client) => client.query(insert));
    await first[Symbol.asyncDispose]();
    const count = 'select count(*) from corpus_epochs';
    const { rows } = await second.database.forTenant('a', (client) => client.query(count));
    expect(rows).toEqual([{ count: 1 }]);
    await second[Symbol.asyncDispose]();
    await expect(second.database.ping()).rejects.toThrow();
  });

  it('is the one at the address, where one is given', async () => {
    const { connection, drop } = await createEmptyDatabase();
    await using directory = await temporaryDirectory();
    const opened = await openDatabaseFromConfig({
      databaseUrl: connection.connectionString,
      dataDirectory: directory.path,
      logger: silentLogger,
    });
    await opened.database.forTenant('a', (client) => client.query(insert));
    await opened[Symbol.asyncDispose]();
    await drop();
  });

  it('refuses to write, and goes on reading, while the disk is nearly full', async () => {
    await using directory = await temporaryDirectory();
    await using disk = await smallDisk(directory.path, 160 * 1024 * 1024);
    await using opened = await openDatabaseFromConfig({
      databaseUrl: null,
      dataDirectory: disk.path,
      logger: silentLogger,
    });
    const { database } = opened;
    const write = () => database.forTenant('a', (client) => client.query(insert));
    const read = () =>
      database.forTenant('a', (client) => client.query('select * from corpus_epochs'), { readOnly: true });
    await write();
    if (disk.isSmall) {
      const ballast = join(disk.path, 'ballast');
      await writeFile(ballast, Buffer.alloc(85 * 1024 * 1024));
      await eventually(() => expect(write()).rejects.toMatchObject({ code: 'BUSY', reason: 'STORAGE_FULL' }));
      expect((await read()).rows).toHaveLength(1);
      await rm(ballast);
    }
    await eventually(write);
  });
});
