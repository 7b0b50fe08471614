import type { Metrics } from '../ports/metrics.ts';
import type { HealthCheck } from '../subgraph.ts';

/** Says with every look at the metrics what of that which a service needs can be reached. */
export const watchDependencies = (
  metrics: Metrics,
  check: (signal: AbortSignal) => Promise<readonly HealthCheck[]>,
): Disposable =>
  metrics.watch('tributary_dependency_up', async (signal) => {
    // Several parts of a process may need the same.
    const healthy = new Map<string, boolean>();
    for (const found of await check(signal)) {
      healthy.set(found.name, found.healthy && healthy.get(found.name) !== false);
    }
    return [...healthy].map(([dependency, up]) => ({ labels: { dependency }, value: up ? 1 : 0 }));
  });
