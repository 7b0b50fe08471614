import { createServer } from 'node:http';
import { isReady } from '../health.ts';
import type { HealthCheck } from '../subgraph.ts';
import { closeServer, type ListeningAddress, listen } from './listen.ts';
import { sendResponse } from './node-adapter.ts';

/** What a service says of itself to those who watch over it. */
export interface Probes {
  /** The service's name. */
  readonly service: string;
  /** What it needs, and whether that can be reached. */
  readonly check: (signal: AbortSignal) => Promise<readonly HealthCheck[]>;
  /** Aborted when the process was told to stop: it is not ready from then on. */
  readonly draining?: AbortSignal | undefined;
}

const checkTimeoutMs = 5000;

/** `/health`: the process lives. */
export const healthResponse = (service: string): Response => Response.json({ service, status: 'ok' });

/** `/ready`: all that it cannot work without can be reached, and it was not told to stop. */
export async function readyResponse({ service, check, draining }: Probes): Promise<Response> {
  if (draining?.aborted === true) {
    const checks = [{ name: service, healthy: false, detail: 'The process was told to stop.' }];
    return Response.json({ service, ready: false, draining: true, checks }, { status: 503 });
  }
  const checks = await check(AbortSignal.timeout(checkTimeoutMs));
  const ready = isReady(checks);
  return Response.json({ service, ready, checks }, { status: ready ? 200 : 503 });
}

/**
 * Serves `/health` and `/ready` alone, for a process that has no other business on the network.
 *
 * @throws ListenError when the port is in use.
 */
export async function serveProbes(
  probes: Probes & { readonly host: string; readonly port: number },
): Promise<ListeningAddress & AsyncDisposable> {
  const answer = async (path: string): Promise<Response> => {
    if (path === '/health') return healthResponse(probes.service);
    if (path === '/ready') return readyResponse(probes);
    return Response.json(
      { error: { message: `There is nothing at ${path}.`, code: 'NOT_FOUND' } },
      { status: 404 },
    );
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    answer(pathname)
      .then((answered) => sendResponse(answered, response))
      .catch(() => response.destroy());
  });
  const address = await listen(server, probes);
  return { ...address, [Symbol.asyncDispose]: () => closeServer(server, 1000) };
}
