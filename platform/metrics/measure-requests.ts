import type { Server } from 'node:http';
import type { Metrics } from '../ports/metrics.ts';
import type { HttpRoute } from '../subgraph.ts';

/**
 * Measures every request of a server. Its route is the pattern and never the path, which may hold ids.
 *
 * @param routes the patterns of paths beside `/graphql`, `/health` and `/ready`.
 */
export function measureRequests(
  server: Server,
  metrics: Metrics,
  service: string,
  routes: readonly Pick<HttpRoute, 'path'>[] = [],
): void {
  const patterns = [...new Set(['/graphql', '/health', '/ready', ...routes.map(({ path }) => path)])].map(
    (pattern) => ({ pattern, matches: new RegExp(`^${pattern.replace(/:\w+/g, '[^/]+')}$`) }),
  );
  server.prependListener('request', (request, response) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
      const route = patterns.find(({ matches }) => matches.test(path))?.pattern ?? 'other';
      // A client that went before the response was whole, as others log it.
      const status = response.writableFinished ? String(response.statusCode) : '499';
      metrics.observe(
        'tributary_http_request_duration_seconds',
        { service, route, status },
        (performance.now() - startedAt) / 1000,
      );
    });
  });
}
