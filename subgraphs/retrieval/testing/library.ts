import { type ExecutionResult, graphql } from 'graphql';
import { openBentoCache } from '../../../platform/cache/bento-cache.ts';
import type { Identity } from '../../../platform/identity.ts';
import { derivedId } from '../../../platform/ids.ts';
import type { Cache } from '../../../platform/ports/cache.ts';
import { systemClock } from '../../../platform/ports/clock.ts';
import type { VectorRecord, VectorStore } from '../../../platform/ports/vector-store.ts';
import type { OperationContext } from '../../../platform/subgraph.ts';
import { createColourEncoder } from '../../../platform/testing/colour-encoder.ts';
import { createHashEncoder } from '../../../platform/testing/hash-encoder.ts';
import { silentLogger } from '../../../platform/testing/silent-logger.ts';
import { temporaryDirectory } from '../../../platform/testing/temporary-directory.ts';
import { createTestDatabase } from '../../../platform/testing/test-database.ts';
import { openLanceDbVectorStore } from '../../../platform/vectors/lancedb-vector-store.ts';
import type { PipelineDependencies } from '../pipeline.ts';
import type { SearchInput, SearchResult } from '../schema.generated.ts';
import { createRetrievalSubgraph } from '../subgraph.ts';
import { addPieces, type PieceDocument } from './pieces.ts';
import { createPitchEncoder } from './pitch-encoder.ts';

/** A document for tests; passages are its paragraphs. */
export interface LibraryDocument {
  readonly name: string;
  readonly passages: readonly string[];
  readonly tenant?: string;
  readonly attributes?: Partial<
    Pick<VectorRecord, 'year' | 'author' | 'tags' | 'source' | 'publishedAtMs' | 'containsPii' | 'metadata'>
  >;
}

export interface SearchOptions {
  readonly identity?: Partial<Identity>;
  readonly signal?: AbortSignal;
  /** Stands before the vector store, for a search in which it fails. */
  readonly vectors?: (vectors: VectorStore) => VectorStore;
  /** In the place of the library's own. */
  readonly cache?: Cache;
  /** What else a search has, or has not. */
  readonly with?: Partial<PipelineDependencies>;
}

export const documentId = (name: string) => derivedId('doc', [name]);
export const chunkId = (name: string, ordinal: number) => derivedId('chk', [name, ordinal]);

const searchDocument = /* GraphQL */ `
  query ($input: SearchInput!) {
    search(input: $input) {
      hits {
        edges { cursor node { rank score chunk { id } highlights { start end } parts { dense sparse visual sound fused relevance boost rerank ranks calibrations { space method score mean deviation calibrated } } } }
        nodes { rank chunk { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
      coverage { complete sources { modality space method tier status candidates tookMs reason } }
      cache
      tookMs
      stages { stage tookMs }
    }
  }
`;

/**
 * A database and a vector store with documents in them, and the retrieval subgraph over both.
 *
 * @param options.maxCacheBytes the memory of the cache; it remembers nothing by default.
 */
