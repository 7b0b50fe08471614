import { expect, it } from 'vitest';
import { createTestDatabase } from './test-database.ts';

it('gives every caller a migrated database of its own', async () => {
  await using one = await createTestDatabase();
  await using other = await createTestDatabase();
  const insert = `insert into corpus_epochs (tenant) values ('a')`;
  await one.forTenant('a', (client) => client.query(insert));
  const count = 'select count(*) from corpus_epochs';
  expect((await one.forTenant('a', (client) => client.query(count))).rows).toEqual([{ count: 1 }]);
  expect((await other.forTenant('a', (client) => client.query(count))).rows).toEqual([{ count: 0 }]);
});
