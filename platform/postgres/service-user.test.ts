import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { createEmptyDatabase } from '../testing/test-database.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';
import { openDatabaseFromConfig } from './open-database-from-config.ts';
import { openDatabase } from './pg-database.ts';
import { ensureServiceUser, serviceUserSql } from './service-user.ts';

/** An installation: an owner that is no superuser migrates, and a login with the least rights serves. */
async function install() {
  const { connection, drop } = await createEmptyDatabase();
  const mark = randomBytes(4).toString('hex');
  const names = { owner: `owner_${mark}`, service: `service_${mark}`, search: `search_${mark}` };
  const password = randomBytes(8).toString('hex');
  const asSuperuser = async (sql: string) => {
    const client = new pg.Client(connection);
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  };
  const { rows } = await asSuperuser('select current_database() as name');
  await asSuperuser(`
    create role ${names.owner} login createrole password '${password}';
    alter database ${rows[0].name} owner to ${names.owner};
    alter schema public owner to ${names.owner}`);
  // The roles are the server's, and there by now: whoever is to hand them on must be told that they may.
  await asSuperuser(`do $$ begin
    if current_setting('server_version_num')::int >= 160000 then
      execute 'grant tributary_app, tributary_worker to ${names.owner} with admin option';
    end if; end $$`);
  const as = (user: string) => ({ ...parse(connection.connectionString), user, password });
  return {
    names,
    password,
    asSuperuser,
    superuser: connection,
    as,
    url: (user: string) => urlOf(as(user)),
    async [Symbol.asyncDispose]() {
      await asSuperuser(
        Object.values(names)
          .map(
            (name) => `do $$ begin if exists (select from pg_roles where rolname = '${name}') then
             reassign owned by ${name} to current_user; drop owned by ${name}; drop role ${name}; end if; end $$`,
          )
          .join(';'),
      );
      await drop();
    },
  };
}

/** An address of a test, taken apart: its server may be behind a socket, which an URL of another user must keep. */
function parse(connectionString: string): pg.ClientConfig {
  const client = new pg.Client({ connectionString });
  return { host: client.host, port: client.port, database: client.database ?? '' };
}

const urlOf = ({ host = '', port, database, user, password }: pg.ClientConfig): string =>
  host.startsWith('/')
    ? `postgresql://${user}:${password}@/${database}?host=${encodeURIComponent(host)}&port=${port}`
    : `postgresql://${user}:${password}@${host}:${port}/${database}`;

const insert = `insert into documents (tenant, id, source_key, title, modality, state)
  values (current_setting('tributary.tenant'), 'd', 'd', 'd', 'TEXT', 'RECEIVED')`;

