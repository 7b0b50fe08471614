import { readConfig } from '../../platform/config/config.ts';
import { DisposableStack } from '../../platform/disposable-stack.ts';
import { openEncoder, openNextEncoder } from '../../platform/open-adapters.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import { noMetrics } from '../../platform/ports/metrics.ts';
import { silentLogger } from '../../platform/testing/silent-logger.ts';

/** Opens both encoders of a cluster beside its services, by its settings: the usual one first. */
export async function openEncoders(
  settings: Readonly<Record<string, string>>,
): Promise<{ readonly encoders: readonly Encoder[] } & AsyncDisposable> {
  const stack = new DisposableStack();
  const context = {
    config: readConfig({ ...process.env, ...settings }),
    logger: silentLogger,
    stack,
    draining: new AbortController().signal,
    metrics: noMetrics,
  };
  const next = await openNextEncoder(context);
  const encoders = [await openEncoder(context), ...(next === null ? [] : [next])];
  return { encoders, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
}
