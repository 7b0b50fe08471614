import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DisposableStack } from '../disposable-stack.ts';
import { type PostgresServer, startPostgresServer } from '../servers/postgres-server.ts';
import { startToxiproxyServer, type Proxy as Way } from '../servers/toxiproxy-server.ts';
import { eventually } from '../testing/eventually.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './pg-database.ts';

const stack = new DisposableStack();
let server: PostgresServer;
let way: Way;

beforeAll(async () => {
  const directory = stack.use(await temporaryDirectory());
  server = stack.use(await startPostgresServer({ directory: join(directory.path, 'postgres') }));
  await migrate({ connectionString: server.url });
  way = await stack.use(await startToxiproxyServer()).proxy('postgres', server.port);
});
afterAll(() => stack[Symbol.asyncDispose]());

const open = (): Promise<Database> => {
  const url = new URL(server.url);
  url.port = String(way.port);
  return openDatabase({
    connection: { connectionString: url.href },
    poolSize: 3,
    statementTimeoutMs: 1000,
    connectTimeoutMs: 1000,
    logger: silentLogger,
  });
};

const upstream = { code: 'UPSTREAM', service: 'postgres', retryable: true };
const count = (database: Database) =>
  database.forTenant('a', (client) => client.query('select count(*) from documents'), { readOnly: true });
/** Nothing gets through any more, and nobody says so. */
const fallSilent = () => way.poison({ type: 'timeout', stream: 'downstream', attributes: { timeout: 0 } });

describe('a database', () => {
  it('that is killed fails what is under way, and is used again when it is back', async () => {
    await using database = await open();
    const heard: (string | null)[] = [];
    await using _listening = await database.listen('c', (payload) => heard.push(payload));
    const underWay = database.forWorker(async (client) => {
      await server.kill();
      await client.query('select 1');
    });
    await expect(underWay).rejects.toMatchObject(upstream);
    await expect(count(database)).rejects.toMatchObject(upstream);
    await server.start();
    await eventually(() => count(database));
    await eventually(() => heard.includes(null));
    await database.forWorker((client) => client.query(`select pg_notify('c', 'again')`));
    await eventually(() => heard.includes('again'));
  });

  it('that cannot be reached fails at once, and is used again when it can', async () => {
    await using database = await open();
    await way.cut();
    await eventually(() => expect(count(database)).rejects.toMatchObject(upstream));
    await way.restore();
    await eventually(() => count(database));
  });

  it('that falls silent keeps nobody past their deadline, nor past the limit of a statement', async () => {
    await using database = await open();
    // As many as there are connections, so that all of them are lost.
    await Promise.all(Array.from({ length: 3 }, () => count(database)));
    const speak = await fallSilent();
    const enough = new Error('enough');
    const abort = new AbortController();
    const waiting = database.forTenant('a', (client) => client.query('select 1'), {
      readOnly: true,
      signal: abort.signal,
    });
    const outcome = expect(waiting).rejects.toBe(enough);
    abort.abort(enough);
    await outcome;
    const all = await Promise.allSettled(Array.from({ length: 5 }, () => count(database)));
    for (const one of all) expect(one).toMatchObject({ status: 'rejected', reason: { retryable: true } });
    await speak();
    await eventually(() => count(database), { timeoutMs: 30_000 });
  });

  it('that is silent can be closed', async () => {
    const database = await open();
    await count(database);
    const speak = await fallSilent();
    await database[Symbol.asyncDispose]();
    await speak();
  });

  it('that restarts in the middle of many calls fails some of them, and then none', async () => {
    await using database = await open();
    const calls = Promise.allSettled(Array.from({ length: 40 }, () => count(database)));
    await server.kill();
    await server.start();
    for (const call of await calls) {
      if (call.status === 'rejected') expect(call.reason).toMatchObject({ retryable: true });
    }
    await eventually(() => count(database));
    expect(
      (await Promise.allSettled(Array.from({ length: 40 }, () => count(database)))).map(
        ({ status }) => status,
      ),
    ).toEqual(Array.from({ length: 40 }, () => 'fulfilled'));
  });
});
