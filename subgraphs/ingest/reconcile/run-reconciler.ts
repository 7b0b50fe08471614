import { setTimeout as delay } from 'node:timers/promises';
import { asTributaryError } from '../../../platform/errors.ts';
import { type ReconcileDependencies, reconcile } from './reconcile.ts';

/** Compares the stores with the database at once, and again and again, until it is disposed of. */
export function startReconciler(dependencies: ReconcileDependencies, everyMs: number): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  async function loop(): Promise<void> {
    while (!signal.aborted) {
      try {
        await reconcile(dependencies, signal);
      } catch (error) {
        if (signal.aborted) return;
        dependencies.logger.warn({ err: asTributaryError(error) }, 'the stores could not be reconciled');
      }
      await delay(everyMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }
  const running = loop();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort(new DOMException('The reconciler stops.', 'AbortError'));
      await running;
    },
  };
}
