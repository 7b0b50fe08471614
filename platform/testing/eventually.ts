import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for something to become true: repeats `check` until it neither throws nor returns false, null or
 * undefined, and returns what it returned. The only way of waiting that tests have.
 *
 * @throws what `check` threw last, or an error that says that it never held, after `timeoutMs` (10 s).
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: { readonly timeoutMs?: number } = {},
): Promise<Exclude<T, false | null | undefined>> {
  const { timeoutMs = 10_000 } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let problem: unknown;
    try {
      const value = await check();
      if (value !== false && value !== null && value !== undefined) {
        return value as Exclude<T, false | null | undefined>;
      }
      problem = new Error(`after ${timeoutMs} ms the condition still does not hold: ${check}`);
    } catch (error) {
      problem = error;
    }
    if (Date.now() >= deadline) throw problem;
    await delay(10);
  }
}
