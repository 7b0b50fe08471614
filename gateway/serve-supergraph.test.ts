import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { composeServices } from '@theguild/federation-composition';
import { GraphQLError, parse } from 'graphql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ListenError } from '../platform/http/listen.ts';
import { createLogger } from '../platform/logger.ts';
import { serveSupergraph } from './serve-supergraph.ts';

const logger = createLogger('test', 'silent');
const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';
const parts = {
  products: `${link} type Query { product(id: ID!): Product bad: String } type Product @key(fields: "id") { id: ID! name: String! }`,
  reviews: `${link} type Query { me: String } type Product @key(fields: "id") { id: ID! stars: Int! }`,
};

/** Two subgraphs that know nothing of Tributary, and their supergraph in a file. */
async function startOthers() {
  const seen: IncomingHttpHeaders[] = [];
  const resolvers: Record<string, object> = {
    products: {
      Query: {
        product: (_: unknown, { id }: { id: string }) => ({ id, name: `Product ${id}` }),
        bad: () => {
          throw new GraphQLError('The product is sold out.', {
            extensions: { code: 'SOLD_OUT', stacktrace: ['secret'] },
          });
        },
      },
    },
    reviews: {
      Query: { me: (_: unknown, __: unknown, { authorization }: { authorization: string }) => authorization },
      Product: { stars: () => 5 },
    },
  };
  const services = [];
  for (const [name, sdl] of Object.entries(parts)) {
    const server = new ApolloServer<{ authorization: string }>({
      schema: buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers[name] as never }]),
      stopOnTerminationSignals: false,
    });
    const { url } = await startStandaloneServer(server, {
      listen: { port: 0, host: '127.0.0.1' },
      context: async ({ req }) => {
        seen.push(req.headers);
        return { authorization: req.headers.authorization ?? 'nobody' };
      },
    });
    onTestFinished(() => server.stop());
    services.push({ name, typeDefs: parse(sdl), url });
  }
  const composed = composeServices(services);
  if (!composed.supergraphSdl) throw new Error(JSON.stringify(composed.errors));
  const folder = await mkdtemp(join(tmpdir(), 'supergraph-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'supergraph.graphql');
  await writeFile(file, composed.supergraphSdl);
  return { file, sdl: composed.supergraphSdl, seen };
}

async function serve(supergraph: string) {
  const server = await serveSupergraph({ supergraph, port: 0, logger });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const ask = async (query: string) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer of-the-client' },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as Record<string, unknown>;
  };
  return { server, ask };
}

describe('serveSupergraph', () => {
  it('serves any supergraph from a file, and passes the client’s Authorization on', async () => {
    const { file, seen } = await startOthers();
    const { ask } = await serve(file);
    expect(await ask('{ product(id: "1") { name stars } me }')).toEqual({
      data: { product: { name: 'Product 1', stars: 5 }, me: 'Bearer of-the-client' },
    });
    expect(seen.length).toBeGreaterThanOrEqual(3);
    expect(seen.every((headers) => headers.authorization === 'Bearer of-the-client')).toBe(true);
    expect(seen.every((headers) => headers['tributary-identity'] === undefined)).toBe(true);
  });

  it('serves one from an address, and shows a subgraph’s own error without its stack', async () => {
    const { sdl } = await startOthers();
    const origin = createServer((_request, response) => response.end(sdl));
    await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      origin.closeAllConnections();
      origin.close();
    });
    const { ask } = await serve(`http://127.0.0.1:${(origin.address() as AddressInfo).port}/supergraph`);
    expect(await ask('{ bad }')).toEqual({
      data: { bad: null },
      errors: [
        {
          message: 'The product is sold out.',
          path: ['bad'],
          extensions: { code: 'SOLD_OUT', service: 'products' },
        },
      ],
    });
  });

  it('refuses what is no supergraph, a file that is not there, and a port in use', async () => {
    const { file } = await startOthers();
    const wrong = `${file}.sdl`;
    await writeFile(wrong, 'type Query { a: Int }');
    await expect(serve(wrong)).rejects.toThrow('is not a Federation 2 supergraph');
    await expect(serve('/nowhere/supergraph.graphql')).rejects.toThrow('cannot be read');
    const { server } = await serve(file);
    await expect(serveSupergraph({ supergraph: file, port: server.port, logger })).rejects.toThrow(
      ListenError,
    );
  });
});