describe('an installation with the least rights', () => {
  let installation: Awaited<ReturnType<typeof install>>;
  let database: Database;
  let service: pg.Client;
  beforeAll(async () => {
    installation = await install();
    const { names, as, password } = installation;
    await migrate(as(names.owner));
    await ensureServiceUser(as(names.owner), { name: names.service, password });
    database = await openDatabase({ connection: as(names.service), logger: silentLogger });
    for (const tenant of ['a', 'b']) await database.forTenant(tenant, (client) => client.query(insert));
    service = new pg.Client(as(names.service));
    await service.connect();
  });
  afterAll(async () => {
    await service.end();
    await database[Symbol.asyncDispose]();
    await installation[Symbol.asyncDispose]();
  });

  it('serves: each tenant its own rows, and the workers all', async () => {
    const select = 'select tenant from documents order by tenant';
    const own = await database.forTenant('a', (client) => client.query(select));
    expect(own.rows).toEqual([{ tenant: 'a' }]);
    expect((await database.forWorker((client) => client.query(select))).rows).toHaveLength(2);
  });

  it('has a login that is nothing by itself', async () => {
    const { rows } = await service.query(
      `select rolsuper or rolinherit or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as any
       from pg_roles where rolname = current_user`,
    );
    expect(rows).toEqual([{ any: false }]);
    await expect(service.query('select * from documents')).rejects.toMatchObject({ code: '42501' });
  });

  it.each([
    ['make a table', 'create table t (x int)'],
    ['make a table in a schema of its own', 'create schema s'],
    ['make a temporary table', 'create temporary table t (x int)'],
    ['drop a table', 'drop table documents'],
    ['empty a table', 'truncate documents'],
    ['alter a table', 'alter table documents add column x int'],
    ['turn row-level security off', 'alter table documents disable row level security'],
    ['drop a policy', 'drop policy tenant on documents'],
    ['add a policy', 'create policy all_of_it on documents using (true)'],
    ['make a role', 'create role r'],
    ['pass row-level security by', `alter role current_user bypassrls`],
    ['become the owner', 'set role OWNER'],
    ['change what was migrated', 'delete from schema_migrations'],
    ['copy to a program', `copy (select 1) to program 'true'`],
    ['read a file', `select pg_read_file('PG_VERSION')`],
  ])('does not let a service %s, in whatever role', async (_, sql) => {
    for (const role of ['none', 'tributary_app', 'tributary_worker']) {
      await service.query(`set role ${role}`);
      await expect(service.query(sql.replace('OWNER', installation.names.owner)), role).rejects.toMatchObject(
        {
          code: '42501',
        },
      );
    }
    await service.query('reset role');
  });

  it('shows no row to a reader who has set no tenant, nor with row-level security “off”', async () => {
    await service.query('set role tributary_app');
    expect((await service.query('select * from documents')).rows).toEqual([]);
    await service.query('set row_security = off');
    await expect(service.query('select * from documents')).rejects.toMatchObject({ code: '42501' });
    await service.query('reset row_security; reset role');
  });

  it('can have a login for reading that never sees more than one tenant', async () => {
    const { names, as, password } = installation;
    await ensureServiceUser(as(names.owner), { name: names.search, password, roles: ['tributary_app'] });
    const search = new pg.Client(as(names.search));
    await search.connect();
    await expect(search.query('set role tributary_worker')).rejects.toMatchObject({ code: '42501' });
    await search.query(`set role tributary_app; set tributary.tenant = 'b'`);
    expect((await search.query('select tenant from documents')).rows).toEqual([{ tenant: 'b' }]);
    await search.end();
  });

  it('refuses to make a service of the owner, or of a role of ours', async () => {
    const { names, as } = installation;
    for (const name of [names.owner, 'tributary_worker']) {
      await expect(ensureServiceUser(as(names.owner), { name, password: null })).rejects.toMatchObject({
        reason: 'SERVICE_USER',
      });
    }
  });

  it('tells a password apart from SQL', () => {
    expect(serviceUserSql({ name: `o'brien"`, password: `'; drop table documents; --` }, 'd')).toContain(
      `alter role "o'brien""" password '''; drop table documents; --';`,
    );
  });
});

describe('a service without the right to migrate', () => {
  it('does not start on a schema that is not there, says what to do, and starts once it is current', async () => {
    await using installation = await install();
    await using directory = await temporaryDirectory();
    const { names, as, url, password, asSuperuser } = installation;
    await asSuperuser(`create role ${names.service} login noinherit password '${password}'`);
    const config = { dataDirectory: directory.path, logger: silentLogger, databaseUrl: url(names.service) };
    await expect(openDatabaseFromConfig(config)).rejects.toMatchObject({
      reason: 'DATABASE_PERMISSION',
      message: expect.stringContaining('TRIBUTARY_DATABASE_MIGRATION_URL'),
    });
    const migrating = { ...config, databaseMigrationUrl: url(names.owner) };
    await expect(openDatabaseFromConfig(migrating)).rejects.toMatchObject({
      reason: 'DATABASE_PERMISSION',
      message: expect.stringContaining('`npm run migrate`'),
    });
    await ensureServiceUser(as(names.owner), { name: names.service, password: null });
    await using opened = await openDatabaseFromConfig(config);
    await opened.database.forTenant('a', (client) => client.query(insert));
  });
});
