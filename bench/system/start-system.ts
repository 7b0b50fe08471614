import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { createGateway, type Gateway } from '../../gateway/create-gateway.ts';
import { authenticationOf, limitsOf } from '../../gateway/gateway-options.ts';
import { readSupergraph } from '../../gateway/read-supergraph.ts';
import { type Adapters, createAdapters } from '../../platform/adapters.ts';
import { type Config, readConfig } from '../../platform/config/config.ts';
import type { DisposableStack } from '../../platform/disposable-stack.ts';
import { signIdentity } from '../../platform/http/identity-token.ts';
import type { Identity } from '../../platform/identity.ts';
import { createLogger } from '../../platform/logger.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import type { LanguageModel } from '../../platform/ports/language-model.ts';
import { type Metrics, noMetrics } from '../../platform/ports/metrics.ts';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { openDatabaseFromConfig } from '../../platform/postgres/open-database-from-config.ts';
import type { Subgraph } from '../../platform/subgraph.ts';
import { temporaryDirectory } from '../../platform/testing/temporary-directory.ts';
import { generationOptions } from '../../subgraphs/generation/generation-options.ts';
import { createGenerationSubgraph } from '../../subgraphs/generation/generation-subgraph.ts';
import type { Retriever } from '../../subgraphs/generation/retriever.ts';
import { createSupergraphRetriever } from '../../subgraphs/generation/supergraph-retriever.ts';
import { ingestOptions } from '../../subgraphs/ingest/ingest-options.ts';
import { createIngestSubgraph } from '../../subgraphs/ingest/subgraph.ts';
import { retrievalOptions } from '../../subgraphs/retrieval/retrieval-options.ts';
import { createRetrievalSubgraph } from '../../subgraphs/retrieval/subgraph.ts';

/** What the benchmark puts in the place of what the configuration would. */
export interface SystemOptions {
  readonly encoder?: Encoder;
  readonly languageModel?: LanguageModel;
  /** Whether results and query vectors are remembered; not by default, as the others beside it remember none. */
  readonly remembers?: boolean;
  /** What is configured beside. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Watches what the system does; nobody by default. */
  readonly metrics?: Metrics;
}

/** All of Tributary in this process, as `npm start` runs it, on an empty data folder that is removed afterwards. */
export interface System {
  readonly config: Config;
  /** Where clients come in: `http://host:port/graphql`. */
  readonly url: string;
  readonly gateway: Gateway;
  readonly retrieval: Subgraph;
  readonly retriever: Retriever;
  readonly database: Database;
  /** The database, for its own tools. */
  readonly connectionString: string;
  /** The folder of the vector store. */
  readonly vectorsFolder: string;
  readonly vectors: VectorStore;
  readonly encoder: Encoder;
  /** What the system is made of, and shares with whoever asks for the same. */
  readonly adapters: Adapters;
  /** Sends an operation through the gateway in this process. @throws Error where the answer has errors. */
  ask(query: string, variables: Record<string, unknown>): Promise<Record<string, unknown>>;
}

/** The one whom an open gateway takes a caller for. */
export const caller: Identity = { tenant: 'default', subject: 'anyone', scopes: ['admin'] };

/** Starts the system; everything it opens is owned by `stack`. */
export async function startSystem(stack: DisposableStack, options: SystemOptions = {}): Promise<System> {
  const folder = stack.use(await temporaryDirectory('tributary-bench-'));
  const { TRIBUTARY_MODELS, TRIBUTARY_MODEL_HUB, TRIBUTARY_OFFLINE } = process.env;
  const config = readConfig({
    TRIBUTARY_DATA: folder.path,
    TRIBUTARY_MODELS,
    TRIBUTARY_MODEL_HUB,
    TRIBUTARY_OFFLINE,
    PORT: '0',
    ...(options.remembers !== true && {
      TRIBUTARY_RESULT_CACHE_SECONDS: '0',
      TRIBUTARY_RESULT_CACHE_BYTES: '0',
    }),
    ...options.settings,
  });
  const logger = createLogger('bench', 'error');
  const secret = 'a-secret-of-the-benchmark-and-no-one-else';
  const { database, connectionString } = stack.use(
    await openDatabaseFromConfig({ databaseUrl: null, dataDirectory: folder.path, logger }),
  );
  const adapters = createAdapters(
    { config, logger, stack, draining: new AbortController().signal, metrics: options.metrics ?? noMetrics },
    {
      database,
      ...(options.encoder && { encoder: options.encoder }),
      languageModel: options.languageModel ?? null,
      secrets: { internalSecret: secret, receiptKey: generateKeyPairSync('ed25519').privateKey },
    },
  );
  const atGateway: { fetch?: Gateway['fetch'] } = {};
  const retriever = createSupergraphRetriever({
    url: 'http://127.0.0.1',
    fetch: (request) => atGateway.fetch?.(request) ?? Promise.reject(new Error('There is no gateway yet.')),
    sign: (identity) => signIdentity(identity, secret),
  });
  const [forIngest, forRetrieval, forGeneration] = await Promise.all([
    ingestOptions(adapters),
    retrievalOptions(adapters),
    generationOptions(adapters, retriever),
  ]);
  const ingest = stack.use(await createIngestSubgraph(forIngest));
  const retrieval = stack.use(createRetrievalSubgraph(forRetrieval));
  const generation = stack.use(await createGenerationSubgraph(forGeneration));
  const { vectors, encoder } = forRetrieval;
  const gateway = stack.use(
    await createGateway({
      supergraph: await readSupergraph(),
      subgraphs: {
        ingest: { kind: 'in-process', subgraph: () => ingest },
        retrieval: { kind: 'in-process', subgraph: () => retrieval },
        generation: { kind: 'in-process', subgraph: () => generation },
      },
      identity: authenticationOf(config),
      limits: limitsOf(config),
      secret,
      logger,
    }),
  );
  atGateway.fetch = (request) => gateway.fetch(request);
  const { url } = await gateway.listen(config);
  return {
    ...{ config, url: `${url}/graphql`, gateway, retrieval, retriever, database, connectionString },
    ...{ vectors, vectorsFolder: join(folder.path, 'vectors'), encoder, adapters },
    async ask(query, variables) {
      const response = await gateway.fetch(
        new Request('http://127.0.0.1/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, variables }),
        }),
      );
      const { data, errors } = (await response.json()) as {
        data?: Record<string, unknown>;
        errors?: unknown;
      };
      if (errors !== undefined || !data) throw new Error(`The gateway answered ${JSON.stringify(errors)}`);
      return data;
    },
  };
}
