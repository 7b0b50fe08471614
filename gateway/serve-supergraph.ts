import { readFile } from 'node:fs/promises';
import { notFound, rejected } from '../platform/errors.ts';
import { errorResponse } from '../platform/http/error-response.ts';
import { closeServer, type ListeningAddress, listen } from '../platform/http/listen.ts';
import type { Logger } from '../platform/logger.ts';
import { createRuntime } from './create-runtime.ts';
import { corsHeaders } from './guard-origin.ts';
import { remoteTransport } from './remote-transport.ts';
import { createClientServer } from './serve-clients.ts';
import { serveWebsocketClients } from './serve-clients-websocket.ts';

export interface ServeSupergraphOptions {
  /** A Federation 2 supergraph: the path of a file, or an http or https address. */
  readonly supergraph: string;
  /** The address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** The port; 0 picks a free one. */
  readonly port: number;
  readonly logger: Logger;
  /** A subgraph that takes longer is given up, in milliseconds; 70,000 by default. */
  readonly upstreamTimeoutMs?: number;
}

const fetchTimeoutMs = 30_000;

async function read(supergraph: string): Promise<string> {
  if (!/^https?:\/\//i.test(supergraph)) {
    return readFile(supergraph, 'utf8').catch((error: unknown) => {
      throw rejected(
        'SUPERGRAPH_UNREADABLE',
        `The supergraph ${supergraph} cannot be read: ${(error as Error).message}`,
      );
    });
  }
  const response = await fetch(supergraph, { signal: AbortSignal.timeout(fetchTimeoutMs) }).catch(
    (error: unknown) => {
      throw rejected('SUPERGRAPH_UNREADABLE', `The supergraph ${supergraph} cannot be fetched.`, {
        cause: error,
      });
    },
  );
  if (!response.ok) {
    throw rejected(
      'SUPERGRAPH_UNREADABLE',
      `The supergraph ${supergraph} cannot be fetched: HTTP ${response.status}.`,
    );
  }
  return response.text();
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/**
 * Serves any Federation 2 supergraph by itself, over HTTP, WebSocket and server-sent events: subgraphs are where the
 * supergraph says, the client's `Authorization` is passed on to them, and nothing of Tributary's own is asked for.
 *
 * @throws TributaryError `REJECTED_INPUT` when the supergraph cannot be read, or is not one.
 * @throws ListenError when the port is in use.
 */
export async function serveSupergraph(
  options: ServeSupergraphOptions,
): Promise<ListeningAddress & AsyncDisposable> {
  const { logger } = options;
  const supergraph = await read(options.supergraph);
  const timeoutMs = options.upstreamTimeoutMs ?? 70_000;
  if (!supergraph.includes('join__Graph')) {
    throw rejected(
      'NOT_A_SUPERGRAPH',
      `${options.supergraph} is not a Federation 2 supergraph: it names no subgraphs (\`join__Graph\`).`,
    );
  }
  const runtime = await createRuntime({
    supergraph,
    logger,
    title: 'Supergraph',
    limits: { maxDepth: 50, maxAliases: 500, maxTokens: 20_000, maxCost: 10_000_000 },
    connect: (service, location) =>
      remoteTransport({
        service,
        endpoint: location,
        timeoutMs,
        logger,
        credentials: async ({ authorization }): Promise<Record<string, string>> =>
          authorization === null ? {} : { authorization },
      }),
  }).catch((error: unknown) => {
    throw rejected(
      'NOT_A_SUPERGRAPH',
      `${options.supergraph} is not a Federation 2 supergraph: ${(error as Error).message}`,
    );
  });
  const maxBodyBytes = 10 * 1024 * 1024;
  const { server, dropStreams } = createClientServer({
    runtime,
    logger,
    maxBodyBytes,
    guard: () => {},
    cors: (headers) => corsHeaders(false, headers),
    identify: async (headers) => ({ identity: null, authorization: text(headers.authorization) }),
    handleOther: async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/health' || pathname === '/ready') return Response.json({ status: 'ok' });
      return errorResponse(notFound(`There is nothing at ${pathname}.`), logger);
    },
  });
  const websocket = serveWebsocketClients({
    server,
    runtime,
    logger,
    identify: async (parameters) => ({
      identity: null,
      authorization: text(parameters.authorization) ?? text(parameters.Authorization),
    }),
    mayOpen: () => true,
    maxSubscriptionsPerSocket: 1000,
    maxPayloadBytes: maxBodyBytes,
    connectionInitTimeoutMs: 3000,
    maxBufferedBytes: 1024 * 1024,
  });
  const close = async () => {
    const closed = closeServer(server, 10_000);
    dropStreams();
    await websocket[Symbol.asyncDispose]();
    await closed;
    await runtime.dispose();
  };
  try {
    const address = await listen(server, { host: options.host ?? '127.0.0.1', port: options.port });
    return { ...address, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
