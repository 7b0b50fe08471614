import type { Cluster } from '../../deploy/cluster/start-cluster.ts';
import { storeAddresses, storeSettings } from '../../deploy/cluster/start-stores.ts';
import { readConfig } from '../../platform/config/config.ts';
import { DisposableStack } from '../../platform/disposable-stack.ts';
import { openBlobs, openVectors } from '../../platform/open-adapters.ts';
import type { BlobStore } from '../../platform/ports/blob-store.ts';
import { noMetrics } from '../../platform/ports/metrics.ts';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { openDatabase } from '../../platform/postgres/pg-database.ts';
import { silentLogger } from '../../platform/testing/silent-logger.ts';

/** The stores of a cluster, opened beside its services, to look at what is really there. */
export interface OpenedStores extends AsyncDisposable {
  readonly database: Database;
  readonly vectors: VectorStore;
  readonly blobs: BlobStore;
}

/** Opens the stores of a cluster, past every proxy. */
export async function openStores(cluster: Cluster): Promise<OpenedStores> {
  const stack = new DisposableStack();
  const direct = storeSettings(
    cluster.stores,
    cluster.settings.TRIBUTARY_DATABASE_URL ?? '',
    storeAddresses(cluster.stores),
  );
  const config = readConfig({ ...cluster.settings, ...direct });
  const context = {
    config,
    logger: silentLogger,
    stack,
    draining: new AbortController().signal,
    metrics: noMetrics,
  };
  const database = stack.use(
    await openDatabase({
      connection: { connectionString: direct.TRIBUTARY_DATABASE_URL ?? '' },
      logger: silentLogger,
      poolSize: 2,
    }),
  );
  return {
    database,
    vectors: await openVectors(context),
    blobs: await openBlobs(context),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}
