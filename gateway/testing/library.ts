import { buildSubgraphSchema } from '@apollo/subgraph';
import { composeServices } from '@theguild/federation-composition';
import DataLoader from 'dataloader';
import { parse } from 'graphql';
import { busy, rejected } from '../../platform/errors.ts';
import type { HttpRoute, OperationContext, Subgraph } from '../../platform/subgraph.ts';

/**
 * Three small subgraphs for tests, of the same shape as the real ones: `retrieval` finds hits whose chunks and
 * documents `ingest` knows, and `generation` streams.
 */
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@cost", "@listSize", "@shareable"])`;

const ingestSdl = `${link}
  type Query {
    documents(first: Int = 20): [Document!]! @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
    document(id: ID!): Document
    whoami: String!
  }
  type Mutation { rename(id: ID!, title: String!): Document! }
  type Document @key(fields: "id") { id: ID! title: String! chunks(first: Int = 20): [Chunk!]! @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false) }
  type Chunk @key(fields: "id") { id: ID! text: String document: Document! broken: String }
`;

const retrievalSdl = `${link}
  type Query { search(text: String!, first: Int = 10): SearchResult! @cost(weight: 10) slow: String busy: String defect: String }
  type SearchResult { hits: [Hit!]! tenant: String! }
  type Hit { rank: Int! chunk: Chunk }
  type Chunk @key(fields: "id", resolvable: false) { id: ID! }
`;

const generationSdl = `${link}
  type Query { answers: Int! }
  type Mutation { ask(question: String!): Int! }
  type Subscription {
    answer(tokens: Int!): Token!
    hits(ids: [ID!]!): Hit2!
    silence: Token!
    failing: Token!
    endless(size: Int!): Token!
    versions(id: ID!, count: Int!): Version!
  }
  type Token { index: Int! text: String! tenant: String! }
  type Hit2 { chunk: Chunk }
  type Version { number: Int! document: Document! }
  type Chunk @key(fields: "id", resolvable: false) { id: ID! }
  type Document @key(fields: "id", resolvable: false) { id: ID! }
`;

/** What happened behind the gateway. */
export interface Library {
  readonly subgraphs: {
    readonly ingest: Subgraph;
    readonly retrieval: Subgraph;
    readonly generation: Subgraph;
  };
  /** How many representations each `_entities` call had. */
  readonly entityBatches: number[];
  /** Ids that each data loader batch was asked for. */
  readonly loads: (readonly string[])[];
  /** How often `ask` ran. */
  asked: number;
  /** How often a subscription began. */
  begun: number;
  /** How many events the endless subscription has given. */
  pulled: number;
  readonly signals: AbortSignal[];
  /** Titles by document id, where they were renamed. */
  readonly titles: Map<string, string>;
}

