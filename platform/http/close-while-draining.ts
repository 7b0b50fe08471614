import type { Server } from 'node:http';

/**
 * Has clients let go of their connections once the process was told to stop: each answer from then on ends its
 * connection, so that no request is under way on one when it is closed.
 */
export function closeWhileDraining(server: Server, draining: AbortSignal | undefined): void {
  if (draining === undefined) return;
  server.prependListener('request', (_request, response) => {
    if (draining.aborted) response.setHeader('connection', 'close');
  });
}
