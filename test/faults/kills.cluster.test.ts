import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCluster } from '../../deploy/cluster/start-cluster.ts';
import { temporaryDirectory } from '../../platform/testing/temporary-directory.ts';
import { killSettings, runKills } from './kills.ts';

it('keeps what it acknowledged when processes are killed, and nothing else', {
  timeout: 300_000,
}, async () => {
  await using data = await temporaryDirectory();
  await using cluster = await startCluster({
    dataDirectory: join(data.path, 'cluster'),
    port: 0,
    workers: 2,
    settings: killSettings,
  });
  const figures = await runKills(cluster, { seed: 20_261_123, rounds: 8, documents: 80 });
  expect(figures.faults).toEqual([]);
  expect(Object.values(figures.kills).reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(8);
});
