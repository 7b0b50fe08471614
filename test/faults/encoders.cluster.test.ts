import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCluster } from '../../deploy/cluster/start-cluster.ts';
import { temporaryDirectory } from '../../platform/testing/temporary-directory.ts';
import { runEncoders } from './encoders.ts';
import { killSettings } from './kills.ts';
import { makeSecondEncoder } from './second-encoder.ts';

it('migrates to another encoder and back while people search, write and a worker dies', {
  timeout: 300_000,
}, async () => {
  await using data = await temporaryDirectory();
  const second = await makeSecondEncoder(join(data.path, 'second-encoder'));
  await using cluster = await startCluster({
    dataDirectory: join(data.path, 'cluster'),
    port: 0,
    workers: 2,
    retrievals: 2,
    settings: { ...killSettings, ...second },
  });
  const figures = await runEncoders(cluster, { seed: 20_261_123, documents: 160, kills: 1, finish: false });
  expect(figures.faults).toEqual([]);
  expect(figures.failedSearches).toBe(0);
  expect(figures.migration.passagesEncoded).toBeGreaterThan(0);
  for (const count of Object.values(figures.searches)) expect(count).toBeGreaterThanOrEqual(20);
});
