import type { Cache } from '../ports/cache.ts';
import type { HealthCheck } from '../subgraph.ts';

/** Whether the cache works. A service is ready without it: everything is worked out then. */
export function checkCache(cache: Cache): HealthCheck {
  const problem = cache.degraded();
  return { name: 'cache', healthy: problem === null, detail: problem ?? 'It remembers.', optional: true };
}
