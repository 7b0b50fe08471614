import { execFile } from 'node:child_process';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DisposableStack } from '../disposable-stack.ts';
import { type PostgresServer, startPostgresServer } from '../servers/postgres-server.ts';
import { eventually } from '../testing/eventually.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './pg-database.ts';

const execute = promisify(execFile);
const stack = new DisposableStack();
let primary: PostgresServer;
let replica: PostgresServer;
let database: Database;

/** A standby of the primary, made as an operator makes one, that follows it by streaming. */
async function startReplica(directory: string): Promise<PostgresServer> {
  const { user, programs, port, url } = primary;
  const password = new URL(url).password;
  await mkdir(directory, { mode: 0o700 });
  await writeFile(join(directory, 'password'), password, { mode: 0o600 });
  if (user)
    for (const path of [directory, join(directory, 'password')]) await chown(path, user.uid, user.gid);
  await execute(
    join(programs, 'pg_basebackup'),
    [
      ...['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-D', join(directory, 'cluster')],
      ...['--write-recovery-conf', '--wal-method=stream', '--checkpoint=fast'],
    ],
    { ...user, cwd: directory, env: { ...process.env, PGPASSWORD: password } },
  );
  return startPostgresServer({ directory });
}

beforeAll(async () => {
  const directory = stack.use(await temporaryDirectory());
  primary = stack.use(await startPostgresServer({ directory: join(directory.path, 'primary') }));
  await migrate({ connectionString: primary.url });
  replica = stack.use(await startReplica(join(directory.path, 'replica')));
  database = stack.use(
    await openDatabase({
      connection: { connectionString: primary.url },
      replica: { connectionString: replica.url },
      logger: silentLogger,
    }),
  );
});
afterAll(() => stack[Symbol.asyncDispose]());

const onReplica = { readOnly: true, replica: true } as const;

/** Which server answers a read that a replica may answer. */
const whoAnswers = async (options: { readonly readOnly: true; readonly replica?: true } = onReplica) => {
  const { rows } = await database.forTenant(
    'a',
    (client) => client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby'),
    options,
  );
  return rows[0]?.standby === true ? 'replica' : 'primary';
};

const insert = (id: string) =>
  database.forTenant('a', (client) =>
    client.query(
      `insert into documents (tenant, id, source_key, title, modality, state) values ('a', $1, $1, $1, 'TEXT', 'RECEIVED')`,
      [id],
    ),
  );

const list = async (tenant = 'a') => {
  const { rows } = await database.forTenant(
    tenant,
    (client) =>
      client.query<{ id: string; standby: boolean }>(
        'select id, pg_is_in_recovery() as standby from documents where deleted_at is null order by id',
      ),
    onReplica,
  );
  return rows;
};

async function tellReplica(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: replica.url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

const onReplicaAgain = () =>
  eventually(async () => (await whoAnswers()) === 'replica', { timeoutMs: 60_000 });

describe('a read replica', () => {
  it('answers what says that it may, and nothing else', async () => {
    await onReplicaAgain();
    expect(await whoAnswers({ readOnly: true })).toBe('primary');
    await expect(
      database.forTenant('a', (client) => client.query(`update documents set title = 'x'`), onReplica),
    ).rejects.toMatchObject({ code: '25006' });
  });

  it('shows whoever has just written what they wrote, every time, and each tenant its own', async () => {
    await onReplicaAgain();
    let answered = 0;
    for (let index = 0; index < 50; index++) {
      const id = `w${String(index).padStart(2, '0')}`;
      await insert(id);
      const rows = await list();
      expect(rows.at(-1)?.id).toBe(id);
      if (rows[0]?.standby === true) answered++;
    }
    expect(answered).toBeGreaterThan(0);
    expect(await list('b')).toEqual([]);
  });

  it('serves many readers at once', async () => {
    await onReplicaAgain();
    const answers = await Promise.all(Array.from({ length: 100 }, () => whoAnswers()));
    expect(answers).toContain('replica');
  });

  it('is passed by while it lags, so that nothing deleted is shown, and used again when it has caught up', async () => {
    await onReplicaAgain();
    await tellReplica('select pg_wal_replay_pause()');
    await database.forTenant('a', (client) =>
      client.query(`update documents set deleted_at = now(), state = 'DELETED'`),
    );
    expect(await list()).toEqual([]);
    expect(await whoAnswers()).toBe('primary');
    await tellReplica('select pg_wal_replay_resume()');
    await onReplicaAgain();
    expect(await list()).toEqual([]);
  });

  it('is passed by while it is away, and used again when it is back', async () => {
    await onReplicaAgain();
    await replica.kill();
    expect(await whoAnswers()).toBe('primary');
    await replica.start();
    await onReplicaAgain();
  });

  it('does not stand in for a primary that is away: nobody knows what was committed', async () => {
    await onReplicaAgain();
    await primary.kill();
    await expect(whoAnswers()).rejects.toMatchObject({ code: 'UPSTREAM', service: 'postgres' });
    await primary.start();
    await eventually(() => insert('after'), { timeoutMs: 60_000 });
    await onReplicaAgain();
    expect((await list()).map(({ id }) => id)).toEqual(['after']);
  });

  it('that is none, but the primary itself, is not used', async () => {
    await using same = await openDatabase({
      connection: { connectionString: primary.url },
      replica: { connectionString: primary.url },
      logger: silentLogger,
    });
    await expect(
      same.forTenant('a', (client) => client.query('select id from documents'), onReplica),
    ).resolves.toHaveProperty('rowCount');
  });
});
