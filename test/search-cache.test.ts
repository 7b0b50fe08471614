import { graphql } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBentoCache } from '../platform/cache/bento-cache.ts';
import type { Cache } from '../platform/ports/cache.ts';
import { silentLogger } from '../platform/testing/silent-logger.ts';
import { createIngestBench, type IngestBench } from '../subgraphs/ingest/testing/ingest-bench.ts';
import { finish, ingest } from '../subgraphs/ingest/testing/operations.ts';
import type { SearchInput, SearchResult } from '../subgraphs/retrieval/schema.generated.ts';
import { createRetrievalSubgraph } from '../subgraphs/retrieval/subgraph.ts';

let bench: IngestBench;
let none: Cache;
beforeAll(async () => {
  bench = await createIngestBench();
  none = await openBentoCache({ maxBytes: 0, shared: null, logger: silentLogger });
});
afterAll(async () => {
  await none[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

/** mulberry32: the same numbers for the same seed. */
function createRandom(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

async function search(cache: Cache, input: SearchInput): Promise<SearchResult> {
  const { database, vectors, encoder, clock, logger } = bench;
  const subgraph = createRetrievalSubgraph({
    ...{ database, vectors, encoder, cache, clock, logger },
    ...{ rankingTtlMs: 600_000, weights: {} },
  });
  const { data, errors } = await graphql({
    schema: subgraph.schema,
    source: `query ($input: SearchInput!) { search(input: $input) {
      hits { nodes { score chunk { id } } pageInfo { hasNextPage } } coverage { complete } cache } }`,
    variableValues: { input },
    contextValue: subgraph.createContext({
      identity: { tenant: 'acme', subject: 'test', scopes: ['documents:read'] },
      signal: new AbortController().signal,
    }),
  });
  if (errors?.[0] !== undefined) throw errors[0];
  return data?.search as SearchResult;
}

const words = ['pump', 'seal', 'turbine', 'bread', 'water', 'steam'];

const inputs: readonly SearchInput[] = [
  { text: 'pump seal', mode: 'DENSE', first: 50 },
  { text: 'water', mode: 'SPARSE', first: 50 },
  { text: 'steam turbine', first: 3 },
  { text: 'bread', first: 50, filter: { tagsAny: ['old'] } },
  { text: 'pump', mode: 'DENSE', first: 50, perDocument: 1, filter: { year: { from: 2000 } } },
];

/** What must be equal. How words are weighed changes a little when what was deleted is purged, so there not the order. */
function comparable(result: SearchResult, { mode, first }: SearchInput) {
  expect(result.coverage.complete).toBe(true);
  const ids = result.hits.nodes.map(({ chunk }) => chunk?.id ?? 'gone');
  const page = { count: ids.length, more: result.hits.pageInfo.hasNextPage };
  if (mode === 'DENSE') return { ...page, hits: result.hits.nodes };
  return first === 3 ? page : { ...page, hits: ids.sort() };
}

it.each([1, 2])(
  'finds with the cache what it finds without, whatever changes (seed %i)',
  async (seed) => {
    const random = createRandom(seed);
    const documents: string[] = [];
    const pick = () => documents[random(documents.length)];
    const passage = () => Array.from({ length: 3 + random(5) }, () => words[random(words.length)]).join(' ');
    const attributes = () => ({ year: 1990 + random(20), tags: random(2) === 0 ? ['old'] : [] });
    const update = async (input: Record<string, unknown>) => {
      const { updateDocument } = await bench.run<{ updateDocument: { __typename: string; id: string } }>(
        'mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { __typename ... on IngestJob { id } } }',
        { input },
      );
      if (updateDocument.__typename === 'IngestJob') await finish(bench, updateDocument.id);
    };
    async function change(step: number): Promise<void> {
      const id = pick();
      const kind = id === undefined ? 0 : random(4);
      if (kind === 0) {
        const source = `seed ${seed}, step ${step}`;
        const job = await ingest(bench, {
          text: `${passage()}, number ${step}.`,
          source,
          attributes: attributes(),
        });
        documents.push(job.document.id);
      } else if (kind === 1) await update({ id, text: `${passage()}, changed in step ${step}.` });
      else if (kind === 2) await update({ id, attributes: attributes() });
      else {
        documents.splice(documents.indexOf(id ?? ''), 1);
        await bench.run('mutation ($id: ID!) { deleteDocument(id: $id) { __typename } }', { id });
      }
    }

    const outcomes = new Set<string>();
    for (let step = 0; step < 12; step++) {
      // Searches run while it changes, and what they remember may not be seen afterwards.
      await Promise.all([change(step), ...inputs.map((input) => search(bench.cache, input))]);
      await Promise.all(
        inputs.map(async (input) => {
          const fresh = comparable(await search(none, input), input);
          for (const round of [1, 2]) {
            const remembering = await search(bench.cache, input);
            outcomes.add(remembering.cache);
            expect({ step, round, ...comparable(remembering, input) }).toEqual({ step, round, ...fresh });
          }
        }),
      );
    }
    for (const outcome of ['HIT', 'MISS']) expect(outcomes).toContain(outcome);
  },
  120_000,
);
