import { readFile } from 'node:fs/promises';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../platform/logger.ts';
import type { Subgraph } from '../platform/subgraph.ts';
import { createGateway } from './create-gateway.ts';
import { readSupergraph } from './read-supergraph.ts';
import { limits, noAuthentication, secret } from './testing/start-gateway.ts';

const sdlOf = (name: string) => readFile(new URL(`../schema/${name}.graphql`, import.meta.url), 'utf8');

async function subgraph(name: Subgraph['name'], resolvers: object): Promise<Subgraph> {
  return {
    name,
    schema: buildSubgraphSchema([{ typeDefs: parse(await sdlOf(name)), resolvers: resolvers as never }]),
    routes: [],
    createContext: (operation) => operation,
    check: async () => [],
    async [Symbol.asyncDispose]() {},
  };
}

const parts = { dense: 0.5, sparse: 2, fused: 0.03, boost: 1, rerank: null, ranks: null };
const coverage = { complete: true, sources: [] };

const ids = Array.from({ length: 10 }, (_one, index) => `chk_${index}`);

/** A gateway before an ingest subgraph that gives chunks so, and a search that finds ten of them. */
async function openGateway(resolveChunk: (...given: never[]) => unknown) {
  const ingest = await subgraph('ingest', { Chunk: { __resolveReference: resolveChunk } });
  const retrieval = await subgraph('retrieval', {
    Query: {
      search: () => ({
        hits: {
          nodes: ids.map((id, index) => ({
            rank: index + 1,
            chunk: { id },
            score: 1,
            parts,
            highlights: [],
          })),
        },
        coverage,
        cache: 'BYPASS',
        tookMs: 1,
        stages: [],
      }),
    },
  });
  const generation = await subgraph('generation', {});
  const gateway = await createGateway({
    supergraph: await readSupergraph(),
    subgraphs: {
      ingest: { kind: 'in-process', subgraph: () => ingest },
      retrieval: { kind: 'in-process', subgraph: () => retrieval },
      generation: { kind: 'in-process', subgraph: () => generation },
    },
    identity: noAuthentication,
    limits,
    secret,
    logger: createLogger('test', 'silent'),
  });
  onTestFinished(async () => gateway[Symbol.asyncDispose]());
  return gateway;
}

const ask = async (gateway: { fetch(request: Request): Promise<Response> }, input: object) => {
  const query = `query($input: SearchInput!) {
      search(input: $input) { hits { nodes { rank parts { dense } chunk { id text document { title } } } } coverage { complete } }
    }`;
  const response = await gateway.fetch(
    new Request('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { input } }),
    }),
  );
  return (await response.json()) as {
    data: { search: { hits: { nodes: { rank: number; chunk: unknown }[] } } };
    errors?: { readonly extensions: object }[];
  };
};

describe('the project’s own supergraph', () => {
  it('finds passages in one subgraph and their texts and documents in another, by one call for all', async () => {
    const asked: string[][] = [];
    const gateway = await openGateway(
      (
        { id }: { id: string },
        _context: unknown,
        info: { variableValues: { representations: { id: string }[] } },
      ) => {
        if (id === ids[0]) asked.push(info.variableValues.representations.map((one) => one.id));
        // The fourth was deleted in the moment since.
        return id === 'chk_3'
          ? null
          : { id, text: `text of ${id}`, document: { id: 'doc_1', title: 'Pumps' } };
      },
    );
    const { data } = await ask(gateway, { text: 'pumps' });
    const { nodes } = data.search.hits;
    expect(nodes).toHaveLength(10);
    expect(nodes[9]).toEqual({
      rank: 10,
      parts: { dense: 0.5 },
      chunk: { id: 'chk_9', text: 'text of chk_9', document: { title: 'Pumps' } },
    });
    expect(nodes[3]?.chunk).toBeNull();
    expect(asked).toEqual([ids]);
  });

  it('gives the hits at the deadline of the search, also where nobody says what is in them', async () => {
    const gateway = await openGateway(() => new Promise(() => undefined));
    const { data, errors } = await ask(gateway, { text: 'pumps', deadlineMs: 100 });
    const { nodes } = data.search.hits;
    expect(nodes.map(({ rank }) => rank)).toEqual(ids.map((_id, index) => index + 1));
    expect(nodes.every(({ chunk }) => chunk === null)).toBe(true);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM', service: 'ingest' });
  });
});
