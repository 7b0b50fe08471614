import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findIsolationViolations } from '../testing/find-isolation-violations.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let policies: readonly { readonly table: string; readonly name: string; readonly roles: string }[];
let tables: readonly string[];

beforeAll(async () => {
  database = await createTestDatabase();
  const client = new pg.Client(database.connection);
  await client.connect();
  const found = await client.query<{ table: string; name: string; roles: string }>(
    `select tablename as table, policyname as name, array_to_string(roles, ', ') as roles
     from pg_policies where schemaname = 'public' order by 1, 2`,
  );
  policies = found.rows;
  const withTenant = await client.query<{ name: string }>(
    `select t.table_name as name from information_schema.tables t
     join information_schema.columns c using (table_schema, table_name)
     where t.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.column_name = 'tenant' order by 1`,
  );
  tables = withTenant.rows.map(({ name }) => name);
  await client.end();
});
afterAll(() => database[Symbol.asyncDispose]());

/** What is noticed when something was done to the database; of one table alone where that is what was changed. */
const violations = (mutation: string, table?: string) =>
  findIsolationViolations(database.connection, { mutation, ...(table !== undefined && { table }) });

describe('the isolation of tenants', () => {
  it('has nothing wrong with it, in any table', async () => {
    expect(tables.length).toBeGreaterThan(12);
    expect(await findIsolationViolations(database.connection)).toEqual([]);
  });

  it('fails without any one of the policies', async () => {
    expect(policies.length).toBeGreaterThanOrEqual(2 * tables.length);
    for (const { table, name } of policies) {
      const found = await violations(`drop policy "${name}" on "${table}"`, table);
      expect(found, `${name} on ${table}`).not.toEqual([]);
      expect(found.filter((violation) => !violation.startsWith(`${table}: `))).toEqual([]);
    }
  });

  it('fails where a policy lets more through than it should, for reading or for writing', async () => {
    const ofTenants = policies.filter(
      ({ table, roles }) => roles === 'tributary_app' && tables.includes(table),
    );
    for (const { table, name, roles } of ofTenants) {
      const again = `drop policy "${name}" on "${table}"; create policy "${name}" on "${table}" to ${roles}`;
      const own = `(tenant = current_setting('tributary.tenant', true))`;
      expect(await violations(`${again} using (true) with check ${own}`, table), table).not.toEqual([]);
      expect(await violations(`${again} using ${own} with check (true)`, table), table).not.toEqual([]);
    }
  });

  it('fails where row-level security is off for a table, or not for its owner', async () => {
    for (const table of tables) {
      expect(await violations(`alter table "${table}" disable row level security`, table), table).not.toEqual(
        [],
      );
      expect(
        await violations(`alter table "${table}" no force row level security`, table),
        table,
      ).not.toEqual([]);
    }
  });

  it('fails for a new table that was forgotten, and a view that shows what its owner sees', async () => {
    const made = 'create table forgotten (tenant text not null, id text not null)';
    expect(await violations(`${made}; grant all on forgotten to tributary_app, tributary_worker`)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^forgotten: a tenant sees: a,b instead of a$/)]),
    );
    expect(await violations('alter view visible_chunks reset (security_invoker)')).toEqual([
      'visible_chunks: shows what its owner may see',
    ]);
  });
});
