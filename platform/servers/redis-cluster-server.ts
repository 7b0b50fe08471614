import { join } from 'node:path';
import { Redis } from 'ioredis';
import { DisposableStack } from '../disposable-stack.ts';
import { eventually } from '../testing/eventually.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { freePort } from './free-ports.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';

export interface RedisClusterServer extends AsyncDisposable {
  /** The address as `TRIBUTARY_REDIS_URL` takes it. */
  readonly url: string;
  /** Its masters; `replica`, where there is one, stands in for the first. */
  readonly nodes: readonly RedisServer[];
  readonly replica: RedisServer | null;
}

const slots = 16_384;

/** Starts a Redis Cluster of three masters, and waits until it answers. */
export async function startRedisClusterServer(
  options: { readonly withReplica?: boolean } = {},
): Promise<RedisClusterServer> {
  const stack = new DisposableStack();
  const folder = stack.use(await temporaryDirectory());
  const clients: Redis[] = [];
  const start = async (index: number) => {
    // The port by which nodes talk to each other is to be free, too.
    const [port, busPort] = [await freePort(), await freePort()];
    const server = await startRedisServer({
      directory: join(folder.path, String(index)),
      port,
      arguments: [
        ...['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'],
        ...['--cluster-port', String(busPort), '--cluster-require-full-coverage', 'no'],
      ],
    });
    const client = new Redis(server.url);
    clients.push(client);
    stack.use(server);
    return { server, client, busPort };
  };
  try {
    const count = options.withReplica === true ? 4 : 3;
    const nodes = await Promise.all(Array.from({ length: count }, (_, index) => start(index)));
    const masters = nodes.slice(0, 3);
    for (const [index, { client }] of masters.entries()) {
      const share = Math.ceil(slots / 3);
      const last = Math.min(slots, share * (index + 1)) - 1;
      await client.call('CLUSTER', 'ADDSLOTSRANGE', share * index, last);
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    }
    const first = nodes[0];
    for (const { server, busPort } of nodes.slice(1)) {
      await first?.client.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort);
    }
    const isWhole = async ({ client }: { readonly client: Redis }) => {
      const info = String(await client.cluster('INFO'));
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${count}`);
    };
    await eventually(async () => (await Promise.all(nodes.map(isWhole))).every(Boolean), {
      timeoutMs: 30_000,
    });
    const replica = nodes[3];
    if (replica && first) {
      await replica.client.call('CLUSTER', 'REPLICATE', String(await first.client.call('CLUSTER', 'MYID')));
      await eventually(async () => (await replica.client.info('replication')).includes('link_status:up'), {
        timeoutMs: 30_000,
      });
    }
    return {
      url: `redis+cluster://${masters.map(({ server }) => `127.0.0.1:${server.port}`).join(',')}`,
      nodes: masters.map(({ server }) => server),
      replica: replica?.server ?? null,
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  } finally {
    for (const client of clients) client.disconnect();
  }
}
