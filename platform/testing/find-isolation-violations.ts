import pg from 'pg';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

const tenants = ['a', 'b'] as const;

/** Values that rows of a test can have, by the type of their column, as SQL. */
const values: Readonly<Record<string, string>> = {
  text: `'x'`,
  integer: '1',
  bigint: '1',
  smallint: '1',
  boolean: 'false',
  real: '1',
  'double precision': '1',
  numeric: '1',
  jsonb: `'{}'`,
  bytea: `'x'`,
  'text[]': `'{}'`,
  'timestamp with time zone': 'now()',
  date: 'current_date',
};

/**
 * What is wrong with the isolation of tenants: for every table and view with a column `tenant`, whether each role sees
 * and changes what it may, and nothing else. Rows of the tenants `a` and `b` are made for that, and everything is
 * rolled back: the database stays as it was.
 *
 * @param connection the server's superuser, in a migrated database.
 * @param options.mutation what is done to the database before: to see whether it is noticed.
 * @param options.table looks at this one alone.
 */
export async function findIsolationViolations(
  connection: pg.ClientConfig,
  {
    mutation = 'select 1',
    table = null,
  }: { readonly mutation?: string; readonly table?: string | null } = {},
): Promise<string[]> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query('begin');
    await client.query(mutation);
    return [
      ...(await findTableViolations(client, table)),
      ...(await findSharedTableViolations(client, table)),
      ...(await findViewViolations(client)),
    ];
  } finally {
    await client.query('rollback').catch(() => undefined);
    await client.end();
  }
}

/**
 * A table that belongs to no tenant, and has row-level security all the same, shows its rows to the roles that may
 * read it.
 */
async function findSharedTableViolations(client: pg.Client, only: string | null): Promise<string[]> {
  const { rows } = await client.query<{ table: string; role: string }>(
    `select c.relname as table, role from pg_class c, unnest(array['tributary_app', 'tributary_worker']) as role
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relrowsecurity
       and has_table_privilege(role, c.oid, 'select') and ($1::text is null or c.relname = $1)
       and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped)
     order by 1, 2`,
    [only],
  );
  const violations: string[] = [];
  for (const { table, role } of rows) {
    const seen = await attempt(client, null, async () => {
      await client.query(`delete from ${table}`);
      await client.query(await insertOf(client, table, '', 'x'));
      await client.query(`set local role ${role}`);
      return (await client.query(`select from ${table}`)).rowCount;
    });
    if (seen !== 1) violations.push(`${table}: ${role} sees ${seen} rows instead of 1`);
  }
  return violations;
}

