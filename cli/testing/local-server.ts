import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, graphql } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { collect } from '../../platform/testing/collect.ts';

/** A server that speaks the public contract, its answers given by a test. */
export interface LocalServer extends AsyncDisposable {
  readonly url: string;
  /** The headers of each HTTP request, and the parameters of each WebSocket, in order. */
  readonly callers: Readonly<Record<string, unknown>>[];
  /** What was sent by PUT. */
  readonly uploads: Buffer[];
  /** Breaks every WebSocket off, as a network does. */
  dropConnections(): void;
}

const Body = z.object({
  query: z.string(),
  operationName: z.string(),
  variables: z.record(z.string(), z.unknown()),
});

/** Serves the public schema with the given root fields (functions of their arguments) on a fresh port. */
export async function serveLocally(rootValue: Readonly<Record<string, object>>): Promise<LocalServer> {
  const schema = buildSchema(await readFile(new URL('../../schema/public.graphql', import.meta.url), 'utf8'));
  const callers: Record<string, unknown>[] = [];
  const uploads: Buffer[] = [];
  const server = createServer(async (request, response) => {
    callers.push({ ...request.headers });
    const bytes = Buffer.concat(await collect<Buffer>(request));
    if (request.method === 'PUT') {
      uploads.push(bytes);
      response.writeHead(204).end();
      return;
    }
    const { query, operationName, variables } = Body.parse(JSON.parse(bytes.toString()));
    const result = await graphql({
      schema,
      source: query,
      operationName,
      variableValues: variables,
      rootValue,
    });
    response.setHeader('content-type', 'application/graphql-response+json');
    response.end(JSON.stringify(result));
  });
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  const serving = useServer(
    {
      schema,
      roots: { subscription: { ...rootValue } },
      onConnect: ({ connectionParams }) => void callers.push({ ...connectionParams }),
    },
    sockets,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    callers,
    uploads,
    dropConnections: () => {
      for (const socket of sockets.clients) socket.terminate();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      await serving.dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
