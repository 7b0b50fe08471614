import { checkCache } from '../../platform/cache/check-cache.ts';
import { denied } from '../../platform/errors.ts';
import { buildSchema } from '../../platform/graphql/build-schema.ts';
import { scalars } from '../../platform/graphql/scalars.ts';
import { probe } from '../../platform/health.ts';
import { hasScope } from '../../platform/identity.ts';
import type { HealthCheck, Subgraph } from '../../platform/subgraph.ts';
import { type PipelineDependencies, runPipeline } from './pipeline.ts';
import type { Resolvers } from './schema.generated.ts';
import { toSearchResult } from './to-search-result.ts';

/**
 * The retrieval subgraph: `search`. Its dependencies stay their owner's: disposing of the subgraph disposes of
 * none of them.
 */
export function createRetrievalSubgraph(dependencies: PipelineDependencies): Subgraph {
  const resolvers: Resolvers = {
    DateTime: scalars.DateTime,
    JSON: scalars.JSON,
    Query: {
      async search(_parent, { input }, { identity, signal }) {
        if (!hasScope(identity, 'documents:read')) {
          throw denied(
            'Searching needs the scope `documents:read`: use a key or token that has it.',
            'MISSING_SCOPE',
          );
        }
        const { tenant, scopes: access } = identity;
        return toSearchResult(await runPipeline({ tenant, access, input, signal }, dependencies));
      },
    },
  };
  return {
    name: 'retrieval',
    schema: buildSchema('retrieval', resolvers),
    routes: [],
    createContext: (operation) => operation,
    check: (signal) => check(dependencies, signal),
    [Symbol.asyncDispose]: async () => {},
  };
}

function check(
  { database, vectors, encoder, cache }: PipelineDependencies,
  signal: AbortSignal,
): Promise<HealthCheck[]> {
  return Promise.all([
    probe(
      'database',
      async () => {
        await database.ping(signal);
        return 'PostgreSQL answers.';
      },
      { advice: 'PostgreSQL cannot be reached: look at `TRIBUTARY_DATABASE_URL`, or at the log.' },
    ),
    probe(
      'vectors',
      async () => {
        const { vendor, version } = await vectors.capabilities(signal);
        return `${vendor} ${version} answers.`;
      },
      { advice: 'The vector store cannot be read: look at the data folder, or at the log.' },
    ),
    probe(
      'encoder',
      async () => {
        await encoder.encode(['ready'], 'query', signal);
        const { model, executionProvider } = encoder.description;
        return `${model} encodes on ${executionProvider}.`;
      },
      { advice: 'The text encoder does not answer: look at the log, and start again.' },
    ),
    checkCache(cache),
  ]);
}
