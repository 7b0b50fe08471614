// `npm test`: gets what the tests need, then runs every check and all tests. More arguments go to vitest:
// `npm test -- gateway`. With `--tests-only` no check is run, such as to try the tests on another Node. With
// `--cluster` the tests that are run are those on real servers, which are installed where they are missing.
// Ends with one line, `N passed, N failed`; a check that fails is one failed.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureDependencies, execute, npm, root } from './dependencies.mjs';

const testsOnly = process.argv.includes('--tests-only');
const onCluster = process.argv.includes('--cluster');
const forVitest = process.argv
  .slice(2)
  .filter((argument) => argument !== '--tests-only' && argument !== '--cluster')
  .concat(onCluster ? ['--config', 'vitest.cluster.config.ts'] : []);
const counts = { passed: 0, failed: 0, skipped: 0 };

/** Runs one step before the tests; a failure is counted, and the next step runs all the same. */
async function step(title, action) {
  console.log(`\n▸ ${title}`);
  const ok = await action();
  if (!ok) {
    counts.failed++;
    console.error(`✗ failed: ${title}`);
  }
  return ok;
}

const script = (name) => async () => (await npm(['run', '--silent', name])) === 0;

async function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-test-'));
  const file = join(folder, 'counts.json');
  try {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const env = { ...process.env, TEST_COUNTS_FILE: file };
    const status = await execute(process.execPath, [vitest, 'run', ...forVitest], env);
    const tests = existsSync(file)
      ? JSON.parse(readFileSync(file, 'utf8'))
      : { passed: 0, failed: 0, skipped: 0 };
    // Vitest failed and no test did: it could not start, or found none.
    if (status !== 0 && tests.failed === 0) tests.failed = 1;
    for (const kind of Object.keys(counts)) counts[kind] += tests[kind];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (await step('dependencies', () => ensureDependencies({ dev: true }))) {
  await step('models', script('models:test'));
  if (onCluster) await step('servers', script('servers'));
  if (!testsOnly) {
    await step('lint, format, types, architecture', script('check'));
    await step('the checked-in schema', script('schema:check'));
    await step('the table of settings', script('settings:check'));
  }
  await step('the program, built', ensureBuilt);
  console.log('\n▸ tests');
  await runTests();
}

const { passed, failed, skipped } = counts;
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