export async function openLibrary({ maxCacheBytes = 0 }: { readonly maxCacheBytes?: number } = {}) {
  const directory = await temporaryDirectory();
  const database = await createTestDatabase();
  const vectors = await openLanceDbVectorStore({ directory: directory.path, logger: silentLogger });
  const encoder = createHashEncoder();
  const [visual, sound] = [createColourEncoder(), createPitchEncoder()];
  const cache = await openBentoCache({ maxBytes: maxCacheBytes, shared: null, logger: silentLogger });
  const collection = { family: 'text', fingerprint: encoder.description.fingerprint } as const;

  /** Stores documents as ingest does: rows, then vectors, then the flag that makes them visible. */
  async function add(documents: readonly LibraryDocument[]): Promise<void> {
    const records: VectorRecord[] = [];
    for (const { name, passages, tenant = 'acme', attributes = {} } of documents) {
      const id = documentId(name);
      const encoded = await encoder.encode(
        passages.map((passage) => `${name}\n${passage}`),
        'passage',
      );
      await database.forTenant(tenant, async (client) => {
        await client.query(
          `insert into documents (tenant, id, source_key, title, modality, state, visible_version)
           values ($1, $2, $3, $3, 'TEXT', 'SEARCHABLE', 1)`,
          [tenant, id, name],
        );
        await client.query(
          `insert into chunks (tenant, id, document_id, first_version, seen_version, ordinal, modality, family, fingerprint, text, locator)
           select $1, id, $2, 1, 1, ordinal, 'TEXT', 'text', $3, text, '{}'
           from unnest($4::text[], $5::int[], $6::text[]) as passage (id, ordinal, text)`,
          [
            tenant,
            id,
            collection.fingerprint,
            passages.map((_, ordinal) => chunkId(name, ordinal)),
            passages.map((_, ordinal) => ordinal),
            passages,
          ],
        );
      });
      passages.forEach((passage, ordinal) => {
        records.push({
          chunkId: chunkId(name, ordinal),
          tenant,
          documentId: id,
          modality: 'TEXT',
          vector: encoded[ordinal] ?? new Float32Array(768),
          searchText: `${name}\n${passage}`,
          year: null,
          author: null,
          tags: [],
          source: null,
          publishedAtMs: null,
          containsPii: false,
          metadata: {},
          ...attributes,
        });
      });
    }
    await vectors.upsert(collection, records);
    for (const tenant of new Set(records.map((record) => record.tenant))) await changeCorpus(tenant);
  }

  /** Says that something changed, as every change does. */
  async function changeCorpus(tenant = 'acme'): Promise<void> {
    await database.forTenant(tenant, (client) =>
      client.query(
        `insert into corpus_epochs (tenant, epoch) values ($1, 1)
         on conflict (tenant) do update set epoch = corpus_epochs.epoch + 1`,
        [tenant],
      ),
    );
  }

  /** Runs a search through the subgraph's schema, as the gateway does. */
  async function execute(input: SearchInput, options: SearchOptions = {}): Promise<ExecutionResult> {
    const subgraph = createRetrievalSubgraph({
      database,
      vectors: options.vectors?.(vectors) ?? vectors,
      encoder,
      cache: options.cache ?? cache,
      rankingTtlMs: 60_000,
      clock: systemClock,
      logger: silentLogger,
      weights: {},
      visualEncoder: async () => visual,
      soundEncoder: async () => sound,
      ...options.with,
    });
    const contextValue: OperationContext = subgraph.createContext({
      identity: { tenant: 'acme', subject: 'test', scopes: ['documents:read'], ...options.identity },
      signal: options.signal ?? new AbortController().signal,
    });
    return graphql({
      schema: subgraph.schema,
      source: searchDocument,
      variableValues: { input },
      contextValue,
    });
  }

  /** Runs a search. @throws what it failed with. */
  async function search(input: SearchInput, options: SearchOptions = {}): Promise<SearchResult> {
    const { data, errors } = await execute(input, options);
    const [error] = errors ?? [];
    if (error !== undefined) throw error.originalError ?? error;
    return data?.search as SearchResult;
  }

  return {
    database,
    vectors,
    encoder,
    visual,
    sound,
    cache,
    collection,
    add,
    /** Stores documents of pictures, sounds, films and tables. */
    addPieces: (documents: readonly PieceDocument[]) =>
      addPieces(documents, {
        ...{ database, vectors, encoder, visual, sound },
        ...{ idOf: chunkId, documentIdOf: documentId },
      }),
    changeCorpus,
    execute,
    search,
    [Symbol.asyncDispose]: async () => {
      await cache[Symbol.asyncDispose]();
      await vectors[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

export type Library = Awaited<ReturnType<typeof openLibrary>>;

/** The ids of the passages that were found, best first. */
export const found = (result: SearchResult): string[] =>
  result.hits.nodes.map(({ chunk }) => chunk?.id ?? 'gone');
