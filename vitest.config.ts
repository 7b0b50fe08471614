import { createRequire } from 'node:module';
import { configDefaults, defineConfig } from 'vitest/config';
import { CountReporter } from './platform/testing/count-reporter.ts';

export default defineConfig({
  resolve: {
    // As Node resolves it: the bundler's choice would be a second copy beside the one that libraries use.
    alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
  },
  test: {
    include: ['**/*.test.ts'],
    // Tests on real servers of the cluster have a configuration of their own.
    exclude: [...configDefaults.exclude, 'dist/**', 'data/**', '**/*.cluster.test.ts'],
    globalSetup: ['platform/testing/global-setup.ts'],
    // Processes of their own: native parts do not share one well.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 30_000,
    reporters: ['default', new CountReporter()],
  },
});
