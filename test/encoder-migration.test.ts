import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBentoCache } from '../platform/cache/bento-cache.ts';
import { DisposableStack } from '../platform/disposable-stack.ts';
import type { Subgraph } from '../platform/subgraph.ts';
import { eventually } from '../platform/testing/eventually.ts';
import { createHashEncoder } from '../platform/testing/hash-encoder.ts';
import { silentLogger } from '../platform/testing/silent-logger.ts';
import { end, reached, started, stored, switchTo } from '../subgraphs/ingest/encoders/testing/operations.ts';
import { createIngestBench, type IngestBench } from '../subgraphs/ingest/testing/ingest-bench.ts';
import { ingest } from '../subgraphs/ingest/testing/operations.ts';
import { createRetrievalSubgraph } from '../subgraphs/retrieval/subgraph.ts';

const stack = new DisposableStack();
const old = createHashEncoder({ model: 'old' });
const next = createHashEncoder({ model: 'next' });
const [oldId, nextId] = [old.description.fingerprint, next.description.fingerprint];
let bench: IngestBench;
let retrievals: Subgraph[];

/** A retrieval of its own: its own flag, and its own cache. */
async function openRetrieval(loaded: { encoder: typeof old; nextEncoder?: typeof old }): Promise<Subgraph> {
  const cache = stack.use(
    await openBentoCache({ maxBytes: 16 * 1024 * 1024, shared: null, logger: silentLogger }),
  );
  const { database, vectors, clock, logger } = bench;
  return createRetrievalSubgraph({
    ...{ database, vectors, clock, logger, cache, ...loaded },
    ...{ rankingTtlMs: 60_000, weights: {} },
  });
}

beforeAll(async () => {
  bench = stack.use(
    await createIngestBench({
      encoder: old,
      nextEncoder: next,
      timing: { pollMs: 50, migrationGraceMs: 2500 },
    }),
  );
  retrievals = [
    await openRetrieval({ encoder: old, nextEncoder: next }),
    await openRetrieval({ encoder: old, nextEncoder: next }),
  ];
});
afterAll(() => stack[Symbol.asyncDispose]());

interface Found {
  readonly search: {
    readonly hits: { readonly nodes: readonly { readonly chunk: { readonly id: string } }[] };
    readonly coverage: {
      readonly complete: boolean;
      readonly sources: readonly {
        readonly modality: string;
        readonly method: string;
        readonly status: string;
        readonly reason: string | null;
      }[];
    };
  };
}

async function search(retrieval: Subgraph, input: Record<string, unknown>): Promise<Found['search']> {
  const { data, errors } = await graphql({
    schema: retrieval.schema,
    source: `query ($input: SearchInput!) { search(input: $input) {
      hits { nodes { chunk { id } } }
      coverage { complete sources { modality method status reason } } } }`,
    variableValues: { input },
    contextValue: retrieval.createContext({
      identity: { tenant: 'acme', subject: 'test', scopes: ['documents:read'] },
      signal: new AbortController().signal,
    }),
  });
  if (errors?.[0]) throw errors[0].originalError ?? errors[0];
  return (data as unknown as Found).search;
}

/** The documents that passages belong to, as whoever shows the hits asks for them; null for one that is not there. */
async function documentsOf(chunkIds: readonly string[]): Promise<(string | null)[]> {
  const nodes = await bench.run<Record<string, { document: { id: string } } | null>>(
    `query { ${chunkIds.map((id, index) => `n${index}: node(id: "${id}") { ... on Chunk { document { id } } }`).join('\n')} }`,
  );
  return chunkIds.map((_, index) => nodes[`n${index}`]?.document.id ?? null);
}

