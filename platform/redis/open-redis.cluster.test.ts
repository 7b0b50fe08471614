import { Redis } from 'ioredis';
import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DisposableStack } from '../disposable-stack.ts';
import type { Logger } from '../logger.ts';
import { freePort } from '../servers/free-ports.ts';
import { startRedisClusterServer } from '../servers/redis-cluster-server.ts';
import { startRedisSentinelServer } from '../servers/redis-sentinel-server.ts';
import { startRedisServer } from '../servers/redis-server.ts';
import { startToxiproxyServer } from '../servers/toxiproxy-server.ts';
import { eventually } from '../testing/eventually.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { openRedis } from './open-redis.ts';

async function setUp() {
  const stack = new DisposableStack();
  onTestFinished(() => stack[Symbol.asyncDispose]());
  const folder = stack.use(await temporaryDirectory());
  return { stack, directory: folder.path };
}

/** A logger and the messages that it was given, from `info` up. */
function recordingLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line).msg) });
  return { logger, lines };
}

describe('a connection to Redis', () => {
  it('logs in with a password, and says so where the password is wrong', async () => {
    const { stack, directory } = await setUp();
    const server = stack.use(await startRedisServer({ directory, password: 'p@ss:w/rd' }));
    const redis = stack.use(await openRedis({ url: `${server.url}/1`, logger: silentLogger }));
    expect(redis.degraded()).toBeNull();
    await redis.ping();
    await redis.client.set('key', 'value');
    const other = stack.use(await openRedis({ url: server.url, logger: silentLogger }));
    expect(await other.client.get('key')).toBeNull();
    expect(await redis.client.get('key')).toBe('value');
    const wrong = stack.use(
      await openRedis({
        url: server.url.replace('p%40ss', 'pass'),
        logger: silentLogger,
        startTimeoutMs: 100,
      }),
    );
    await eventually(() => wrong.degraded()?.includes('WRONGPASS'));
    await expect(wrong.ping()).rejects.toMatchObject({ code: 'UPSTREAM', service: 'redis' });
  });

  it('starts without Redis, says so once, fails at once, and is there when Redis is', async () => {
    const { stack, directory } = await setUp();
    const port = await freePort();
    const { logger, lines } = recordingLogger();
    const url = `redis://127.0.0.1:${port}`;
    const redis = stack.use(await openRedis({ url, logger, startTimeoutMs: 10 }));
    await eventually(() => redis.degraded()?.includes('ECONNREFUSED'));
    expect(redis.degraded()).toContain(`127.0.0.1:${port}`);
    await expect(redis.client.get('key')).rejects.toThrow();
    await expect(redis.ping()).rejects.toMatchObject({ code: 'UPSTREAM', service: 'redis' });
    const server = stack.use(await startRedisServer({ directory, port }));
    await eventually(() => redis.degraded() === null);
    await redis.ping();
    for (let round = 0; round < 2; round++) {
      await server.kill();
      await eventually(() => redis.degraded() !== null);
      await server.start();
      await eventually(() => redis.degraded() === null);
      await redis.ping();
    }
    const outage = ['Redis cannot be reached; going on without it', 'Redis can be reached again'];
    expect(lines).toEqual([...outage, ...outage, ...outage]);
  });

  it('gives a command up that is not answered, and the connection with it', async () => {
    const { stack, directory } = await setUp();
    const server = stack.use(await startRedisServer({ directory }));
    const toxiproxy = stack.use(await startToxiproxyServer());
    const proxy = await toxiproxy.proxy('redis', server.port);
    const url = `redis://127.0.0.1:${proxy.port}`;
    const redis = stack.use(await openRedis({ url, logger: silentLogger, commandTimeoutMs: 100 }));
    await redis.client.set('key', 'value');
    // Nothing comes back any more, and nobody closes the connection.
    const mend = await proxy.poison({ type: 'timeout', stream: 'downstream', attributes: { timeout: 0 } });
    await expect(redis.client.get('key')).rejects.toThrow('Command timed out');
    await eventually(() => redis.degraded() !== null);
    await mend();
    await eventually(async () => (await redis.client.get('key')) === 'value');
    expect(redis.degraded()).toBeNull();
  });

  it('closes all of its connections, also while Redis is away', async () => {
    const { stack, directory } = await setUp();
    const server = stack.use(await startRedisServer({ directory }));
    const redis = await openRedis({ url: server.url, logger: silentLogger });
    const blocked = redis
      .dedicate('test')
      .blpop('list', 0)
      .then(
        () => 'an entry',
        () => 'broken off',
      );
    const subscriber = redis.dedicateSubscriber('test');
    const watcher = stack.use(await openRedis({ url: server.url, logger: silentLogger }));
    const clients = async () =>
      String(await watcher.client.client('LIST'))
        .trim()
        .split('\n').length;
    await eventually(async () => (await clients()) === 4);
    await redis[Symbol.asyncDispose]();
    expect(['an entry', 'broken off']).toContain(await blocked);
    expect(subscriber.status).toBe('end');
    await eventually(async () => (await clients()) === 1);
    await server.kill();
    const away = await openRedis({ url: server.url, logger: silentLogger, startTimeoutMs: 1 });
    await away[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  it('follows the master that the Sentinels name', async () => {
    const { stack } = await setUp();
    const sentinels = stack.use(await startRedisSentinelServer({ password: 'secret' }));
    const redis = stack.use(await openRedis({ url: sentinels.url, logger: silentLogger }));
    await redis.client.set('key', 'before');
    await eventually(async () => (await redis.client.wait(1, 500)) === 1);
    await sentinels.master.kill();
    await eventually(() => redis.client.set('key', 'after').then(() => true), { timeoutMs: 60_000 });
    const replica = new Redis(sentinels.replica.url);
    stack.defer(() => replica.disconnect());
    expect(await replica.get('key')).toBe('after');
    expect(redis.degraded()).toBeNull();
  });

  it('finds the node of every key of a Cluster, also after one has failed', async () => {
    const { stack } = await setUp();
    const cluster = stack.use(await startRedisClusterServer({ withReplica: true }));
    const redis = stack.use(await openRedis({ url: cluster.url, logger: silentLogger }));
    expect(redis.degraded()).toBeNull();
    const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`);
    for (const key of keys) await redis.client.set(key, key);
    expect(await Promise.all(keys.map((key) => redis.client.get(key)))).toEqual(keys);
    await cluster.nodes[0]?.kill();
    await eventually(
      async () => {
        for (const key of keys) await redis.client.set(key, `${key} again`);
        return true;
      },
      { timeoutMs: 60_000 },
    );
    expect(redis.degraded()).toBeNull();
  });

  it('refuses an address that cannot be read', async () => {
    await expect(openRedis({ url: 'redis+sentinel://one', logger: silentLogger })).rejects.toThrow(
      'it lacks the name of the master',
    );
  });
});
