import { configDefaults, defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The tests that need real servers of the cluster: Milvus, PostgreSQL, Redis, an object store. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: [
      '**/*.cluster.test.ts',
      // Of the ordinary tests those that rest on the database: here they run on the installed PostgreSQL.
      'platform/postgres/{migrate,pg-database,service-user,tenant-isolation,rolling-upgrade}.test.ts',
      'subgraphs/ingest/{ingest,jobs/jobs,documents/*,reconcile/*,backup/*}.test.ts',
      'subgraphs/generation/{control,generated-answer,resume}.test.ts',
    ],
    globalSetup: ['platform/servers/share-postgres.ts'],
    exclude: [...configDefaults.exclude, 'dist/**', 'data/**'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
