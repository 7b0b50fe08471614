import { checkCache } from '../../platform/cache/check-cache.ts';
import { denied } from '../../platform/errors.ts';
import { buildSchema } from '../../platform/graphql/build-schema.ts';
import { scalars } from '../../platform/graphql/scalars.ts';
import { probe } from '../../platform/health.ts';
import { hasScope } from '../../platform/identity.ts';
import { noMetrics } from '../../platform/ports/metrics.ts';
import type { HealthCheck, Subgraph } from '../../platform/subgraph.ts';
import { createCohorts } from './calibration/cohorts.ts';
import { createEncoderChoice, type EncoderChoice } from './choose-encoder.ts';
import { measureSearch } from './measure-search.ts';
import { createUseNotes } from './note-use.ts';
import { type PipelineDependencies, runPipeline } from './pipeline.ts';
import type { Resolvers } from './schema.generated.ts';
import { toSearchResult } from './to-search-result.ts';

/** A check waits so long to hear which encoder serves, in milliseconds. */
const maxFlagMs = 1000;

/**
 * The retrieval subgraph: `search`. Its dependencies stay their owner's: disposing of the subgraph disposes of
 * none of them.
 */
export function createRetrievalSubgraph(dependencies: PipelineDependencies): Subgraph {
  const encoders = createEncoderChoice(dependencies.database, dependencies);
  const cohorts = createCohorts(dependencies.logger);
  const use = dependencies.noteUse === true ? createUseNotes(dependencies) : null;
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
        const answer = await runPipeline({ tenant, access, input, signal }, encoders, cohorts, dependencies);
        measureSearch(dependencies.metrics ?? noMetrics, answer);
        use?.note(
          tenant,
          answer.hits.map(({ documentId }) => documentId),
        );
        return toSearchResult(answer);
      },
    },
  };
  return {
    name: 'retrieval',
    schema: buildSchema('retrieval', resolvers),
    routes: [],
    createContext: (operation) => operation,
    check: (signal) => check(dependencies, encoders, signal),
    [Symbol.asyncDispose]: async () => use?.[Symbol.asyncDispose](),
  };
}

function check(
  { database, vectors, cache }: PipelineDependencies,
  encoders: EncoderChoice,
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
    // One that is not loaded, or has failed, says so itself.
    probe('encoder', async () => {
      const encoder = await encoders.choose(null, maxFlagMs);
      await encoder.encode(['ready'], 'query', signal);
      const { model, executionProvider } = encoder.description;
      return `${model} encodes on ${executionProvider}.`;
    }),
    checkCache(cache),
  ]);
}
