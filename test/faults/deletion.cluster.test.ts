import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCluster } from '../../deploy/cluster/start-cluster.ts';
import { temporaryDirectory } from '../../platform/testing/temporary-directory.ts';
import { runDeletion } from './deletion.ts';

it('forgets what was deleted, everywhere, and proves it', { timeout: 300_000 }, async () => {
  await using data = await temporaryDirectory();
  await using cluster = await startCluster({ dataDirectory: join(data.path, 'cluster'), port: 0 });
  const figures = await runDeletion(cluster, { seed: 20_261_123, documents: 200, watched: 10 });
  expect(figures.faults).toEqual([]);
  expect(figures.removed).toMatchObject({ vectors: 200, blobs: 200 });
  expect(figures.searches).toBeGreaterThan(0);
  expect(figures.failedSearches).toBe(0);
});