interface IngestContext extends OperationContext {
  readonly documents: DataLoader<string, { readonly id: string; readonly title: string }>;
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

type Parent = unknown;

/** Makes the three subgraphs, counting what happens. */
export function createLibrary(): Library {
  const library = {
    entityBatches: [],
    loads: [],
    asked: 0,
    begun: 0,
    pulled: 0,
    signals: [],
    titles: new Map(),
  } as unknown as {
    -readonly [Name in keyof Library]: Library[Name];
  };
  const titleOf = (id: string) => library.titles.get(id) ?? `Title of ${id}`;
  const chunk = (id: string) => ({ __typename: 'Chunk', id });

  const ingestSchema = buildSubgraphSchema([
    {
      typeDefs: parse(ingestSdl),
      resolvers: {
        Query: {
          documents: (_: Parent, { first }: { first: number }) =>
            Array.from({ length: Math.min(first, 3) }, (_one, index) => ({
              id: `d${index}`,
              title: titleOf(`d${index}`),
            })),
          document: (_: Parent, { id }: { id: string }, context: IngestContext) => context.documents.load(id),
          whoami: (_: Parent, __: unknown, { identity }: IngestContext) =>
            `${identity.tenant}/${identity.subject}/${identity.scopes.join(' ')}`,
        },
        Mutation: {
          rename: (_: Parent, { id, title }: { id: string; title: string }) => {
            library.titles.set(id, title);
            return { id, title };
          },
        },
        Document: {
          __resolveReference: ({ id }: { id: string }, context: IngestContext) => context.documents.load(id),
          chunks: ({ id }: { id: string }, { first }: { first: number }) =>
            Array.from({ length: Math.min(first, 2) }, (_one, index) => ({ id: `${id}-c${index}` })),
        },
        Chunk: {
          __resolveReference: (
            { id }: { id: string },
            _context: IngestContext,
            info: { variableValues: { representations?: unknown[] } },
          ) => {
            if (id.endsWith('0'))
              library.entityBatches.push(info.variableValues.representations?.length ?? 0);
            return id === 'gone' ? null : { id, text: `Text of ${id}` };
          },
          document: ({ id }: { id: string }, _: unknown, context: IngestContext) =>
            context.documents.load(`d${id.length > 0 ? id.charCodeAt(id.length - 1) % 3 : 0}`),
          broken: ({ id }: { id: string }) => {
            throw new Error(`secret of ${id} at http://10.0.0.1/internal`);
          },
        },
      } as never,
    },
  ]);

  const retrievalSchema = buildSubgraphSchema([
    {
      typeDefs: parse(retrievalSdl),
      resolvers: {
        Query: {
          search: (
            _: Parent,
            { text, first }: { text: string; first: number },
            { identity }: OperationContext,
          ) => {
            if (text === '') throw rejected('EMPTY_QUERY', 'The query is empty.', { field: 'text' });
            return {
              tenant: identity.tenant,
              hits: Array.from({ length: first }, (_one, index) => ({
                rank: index + 1,
                chunk: chunk(`c${index}`),
              })),
            };
          },
          slow: async (_: Parent, __: unknown, { signal }: OperationContext) => {
            library.signals.push(signal);
            await aborted(signal);
            return 'late';
          },
          busy: () => {
            throw busy('QUEUE_FULL', 'The queue is full.', 1500);
          },
          defect: () => {
            throw new Error('password=hunter2 at http://10.0.0.1/internal');
          },
        },
      } as never,
    },
  ]);

  async function* tokens(count: number, tenant: string) {
    library.begun += 1;
    for (let index = 0; index < count; index++) yield { answer: { index, text: `t${index}`, tenant } };
  }

  const generationSchema = buildSubgraphSchema([
    {
      typeDefs: parse(generationSdl),
      resolvers: {
        Query: { answers: () => library.asked },
        Mutation: {
          ask: () => {
            library.asked += 1;
            return library.asked;
          },
        },
        Subscription: {
          answer: {
            subscribe: (_: Parent, { tokens: count }: { tokens: number }, { identity }: OperationContext) =>
              tokens(count, identity.tenant),
          },
          hits: {
            subscribe: async function* (_: Parent, { ids }: { ids: string[] }) {
              for (const id of ids) yield { hits: { chunk: chunk(id) } };
            },
          },
          silence: {
            subscribe: async function* (_: Parent, __: unknown, { signal }: OperationContext) {
              library.begun += 1;
              library.signals.push(signal);
              yield { silence: { index: 0, text: 'first', tenant: '' } };
              await aborted(signal);
            },
          },
          failing: {
            subscribe: async function* () {
              library.begun += 1;
              yield { failing: { index: 0, text: 'a', tenant: '' } };
              yield { failing: { index: 1, text: 'b', tenant: '' } };
              throw new Error('the source broke at http://10.0.0.1/internal');
            },
          },
          endless: {
            subscribe: async function* (_: Parent, { size }: { size: number }, { signal }: OperationContext) {
              library.signals.push(signal);
              const text = 'x'.repeat(size);
              for (let index = 0; !signal.aborted; index++) {
                library.pulled += 1;
                yield { endless: { index, text, tenant: '' } };
                // Lets other work in between, as a real source does.
                await new Promise((resolve) => setImmediate(resolve));
              }
            },
          },
          versions: {
            subscribe: async function* (_: Parent, { id, count }: { id: string; count: number }) {
              for (let number = 1; number <= count; number++) {
                const loads = library.loads.length;
                library.titles.set(id, `version ${number}`);
                yield { versions: { number, document: { __typename: 'Document', id } } };
                // Over the network a source runs ahead of its reader: the next version waits for the last to be read.
                while (library.loads.length === loads) await new Promise((resolve) => setImmediate(resolve));
              }
            },
          },
        },
      } as never,
    },
  ]);

  const routes: HttpRoute[] = [
    {
      method: 'POST',
      path: '/v1/documents',
      handle: async (request, _parameters, identity) =>
        Response.json(
          {
            tenant: identity?.tenant,
            bytes: (await request.arrayBuffer()).byteLength,
            forged: request.headers.get('tributary-identity'),
          },
          { status: 201, headers: { 'x-made': 'yes' } },
        ),
    },
    {
      method: 'GET',
      path: '/v1/contents/:id',
      open: true,
      handle: async (_request, { id }, identity) =>
        new Response(`content of ${id} for ${identity?.tenant ?? 'anyone'}`),
    },
  ];

  const base = {
    createContext: (operation: OperationContext) => operation,
    check: async () => [{ name: 'database', healthy: true, detail: 'It answers.' }],
    async [Symbol.asyncDispose]() {},
  };
  library.subgraphs = {
    ingest: {
      ...base,
      name: 'ingest',
      schema: ingestSchema,
      routes,
      createContext: (operation): IngestContext => ({
        ...operation,
        documents: new DataLoader(async (ids: readonly string[]) => {
          library.loads.push(ids);
          return ids.map((id) => ({ id, title: titleOf(id) }));
        }),
      }),
    },
    retrieval: { ...base, name: 'retrieval', schema: retrievalSchema, routes: [] },
    generation: { ...base, name: 'generation', schema: generationSchema, routes: [] },
  };
  return library;
}

/** The supergraph of the three; `urls` go into it. */
export function composeLibrary(urls: Readonly<Record<string, string>> = {}): string {
  const result = composeServices(
    Object.entries({ ingest: ingestSdl, retrieval: retrievalSdl, generation: generationSdl }).map(
      ([name, sdl]) => ({
        name,
        typeDefs: parse(sdl),
        url: urls[name] ?? `http://${name}/graphql`,
      }),
    ),
  );
  if (!('supergraphSdl' in result) || result.supergraphSdl === undefined) {
    throw new Error(result.errors?.map((error) => error.message).join('\n'));
  }
  return result.supergraphSdl;
}
