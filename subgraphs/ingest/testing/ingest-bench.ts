import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { type ExecutionResult, execute, parse, subscribe } from 'graphql';
import { openFilesystemBlobStore } from '../../../platform/blobs/filesystem-blob-store.ts';
import { openBentoCache } from '../../../platform/cache/bento-cache.ts';
import { DisposableStack } from '../../../platform/disposable-stack.ts';
import type { Identity, Scope } from '../../../platform/identity.ts';
import { type Clock, systemClock } from '../../../platform/ports/clock.ts';
import type { Encoder } from '../../../platform/ports/encoder.ts';
import { createHashEncoder } from '../../../platform/testing/hash-encoder.ts';
import { silentLogger } from '../../../platform/testing/silent-logger.ts';
import { temporaryDirectory } from '../../../platform/testing/temporary-directory.ts';
import { createTestDatabase } from '../../../platform/testing/test-database.ts';
import { openLanceDbVectorStore } from '../../../platform/vectors/lancedb-vector-store.ts';
import { createIngestSubgraph, type IngestDependencies } from '../subgraph.ts';

/** A clock that a test can turn. */
export function createTestClock(): Clock & { advance(ms: number): void } {
  let offset = 0;
  return { now: () => systemClock.now() + offset, advance: (ms) => (offset += ms) };
}

type BenchDependencies = IngestDependencies & { readonly encoder: Encoder };

/** An ingest subgraph on real stores of its own, and the ways to ask it. */
export async function createIngestBench(overrides: Partial<BenchDependencies> = {}) {
  const stack = new DisposableStack();
  const directory = stack.use(await temporaryDirectory());
  const database = stack.use(await createTestDatabase());
  const blobs = stack.use(await openFilesystemBlobStore({ directory: join(directory.path, 'blobs') }));
  const vectors = stack.use(
    await openLanceDbVectorStore({ directory: join(directory.path, 'vectors'), logger: silentLogger }),
  );
  const cache = stack.use(
    await openBentoCache({ maxBytes: 8 * 1024 * 1024, shared: null, logger: silentLogger }),
  );
  const encoder: Encoder = stack.use(createHashEncoder());
  const keys = generateKeyPairSync('ed25519');
  const dependencies: BenchDependencies = {
    ...{ database, blobs, vectors, cache, encoder, clock: systemClock, logger: silentLogger },
    ...{ secret: 'a secret that is only for tests, 32+', receiptKey: keys.privateKey },
    ...{ maxUploadBytes: 8 * 1024 * 1024, uploadLifetimeSeconds: 60, maxQueuedJobs: 1000 },
    ...{ fetchTimeoutMs: 5000, fetchPrivateHosts: [], workers: 4 },
    ...overrides,
  };
  const subgraph = stack.use(await createIngestSubgraph(dependencies));

  const identityOf = (tenant: string, scopes: readonly Scope[]): Identity => ({
    tenant,
    subject: 'test',
    scopes,
  });
  const contextOf = (identity: Identity) =>
    subgraph.createContext({ identity, signal: new AbortController().signal });

  return {
    ...dependencies,
    subgraph,
    directory: directory.path,
    connectionString: database.connection.connectionString,
    publicKey: keys.publicKey,
    /** Runs a query or mutation as a caller with all scopes of documents, unless told otherwise. */
    async run<T>(
      source: string,
      variables: Record<string, unknown> = {},
      { tenant = 'acme', scopes = ['documents:read', 'documents:write'] as readonly Scope[] } = {},
    ): Promise<T> {
      const result = (await execute({
        schema: subgraph.schema,
        document: parse(source),
        variableValues: variables,
        contextValue: contextOf(identityOf(tenant, scopes)),
      })) as ExecutionResult<T>;
      if (result.errors?.[0]) throw result.errors[0].originalError ?? result.errors[0];
      return JSON.parse(JSON.stringify(result.data)) as T;
    },
    /** The events of a subscription. */
    async follow(
      source: string,
      variables: Record<string, unknown>,
      tenant = 'acme',
      scopes: readonly Scope[] = ['documents:read'],
    ) {
      const result = await subscribe({
        schema: subgraph.schema,
        document: parse(source),
        variableValues: variables,
        contextValue: contextOf(identityOf(tenant, scopes)),
      });
      if (!(Symbol.asyncIterator in result)) throw result.errors?.[0] ?? new Error('no stream');
      return result;
    },
    /** Asks a plain route. */
    async fetch(method: string, path: string, init: RequestInit & { duplex?: 'half' } = {}, tenant = 'acme') {
      const url = new URL(path, 'http://tributary.test');
      for (const route of subgraph.routes) {
        const names: string[] = [];
        const pattern = route.path.replace(/:(\w+)/g, (_, name: string) => {
          names.push(name);
          return '([^/]+)';
        });
        const match = new RegExp(`^${pattern}$`).exec(url.pathname);
        if (route.method !== method || !match) continue;
        const parameters = Object.fromEntries(names.map((name, index) => [name, match[index + 1] ?? '']));
        const identity = route.open ? null : identityOf(tenant, ['documents:read', 'documents:write']);
        return route.handle(new Request(url, { method, ...init }), parameters, identity);
      }
      throw new Error(`no route for ${method} ${path}`);
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

export type IngestBench = Awaited<ReturnType<typeof createIngestBench>>;
