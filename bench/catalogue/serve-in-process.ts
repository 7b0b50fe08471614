import { z } from 'zod';
import { createGateway } from '../../gateway/create-gateway.ts';
import { createLogger } from '../../platform/logger.ts';
import type { Subgraph } from '../../platform/subgraph.ts';
import { serveChild } from '../harness/child.ts';
import { buildCatalogue } from './build-catalogue.ts';
import { composeCatalogue } from './compose-catalogue.ts';

const subgraph = (part: 'products' | 'reviews'): Subgraph => ({
  name: 'ingest',
  schema: buildCatalogue(part),
  routes: [],
  createContext: (operation) => operation,
  check: async () => [],
  async [Symbol.asyncDispose]() {},
});

/**
 * Serves the catalogue by the whole gateway with the subgraphs in its own process, as `npm start` does: callers
 * are known by one of the API keys given, and every limit is in force.
 */
serveChild(async (input) => {
  const keys = z.array(z.string().min(16)).parse(input);
  const subgraphs = { products: subgraph('products'), reviews: subgraph('reviews') };
  const gateway = await createGateway({
    supergraph: composeCatalogue({ products: 'http://products/graphql', reviews: 'http://reviews/graphql' }),
    subgraphs: {
      products: { kind: 'in-process', subgraph: () => subgraphs.products },
      reviews: { kind: 'in-process', subgraph: () => subgraphs.reviews },
    },
    identity: {
      apiKeys: JSON.stringify(
        keys.map((key, index) => ({
          key,
          tenant: 'bench',
          name: `client-${index}`,
          scopes: ['documents:read'],
        })),
      ),
      jwksUrl: null,
      jwtIssuer: null,
      jwtAudience: 'tributary',
      jwtTenantClaim: 'tenant',
    },
    limits: {
      maxDepth: 15,
      maxAliases: 30,
      maxTokens: 4000,
      maxCost: 20_000,
      maxBodyBytes: 2 * 1024 * 1024,
      maxSubscriptionsPerSocket: 100,
    },
    secret: 'a-secret-of-the-benchmark-and-no-one-else',
    logger: createLogger('bench', 'error'),
  });
  const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
  return { ready: `${url}/graphql` };
});
