import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { DisposableStack } from '../disposable-stack.ts';
import { openRedis } from '../redis/open-redis.ts';
import { startRedisClusterServer } from '../servers/redis-cluster-server.ts';
import { startRedisServer } from '../servers/redis-server.ts';
import { eventually } from '../testing/eventually.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { describeMessageBus, type Meeting } from './message-bus.contract.ts';
import { createRedisMessageBus } from './redis-message-bus.ts';

function meetingAt(stack: DisposableStack, url: string, servers: readonly string[]): Meeting {
  return {
    async join() {
      const redis = stack.use(await openRedis({ url, logger: silentLogger }));
      return stack.use(createRedisMessageBus(redis, silentLogger));
    },
    async breakConnections() {
      for (const server of servers) {
        const client = new Redis(server);
        for (const type of ['normal', 'pubsub']) {
          await client.client('KILL', 'TYPE', type as 'normal', 'SKIPME', 'YES');
        }
        client.disconnect();
      }
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

describeMessageBus('Redis', async () => {
  const stack = new DisposableStack();
  const folder = stack.use(await temporaryDirectory());
  const server = stack.use(await startRedisServer({ directory: folder.path, password: 's e/cret' }));
  return meetingAt(stack, server.url, [server.url]);
});

describeMessageBus('Redis Cluster', async () => {
  const stack = new DisposableStack();
  const cluster = stack.use(await startRedisClusterServer());
  return meetingAt(
    stack,
    cluster.url,
    cluster.nodes.map((node) => node.url),
  );
});

it('listens while Redis is away, and hears when it is there', async () => {
  const stack = new DisposableStack();
  onTestFinished(() => stack[Symbol.asyncDispose]());
  const folder = stack.use(await temporaryDirectory());
  const server = stack.use(await startRedisServer({ directory: folder.path }));
  await server.kill();
  const redis = stack.use(await openRedis({ url: server.url, logger: silentLogger, startTimeoutMs: 1 }));
  const bus = stack.use(createRedisMessageBus(redis, silentLogger));
  const heard: (string | null)[] = [];
  await bus.listen('news', (message) => heard.push(message));
  await expect(bus.publish('news', 'lost')).rejects.toThrow();
  await server.start();
  await eventually(() => heard.includes(null));
  await eventually(() => bus.publish('news', 'there').then(() => true));
  await eventually(() => heard.includes('there'));
  expect(heard).not.toContain('lost');
});
