import { configDefaults, defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The tests that need real servers of the cluster: Milvus, PostgreSQL, Redis, an object store. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['**/*.cluster.test.ts'],
    exclude: [...configDefaults.exclude, 'dist/**', 'data/**'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
