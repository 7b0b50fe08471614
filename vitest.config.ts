import { configDefaults, defineConfig } from 'vitest/config';
import { CountReporter } from './platform/testing/count-reporter.ts';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'dist/**', 'data/**'],
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