describe('searching throughout a migration', () => {
  it('never fails, always covers everything, and always finds the passage', async () => {
    const library: { readonly id: string; readonly word: string }[] = [];
    for (let index = 0; index < 40; index++) {
      const word = `subject${index}`;
      const job = await ingest(bench, { text: `All that is known about ${word}.`, source: word });
      library.push({ id: job.document.id, word });
    }
    const failures: string[] = [];
    let searches = 0;
    let stop = false;
    async function keepSearching(retrieval: Subgraph, mode: string, offset: number): Promise<void> {
      for (let turn = offset; !stop; turn += 7) {
        const { id, word } = library[turn % library.length] ?? { id: '', word: '' };
        try {
          // No two searches are the same to the cache, but for every third.
          const text = turn % 3 === 0 ? word : `${word} turn${turn}`;
          const { hits, coverage } = await search(retrieval, { text, mode });
          if (!coverage.complete) failures.push(`${text}: ${JSON.stringify(coverage)}`);
          const documents =
            hits.nodes.length === 0 ? [] : await documentsOf(hits.nodes.map(({ chunk }) => chunk.id));
          if (documents.includes(null)) failures.push(`${text} (${mode}) found what is not there`);
          if (!documents.includes(id)) failures.push(`${text} (${mode}) did not find its document`);
          searches++;
        } catch (error) {
          failures.push(`${word} (${mode}): ${error}`);
        }
      }
    }
    const searching = retrievals.flatMap((retrieval, index) =>
      ['HYBRID', 'DENSE', 'SPARSE'].map((mode, place) => keepSearching(retrieval, mode, index * 3 + place)),
    );
    const more = async () => {
      const before = searches;
      await eventually(() => searches > before + 20, { timeoutMs: 30_000 });
    };
    try {
      await more();
      const { id } = await started(bench);
      await reached(bench, id, 'READY');
      await more();
      expect(await switchTo(bench, nextId)).toMatchObject({ previous: oldId });
      const late = await ingest(bench, { text: 'All that is known about latecomers.', source: 'late' });
      library.push({ id: late.document.id, word: 'latecomers' });
      await more();
      expect(await switchTo(bench, oldId)).toMatchObject({ previous: nextId });
      await more();
      expect(await switchTo(bench, nextId)).toMatchObject({ previous: oldId });
      await more();
      expect(await end(bench, 'finish', id)).toMatchObject({ state: 'FINISHING' });
      await reached(bench, id, 'FINISHED');
      await more();
    } finally {
      stop = true;
      await Promise.all(searching);
    }
    expect(failures).toEqual([]);
    expect(searches).toBeGreaterThan(100);
    expect(await stored(bench, oldId)).toEqual([]);
  }, 120_000);

  it('is possible with either encoder by its fingerprint, and refused with any other', async () => {
    const { id } = await started(bench, { fingerprint: oldId });
    await reached(bench, id, 'READY');
    const [retrieval] = retrievals;
    if (retrieval === undefined) throw new Error('no retrieval');
    for (const encoder of [oldId, nextId]) {
      const found = await eventually(() => search(retrieval, { text: 'subject3', mode: 'DENSE', encoder }));
      expect(found.coverage.complete).toBe(true);
      expect(found.hits.nodes).not.toEqual([]);
    }
    await expect(search(retrieval, { text: 'subject3', encoder: 'another' })).rejects.toMatchObject({
      code: 'REJECTED_INPUT',
      field: 'encoder',
    });
  });

  it('finds passages like another one before that one has been encoded anew', async () => {
    const bare = await openRetrieval({ encoder: old, nextEncoder: next });
    const [passage] = await stored(bench, nextId);
    await bench.vectors.deleteChunks({ family: 'text', fingerprint: nextId }, 'acme', [passage ?? '']);
    const found = await search(bare, { similarToChunkId: passage, first: 5 });
    expect(found.hits.nodes).toHaveLength(5);
    expect(found.coverage.complete).toBe(true);
  });

  it('says so where a process has not loaded the encoder that serves, and searches by words', async () => {
    const lacking = await openRetrieval({ encoder: old });
    const { hits, coverage } = await search(lacking, { text: 'subject5' });
    expect(hits.nodes).not.toEqual([]);
    expect(coverage.complete).toBe(false);
    const dense = coverage.sources.find(({ modality, method }) => modality === 'TEXT' && method === 'DENSE');
    expect(dense).toMatchObject({ status: 'UNAVAILABLE' });
    expect(dense?.reason).toContain('TRIBUTARY_NEXT_ENCODER_MODEL');
    const checks = await lacking.check(new AbortController().signal);
    expect(checks.find(({ name }) => name === 'encoder')).toMatchObject({ healthy: false });
    const [retrieval] = retrievals;
    const well = await retrieval?.check(new AbortController().signal);
    expect(well?.find(({ name }) => name === 'encoder')).toMatchObject({ healthy: true });
  });
});
