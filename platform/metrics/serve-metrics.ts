import { createServer } from 'node:http';
import { closeServer, type ListeningAddress, listen } from '../http/listen.ts';
import type { PrometheusMetrics } from './prometheus-metrics.ts';

/**
 * Serves metrics at `/metrics`, on a port of their own: whoever may use the service need not see them.
 *
 * @throws ListenError when the port is in use.
 */
export async function serveMetrics(
  metrics: PrometheusMetrics,
  address: { readonly host: string; readonly port: number },
): Promise<ListeningAddress & AsyncDisposable> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method !== 'GET' || pathname !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Metrics are at /metrics.\n');
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  const listening = await listen(server, address);
  return { ...listening, [Symbol.asyncDispose]: () => closeServer(server, 1000) };
}
