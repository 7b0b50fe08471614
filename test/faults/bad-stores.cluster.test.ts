import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCluster } from '../../deploy/cluster/start-cluster.ts';
import { DisposableStack } from '../../platform/disposable-stack.ts';
import { temporaryDirectory } from '../../platform/testing/temporary-directory.ts';
import { type Proxies, portsOf, runBadStores, startProxies } from './bad-stores.ts';

const seed = 20_261_123;

it('serves what it can while a store is slow, silent, garbled or cut, says so, and recovers', {
  timeout: 300_000,
}, async () => {
  await using stack = new DisposableStack();
  const data = stack.use(await temporaryDirectory());
  let proxies: Proxies | undefined;
  const cluster = stack.use(
    await startCluster({
      dataDirectory: join(data.path, 'cluster'),
      port: 0,
      between: async (ports) => {
        proxies = stack.use(await startProxies(ports, seed));
        return portsOf(proxies);
      },
    }),
  );
  if (proxies === undefined) throw new Error('there are no proxies');
  const figures = await runBadStores(cluster, proxies, {
    ...{ seed, documents: 30, badMs: 1500 },
    // How late a call may be is measured on a machine of its own: here others are at work beside it.
    allowanceMs: 2000,
    only: {
      milvus: ['garbage from-store', 'garbage to-store', 'silent from-store', 'cut'],
      postgres: ['garbage from-store', 'cut'],
      redis: ['silent to-store', 'garbage from-store'],
      s3: ['cut'],
    },
  });
  expect(figures.faults).toEqual([]);
  expect(figures.rounds).toHaveLength(9);
});
