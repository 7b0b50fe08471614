import { writeFileSync, writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Ends the output with one line, alone: `N passed, N failed`, and `, N skipped` when there are any. A file
 * that could not be loaded and an error outside of any test count as failures too. Where `npm test` runs the
 * tests, and has counts of its own to add, the numbers go into the file that it names instead.
 */
export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = countTests(modules, unhandledErrors.length);
    const file = process.env.TEST_COUNTS_FILE;
    if (file !== undefined) {
      writeFileSync(file, JSON.stringify(counts));
      return;
    }
    const { passed, failed, skipped } = counts;
    process.once('exit', () => {
      writeSync(1, `\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
    });
  }
}

function countTests(modules: readonly TestModule[], unhandledErrors: number) {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    counts.failed += module.errors().length;
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === 'pending' ? 'skipped' : state]++;
    }
  }
  return counts;
}
