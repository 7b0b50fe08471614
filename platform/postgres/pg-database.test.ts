import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import { openDatabase } from './pg-database.ts';

const insertDocument = `insert into documents (tenant, id, source_key, title, modality, state, visible_version)
  values ($1, $2, $2, $2, 'TEXT', 'SEARCHABLE', 1)`;
const insertChunk = `insert into chunks (tenant, id, document_id, first_version, seen_version, ordinal, modality, family, fingerprint, locator)
  values ($1, $2, $3, 1, 1, 0, 'TEXT', 'text', 'f', '{}')`;

/** A database whose tenants `a` and `b` have a document with a chunk each, of the same ids. */
async function twoTenants() {
  const database = await createTestDatabase();
  for (const tenant of ['a', 'b']) {
    await database.forTenant(tenant, async (client) => {
      await client.query(insertDocument, [tenant, 'doc']);
      await client.query(insertChunk, [tenant, 'chunk', 'doc']);
    });
  }
  return database;
}

describe('tenancy', () => {
  it.each(['documents', 'chunks', 'visible_chunks'])('shows a tenant its own %s only', async (table) => {
    await using database = await twoTenants();
    const select = `select tenant from ${table}`;
    for (const tenant of ['a', 'b']) {
      const { rows } = await database.forTenant(tenant, (client) => client.query(select));
      expect(rows).toEqual([{ tenant }]);
    }
    expect((await database.forTenant('c', (client) => client.query(select))).rows).toEqual([]);
    expect((await database.forWorker((client) => client.query(select))).rows).toHaveLength(2);
  });

  it('changes and deletes nothing of another tenant', async () => {
    await using database = await twoTenants();
    await database.forTenant('a', async (client) => {
      expect((await client.query(`update documents set title = 'mine'`)).rowCount).toBe(1);
      expect((await client.query(`update documents set title = 'x' where tenant = 'b'`)).rowCount).toBe(0);
      expect((await client.query(`delete from chunks where tenant = 'b'`)).rowCount).toBe(0);
    });
    const { rows } = await database.forTenant('b', (client) =>
      client.query('select title from visible_chunks'),
    );
    expect(rows).toEqual([{ title: 'doc' }]);
  });

  it.each([
    ['insert', insertDocument, ['b', 'new']],
    ['hand over', `update documents set tenant = $1`, ['b']],
  ])('lets nobody %s a row as another tenant', async (_, sql, values) => {
    await using database = await createTestDatabase();
    await database.forTenant('a', (client) => client.query(insertDocument, ['a', 'doc']));
    await expect(database.forTenant('a', (client) => client.query(sql, values))).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('shows nothing outside of a tenant’s transaction, and forgets the tenant with its end', async () => {
    await using database = await twoTenants();
    await using single = await openDatabase({
      connection: database.connection,
      poolSize: 1,
      logger: silentLogger,
    });
    await single.forTenant('a', (client) => client.query('select 1'));
    await single.forWorker(async (client) => {
      await client.query('set local role tributary_app');
      expect((await client.query('select * from documents')).rows).toEqual([]);
    });
  });

  it('takes any text for a tenant’s name as a name', async () => {
    await using database = await createTestDatabase();
    for (const tenant of [`o'brien`, `\\'; drop table documents; --`, 'ä\n"x"']) {
      await database.forTenant(tenant, (client) => client.query(insertDocument, [tenant, 'doc']));
      const { rows } = await database.forTenant(tenant, (client) =>
        client.query('select tenant from documents'),
      );
      expect(rows).toEqual([{ tenant }]);
    }
    await expect(database.forTenant('', async () => {})).rejects.toMatchObject({ code: 'REJECTED_INPUT' });
    await expect(database.forTenant('a\0b', async () => {})).rejects.toMatchObject({
      code: 'REJECTED_INPUT',
    });
  });
});

describe('transactions', () => {
  it('keep nothing of work that throws', async () => {
    await using database = await createTestDatabase();
    const work = database.forTenant('a', async (client) => {
      await client.query(insertDocument, ['a', 'doc']);
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    const { rows } = await database.forTenant('a', (client) => client.query('select * from documents'));
    expect(rows).toEqual([]);
  });

  it('say so when a failure that was swallowed undid the work', async () => {
    await using database = await createTestDatabase();
    const work = database.forTenant('a', async (client) => {
      await client.query(insertDocument, ['a', 'doc']);
      await client.query('select 1/0').catch(() => undefined);
    });
    await expect(work).rejects.toMatchObject({ code: 'DEFECT', reason: 'ROLLED_BACK' });
  });

  it('refuse writes where only reading was asked for', async () => {
    await using database = await createTestDatabase();
    const work = (client: pg.PoolClient) => client.query(insertDocument, ['a', 'doc']);
    await expect(database.forTenant('a', work, { readOnly: true })).rejects.toMatchObject({ code: '25006' });
  });

  it('give counts and bigints as numbers, and refuse one that a number cannot hold', async () => {
    await using database = await createTestDatabase();
    const query = (sql: string) => database.forWorker(async (client) => (await client.query(sql)).rows);
    expect(await query('select count(*), 9007199254740991::bigint as most from documents')).toEqual([
      { count: 0, most: Number.MAX_SAFE_INTEGER },
    ]);
    await expect(query('select 9007199254740993::bigint')).rejects.toThrow(/too large/);
  });
});

describe('an aborted signal', () => {
  it('stops the query in the server, and its connection is not used again', async () => {
    await using database = await createTestDatabase();
    await using single = await openDatabase({
      connection: database.connection,
      poolSize: 1,
      logger: silentLogger,
    });
    const isRunning = async () => {
      const { rows } = await query(
        database.connection,
        `select from pg_stat_activity where query like '%marked_to_abort%' and state = 'active'
         and pid <> pg_backend_pid()`,
      );
      return rows.length === 1;
    };
    const abort = new AbortController();
    let pid = 0;
    const work = single.forTenant(
      'a',
      async (client) => {
        pid = (await client.query('select pg_backend_pid() as pid')).rows[0].pid;
        await client.query('select pg_sleep(1000) as marked_to_abort');
      },
      { signal: abort.signal },
    );
    const outcome = expect(work).rejects.toThrow('enough');
    await eventually(isRunning);
    abort.abort(new Error('enough'));
    await outcome;
    await eventually(async () => !(await isRunning()));
    const { rows } = await single.forWorker((client) => client.query('select pg_backend_pid() as pid'));
    expect(rows[0].pid).not.toBe(pid);
  });

  it('ends the wait for a connection, which then serves the next', async () => {
    await using database = await createTestDatabase();
    await using single = await openDatabase({
      connection: database.connection,
      poolSize: 1,
      logger: silentLogger,
    });
    const abort = new AbortController();
    await single.forWorker(async () => {
      const waiting = single.forWorker((client) => client.query('select 1'), { signal: abort.signal });
      const outcome = expect(waiting).rejects.toThrow('enough');
      abort.abort(new Error('enough'));
      await outcome;
    });
    await expect(single.ping()).resolves.toBeUndefined();
  });

  it('that was aborted before does no work', async () => {
    await using database = await createTestDatabase();
    let worked = false;
    const work = database.forWorker(
      async () => {
        worked = true;
      },
      { signal: AbortSignal.abort(new Error('enough')) },
    );
    await expect(work).rejects.toThrow('enough');
    expect(worked).toBe(false);
  });
});

describe('failures of the server', () => {
  it('are UPSTREAM when a connection is lost, and the next call gets a new one', async () => {
    await using database = await createTestDatabase();
    const work = database.forWorker(async (client) => {
      const { rows } = await client.query('select pg_backend_pid() as pid');
      await terminate(database.connection, `pid = ${rows[0].pid}`);
      await client.query('select 1');
    });
    await expect(work).rejects.toMatchObject({ code: 'UPSTREAM', service: 'postgres' });
    await expect(database.ping()).resolves.toBeUndefined();
  });

  it('are UPSTREAM when there is no server', async () => {
    const connection = { connectionString: 'postgresql://x@127.0.0.1:1/x' };
    await expect(openDatabase({ connection, logger: silentLogger })).rejects.toMatchObject({
      code: 'UPSTREAM',
      service: 'postgres',
    });
  });

  it.each([
    ['53100', { code: 'BUSY', reason: 'STORAGE_FULL' }],
    ['40P01', { code: 'BUSY', reason: 'CONFLICT' }],
    ['57014', { code: 'UPSTREAM', service: 'postgres' }],
    ['53200', { code: 'UPSTREAM', service: 'postgres' }],
    ['23505', { code: '23505' }],
  ])('have their meaning: SQLSTATE %s', async (state, expected) => {
    await using database = await createTestDatabase();
    const raise = `do $$ begin raise exception 'x' using errcode = '${state}'; end $$`;
    await expect(database.forWorker((client) => client.query(raise))).rejects.toMatchObject(expected);
  });
});

describe('the limits', () => {
  it('of the pool are told with BUSY, whether one has waited or too many wait already', async () => {
    await using database = await createTestDatabase();
    await using single = await openDatabase({
      connection: database.connection,
      poolSize: 1,
      connectTimeoutMs: 500,
      logger: silentLogger,
    });
    await single.forWorker(async () => {
      const busy = { code: 'BUSY', reason: 'DATABASE_BUSY', retryAfterMs: 1000 };
      const outcomes = await Promise.allSettled(Array.from({ length: 60 }, () => single.ping()));
      for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: busy });
    });
    await expect(single.ping()).resolves.toBeUndefined();
  });

  it('of a statement hold in the server, and the next call is served', async () => {
    await using database = await createTestDatabase();
    await using quick = await openDatabase({
      connection: database.connection,
      poolSize: 1,
      statementTimeoutMs: 100,
      logger: silentLogger,
    });
    const slow = quick.forTenant('a', (client) => client.query('select pg_sleep(1000)'), { readOnly: true });
    await expect(slow).rejects.toMatchObject({ code: 'UPSTREAM', service: 'postgres' });
    await expect(quick.ping()).resolves.toBeUndefined();
  });

  it('of waiting for a row that somebody holds are told with BUSY', async () => {
    await using database = await createTestDatabase();
    await using quick = await openDatabase({
      connection: database.connection,
      logger: silentLogger,
    });
    await database.forTenant('a', (client) => client.query(insertDocument, ['a', 'doc']));
    await database.forTenant('a', async (holder) => {
      await holder.query(`update documents set title = 'held'`);
      const waiting = quick.forTenant('a', async (client) => {
        await client.query(`set local lock_timeout = '50ms'`);
        await client.query(`update documents set title = 'waiting'`);
      });
      await expect(waiting).rejects.toMatchObject({ code: 'BUSY', reason: 'CONFLICT' });
    });
  });
});

describe('notifications', () => {
  it('reach every listener of their channel, when the transaction commits', async () => {
    await using database = await createTestDatabase();
    const heard: (string | null)[] = [];
    await using _one = await database.listen('jobs', (payload) => heard.push(payload));
    await using _two = await database.listen('jobs', (payload) => heard.push(payload));
    await using _other = await database.listen('Other "channel"', (payload) =>
      heard.push(`other ${payload}`),
    );
    await database.forTenant('a', async (client) => {
      await client.query(`select pg_notify('jobs', '1')`);
      await client.query(`select pg_notify('Other "channel"', '2')`);
    });
    await eventually(() => heard.length === 3);
    expect(heard).toEqual(['1', '1', 'other 2']);
  });

  it('come again after the connection was lost, and the loss is told with null', async () => {
    await using database = await createTestDatabase();
    const heard: (string | null)[] = [];
    await using _jobs = await database.listen('jobs', (payload) => heard.push(payload));
    await terminate(database.connection, `query like 'listen %'`);
    await eventually(() => heard.length === 1);
    expect(heard).toEqual([null]);
    await database.forWorker((client) => client.query(`select pg_notify('jobs', 'after')`));
    await eventually(() => heard.length === 2);
    expect(heard).toEqual([null, 'after']);
  });

  it('end when the listener is disposed of, and go on for the others', async () => {
    await using database = await createTestDatabase();
    const heard: string[] = [];
    const first = await database.listen('jobs', (payload) => heard.push(`first ${payload}`));
    await using _second = await database.listen('jobs', (payload) => heard.push(`second ${payload}`));
    await first[Symbol.asyncDispose]();
    await database.forWorker((client) => client.query(`select pg_notify('jobs', '1')`));
    await eventually(() => heard.length > 0);
    expect(heard).toEqual(['second 1']);
  });

  it('reach the others when one listener throws', async () => {
    await using database = await createTestDatabase();
    const heard: (string | null)[] = [];
    await using _bad = await database.listen('jobs', () => {
      throw new Error('not now');
    });
    await using _good = await database.listen('jobs', (payload) => heard.push(payload));
    await database.forWorker((client) => client.query(`select pg_notify('jobs', '1')`));
    await eventually(() => heard.length === 1);
    expect(heard).toEqual(['1']);
  });
});

/** Ends one connection to this database from the server's side. */
async function terminate(connection: pg.ClientConfig, which: string): Promise<void> {
  const { rowCount } = await query(
    connection,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and ${which}`,
  );
  expect(rowCount).toBe(1);
}

/** As the server's superuser. */
async function query(connection: pg.ClientConfig, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
