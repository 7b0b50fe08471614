import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

/** A table that a backup holds. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly hasTenant: boolean;
}

/** What says of the database itself what it is, and what is under way in it: no part of a backup. */
const leftOut = ['schema_migrations', 'backups'];

/** The tables of a database, those that others refer to before those that refer to them. */
export async function findTables(client: pg.ClientBase): Promise<Table[]> {
  const { rows } = await client.query<Table & { readonly refers: readonly string[] }>(
    `select c.relname as name,
       array(select a.attname::text from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
             order by a.attnum) as columns,
       exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped)
         as "hasTenant",
       array(select distinct o.relname::text from pg_constraint k join pg_class o on o.oid = k.confrelid
             where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as refers
     from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> all ($1) order by 1`,
    [leftOut],
  );
  const ordered: Table[] = [];
  const waiting = [...rows];
  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ refers }) =>
      refers.every((name) => !waiting.some((other) => other.name === name)),
    );
    const [table] = waiting.splice(Math.max(ready, 0), 1);
    if (table) ordered.push({ name: table.name, columns: table.columns, hasTenant: table.hasTenant });
  }
  return ordered;
}

const listOf = (columns: readonly string[]): string =>
  columns.map((name) => pg.escapeIdentifier(name)).join();

/** The rows of a table as `COPY` writes them, as the transaction of this connection sees them. */
export function readTable(client: pg.ClientBase, { name, columns }: Table) {
  const stream = client.query(
    copyTo(`copy (select ${listOf(columns)} from ${pg.escapeIdentifier(name)}) to stdout`),
  );
  return { bytes: stream as AsyncIterable<Buffer>, count: () => stream.rowCount };
}

/**
 * Adds the rows of a file to a table, as a worker, so that row-level security holds here too; as whoever we are where
 * workers may not. @returns how many.
 */
export async function loadTable(
  client: pg.ClientBase,
  { name, columns }: Pick<Table, 'name' | 'columns'>,
  path: string,
): Promise<number> {
  const table = pg.escapeIdentifier(name);
  const list = listOf(columns);
  // A `COPY` into a table with row-level security is refused to all but superusers: it goes by a table without.
  await client.query(
    `create temporary table tributary_load on commit drop as select ${list} from ${table} with no data`,
  );
  await pipeline(createReadStream(path), client.query(copyFrom(`copy tributary_load (${list}) from stdin`)));
  const { rows } = await client.query<{ allowed: boolean }>(
    `select has_table_privilege('tributary_worker', $1::regclass, 'insert, delete') as allowed`,
    [table],
  );
  await client.query('grant select on tributary_load to tributary_worker');
  if (rows[0]?.allowed === true) await client.query('set local role tributary_worker');
  await client.query(`delete from ${table}`);
  const { rowCount } = await client.query(
    `insert into ${table} (${list}) overriding system value select ${list} from tributary_load`,
  );
  await client.query('set local role none; drop table tributary_load');
  await advanceSequences(client, name);
  return rowCount ?? 0;
}

/** Lets the numbers of new rows begin behind those that were loaded. */
async function advanceSequences(client: pg.ClientBase, table: string): Promise<void> {
  const { rows } = await client.query<{ column: string }>(
    `select attname::text as column from pg_attribute where attrelid = $1::regclass and attidentity <> ''`,
    [pg.escapeIdentifier(table)],
  );
  for (const { column } of rows) {
    await client.query('set local role tributary_worker');
    const most = await client.query<{ most: string | null }>(
      `select max(${pg.escapeIdentifier(column)}) as most from ${pg.escapeIdentifier(table)}`,
    );
    await client.query('set local role none');
    if (most.rows[0]?.most == null) continue;
    await client.query('select setval(pg_get_serial_sequence($1, $2), $3)', [
      ...[pg.escapeIdentifier(table), column, most.rows[0].most],
    ]);
  }
}
