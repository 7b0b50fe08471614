import { DisposableStack } from '../../platform/disposable-stack.ts';
import { renderReport } from './render.ts';
import type { Report } from './report.ts';

/** What a benchmark gives back; name and times are added to it. */
export type Findings = Omit<Report, 'name' | 'seconds' | 'finishedAt'>;

/**
 * Runs one benchmark as the whole of a process: what it opens is owned by `stack`, its report is printed and,
 * where `npm run bench` has started it, sent there.
 */
export async function benchmark(
  name: string,
  run: (stack: DisposableStack) => Promise<Findings>,
): Promise<void> {
  const startedMs = performance.now();
  const stack = new DisposableStack();
  process.once('disconnect', () => process.exit(1));
  let report: Report;
  try {
    const findings = await run(stack);
    report = {
      name,
      ...findings,
      seconds: Math.round(performance.now() - startedMs) / 1000,
      finishedAt: new Date().toISOString(),
    };
  } finally {
    await stack[Symbol.asyncDispose]();
  }
  console.log(renderReport(report));
  if (process.send) {
    process.send(report, () => process.exit(0));
  } else {
    process.exit(0);
  }
}
