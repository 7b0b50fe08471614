import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { DisposableStack } from '../disposable-stack.ts';
import { eventually } from '../testing/eventually.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { accepts } from './accepts.ts';
import { freePort } from './free-ports.ts';
import { installServers } from './install-servers.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { runServer } from './run-server.ts';

export interface SentinelServers extends AsyncDisposable {
  /** The address as `TRIBUTARY_REDIS_URL` takes it. */
  readonly url: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
}

/** Starts a master, a replica of it and three Sentinels that watch them, and waits until they know each other. */
export async function startRedisSentinelServer({
  password,
}: {
  readonly password: string;
}): Promise<SentinelServers> {
  const stack = new DisposableStack();
  const clients: Redis[] = [];
  try {
    const folder = stack.use(await temporaryDirectory());
    const login = ['--masterauth', password];
    const master = stack.use(
      await startRedisServer({ directory: join(folder.path, 'master'), password, arguments: login }),
    );
    const replica = stack.use(
      await startRedisServer({
        directory: join(folder.path, 'replica'),
        password,
        arguments: [...login, '--replicaof', '127.0.0.1', String(master.port)],
      }),
    );
    const { redis: program } = await installServers(['redis']);
    const ports: number[] = [];
    for (const name of ['one', 'two', 'three']) {
      const port = await freePort();
      const directory = join(folder.path, name);
      await mkdir(directory);
      const file = join(directory, 'sentinel.conf');
      await writeFile(
        file,
        [
          `port ${port}`,
          'bind 127.0.0.1',
          `dir ${directory}`,
          `sentinel monitor main 127.0.0.1 ${master.port} 2`,
          `sentinel auth-pass main ${password}`,
          'sentinel down-after-milliseconds main 1000',
          'sentinel failover-timeout main 5000',
          '',
        ].join('\n'),
      );
      stack.use(
        await runServer({
          name: 'redis-sentinel',
          command: program,
          arguments: [file, '--sentinel'],
          workingDirectory: directory,
          isReady: (signal) => accepts(port, signal),
        }),
      );
      ports.push(port);
    }
    for (const port of ports) {
      const client = new Redis(port);
      clients.push(client);
      await eventually(
        async () => {
          const info = String(await client.call('INFO', 'sentinel'));
          return info.includes('slaves=1,sentinels=3');
        },
        { timeoutMs: 30_000 },
      );
    }
    return {
      url: `redis+sentinel://:${password}@${ports.map((port) => `127.0.0.1:${port}`).join(',')}/main`,
      master,
      replica,
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  } finally {
    for (const client of clients) client.disconnect();
  }
}
