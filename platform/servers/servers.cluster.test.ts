import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { startMilvusLiteServer } from './milvus-lite-server.ts';
import { startMilvusServer } from './milvus-server.ts';
import { startPostgresServer } from './postgres-server.ts';
import { startRedisServer } from './redis-server.ts';
import { startS3Server } from './s3-server.ts';
import { startToxiproxyServer } from './toxiproxy-server.ts';

const reach = (url: string) =>
  fetch(url).then(
    ({ status }) => status,
    () => null,
  );

describe('the real servers, as processes', { timeout: 300_000 }, () => {
  it.each([
    ['Milvus 2.3.5', startMilvusServer],
    ['milvus-lite', startMilvusLiteServer],
    ['Redis', startRedisServer],
    ['PostgreSQL', startPostgresServer],
    ['the object store', startS3Server],
  ] as const)('starts %s, kills it, and starts it again on the same folder and port', async (_, start) => {
    await using folder = await temporaryDirectory();
    await using server = await start({ directory: join(folder.path, 'server') });
    const { pid } = server;
    expect(pid).toBeGreaterThan(0);
    await server.kill();
    expect(server.pid).toBeNull();
    await server.start();
    expect(server.pid).not.toBe(pid);
  });

  it('puts a proxy before a server, that can be cut and restored', async () => {
    await using folder = await temporaryDirectory();
    await using postgres = await startPostgresServer({ directory: folder.path });
    await using toxiproxy = await startToxiproxyServer();
    const proxy = await toxiproxy.proxy('postgres', postgres.port);
    const url = new URL(postgres.url);
    url.port = String(proxy.port);
    const ask = async () => {
      const client = new pg.Client({ connectionString: url.href });
      client.on('error', () => undefined);
      try {
        await client.connect();
        return (await client.query<{ one: number }>('select 1 as one')).rows[0]?.one;
      } finally {
        await client.end().catch(() => undefined);
      }
    };
    expect(await ask()).toBe(1);
    await proxy.cut();
    await expect(ask()).rejects.toThrow();
    await proxy.restore();
    expect(await ask()).toBe(1);
  });

  it('says nothing at a port where nothing runs', async () => {
    await using folder = await temporaryDirectory();
    let url: string;
    {
      await using server = await startS3Server({ directory: folder.path });
      ({ url } = server);
      expect(await reach(url)).not.toBeNull();
    }
    expect(await reach(url)).toBeNull();
  });
});