/** The tables, or the views, that have a column `tenant`. */
async function relationsWithTenant(client: pg.Client, kind: 'r' | 'v'): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind = $1 order by 1`,
    [kind],
  );
  return rows.map(({ name }) => name);
}

async function findTableViolations(client: pg.Client, only: string | null): Promise<string[]> {
  // Rows are made from their columns' types alone: what else they must be like is not what is looked at here.
  await client.query(`set local session_replication_role = replica`);
  await client.query(`do $$ declare c record; begin
    for c in select conrelid::regclass as t, conname from pg_constraint
      where contype = 'c' and connamespace = 'public'::regnamespace
    loop execute format('alter table %s drop constraint %I', c.t, c.conname); end loop;
  end $$`);
  const violations: string[] = [];
  const tables = await relationsWithTenant(client, 'r');
  for (const table of tables.filter((name) => only === null || name === only)) {
    const { rows } = await client.query<{ forced: boolean }>(
      'select relrowsecurity and relforcerowsecurity as forced from pg_class where oid = $1::regclass',
      [table],
    );
    if (rows[0]?.forced !== true) violations.push(`${table}: row-level security does not hold for its owner`);
    const problems = await attempt(client, null, async () => {
      for (const tenant of tenants) await client.query(await insertOf(client, table, tenant, tenant));
      return checkTable(client, table);
    });
    violations.push(...(typeof problems === 'string' ? [problems] : problems).map((p) => `${table}: ${p}`));
  }
  return violations;
}

async function checkTable(client: pg.Client, table: string): Promise<string[]> {
  const problems: string[] = [];
  const expect = async (what: string, role: string, sql: string, wanted: string) => {
    const outcome = await attempt(client, role, async () => {
      const result = await client.query(sql);
      return result.command === 'SELECT'
        ? result.rows.map(({ tenant }) => tenant).join()
        : String(result.rowCount);
    });
    if (outcome !== wanted) problems.push(`${what}: ${outcome} instead of ${wanted}`);
  };
  const refused = 'refused';
  const select = `select tenant from ${table} order by tenant`;
  const app = `set local role tributary_app; set local tributary.tenant = 'a'`;
  await expect('a tenant sees', app, select, 'a');
  await expect('without a tenant one sees', 'set local role tributary_app', select, '');
  await expect('a tenant changes', app, `update ${table} set tenant = tenant`, '1');
  await expect(
    'a tenant changes of another',
    app,
    `update ${table} set tenant = 'b' where tenant = 'b'`,
    '0',
  );
  await expect('a tenant hands over', app, `update ${table} set tenant = 'b'`, refused);
  await expect('a tenant deletes', app, `delete from ${table}`, '1');
  const newcomer = `set local role tributary_app; set local tributary.tenant = 'c'`;
  await expect('a tenant adds', newcomer, await insertOf(client, table, 'c', 'new'), '1');
  await expect('a tenant adds for another', newcomer, await insertOf(client, table, 'd', 'new'), refused);
  const worker = 'set local role tributary_worker';
  await expect('a worker sees', worker, select, 'a,b');
  await expect('a worker changes', worker, `update ${table} set tenant = tenant`, '2');
  await expect('a worker deletes', worker, `delete from ${table}`, '2');
  await expect('a worker adds', worker, await insertOf(client, table, 'c', 'new'), '1');
  return problems;
}

/** A view shows what its reader may see, and not what its owner may. */
async function findViewViolations(client: pg.Client): Promise<string[]> {
  const violations: string[] = [];
  for (const view of await relationsWithTenant(client, 'v')) {
    const { rows } = await client.query<{ invoker: boolean }>(
      `select coalesce('security_invoker=true' = any(reloptions), false) as invoker from pg_class where oid = $1::regclass`,
      [view],
    );
    if (rows[0]?.invoker !== true) violations.push(`${view}: shows what its owner may see`);
  }
  return violations;
}

/** Does something as a role, undoes it, and returns what came of it. */
async function attempt<T>(
  client: pg.Client,
  role: string | null,
  work: () => Promise<T>,
): Promise<T | string> {
  await client.query('savepoint attempt');
  try {
    if (role !== null) await client.query(role);
    return await work();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return error.code === '42501' ? 'refused' : `${error.message} (${error.code})`;
  } finally {
    await client.query('rollback to savepoint attempt');
  }
}

/** A statement that adds a row to a table; rows of another `mark` have another key. */
async function insertOf(client: pg.Client, table: string, tenant: string, mark: string): Promise<string> {
  const { rows } = await client.query<Column>(
    `select a.attname as name, format_type(a.atttypid, null) as type, a.attnotnull and not a.atthasdef as required
     from pg_attribute a
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attidentity = '' and a.attgenerated = ''`,
    [table],
  );
  const given = rows.filter(({ name, required }) => required || name === 'tenant');
  const literalFor = ({ name, type }: Column): string => {
    if (name === 'tenant') return pg.escapeLiteral(tenant);
    if (type === 'text') return pg.escapeLiteral(mark);
    const value = values[type];
    if (value === undefined)
      throw new Error(`Nobody has said yet what a test writes into a column of type ${type}.`);
    // A key that is a number is another one for another mark.
    return type === 'integer' || type === 'bigint' ? String(mark.length) : value;
  };
  if (given.length === 0) return `insert into ${table} default values`;
  return `insert into ${table} (${given.map(({ name }) => pg.escapeIdentifier(name)).join()}) values (${given
    .map(literalFor)
    .join()})`;
}
