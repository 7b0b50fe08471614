import { describe, expect, it } from 'vitest';
import { serveLocally } from '../cli/testing/local-server.ts';
import { evaluate } from './evaluate.ts';

const collection = {
  documents: Array.from({ length: 45 }, (_, index) => ({
    id: `d${index}`,
    title: '',
    text: `Text ${index}.`,
  })),
  queries: [
    { id: '1', text: 'one', judgements: new Map([['d1', 1]]) },
    { id: '2', text: 'two', judgements: new Map([['d2', 1]]) },
  ],
};

/** Takes documents in, ranks `d2` first for every query, and notes which tenants were removed. */
async function serve(unfinished: () => number) {
  const sources: string[] = [];
  const removed: string[] = [];
  const server = await serveLocally({
    ingestDocument: ({ input }: { input: { source: string } }) => {
      sources.push(input.source);
      if (input.source === 'd44') {
        return { __typename: 'Rejected', code: 'EMPTY_FILE', message: 'There is nothing in it.' };
      }
      return { __typename: 'IngestJob', id: input.source };
    },
    documents: ({ filter }: { filter: { states: string[] } }) => ({
      totalCount: filter.states.includes('RECEIVED')
        ? unfinished()
        : filter.states.includes('FAILED')
          ? 0
          : 44,
    }),
    search: () => ({
      tookMs: 3,
      coverage: { complete: true, sources: [] },
      hits: { nodes: [{ chunk: { document: { source: 'd2' } } }, { chunk: { document: { source: 'd1' } } }] },
    }),
    removeTenant: ({ tenant }: { tenant: string }) => {
      removed.push(tenant);
      return { __typename: 'TenantRemoval', tenant, stores: [] };
    },
  });
  return { server, sources, removed };
}

const options = { modes: ['HYBRID'] as const, onProgress: () => undefined };

describe('an evaluation', () => {
  it('puts every document in, measures every query, and removes its tenant', async () => {
    let asked = 0;
    const { server, sources, removed } = await serve(() => Math.max(0, 2 - asked++));
    await using _ = server;
    const { signal } = new AbortController();
    const found = await evaluate(collection, { ...options, url: server.url, signal });
    expect(new Set(sources)).toEqual(new Set(collection.documents.map(({ id }) => id)));
    expect(sources).toHaveLength(45);
    expect(found).toMatchObject({
      searchable: 44,
      refused: [{ id: 'd44', message: 'There is nothing in it.' }],
      queries: 2,
      modes: [{ mode: 'HYBRID', mrrAt10: 0.75, recallAt100: 1 }],
    });
    expect(removed).toEqual([found.tenant]);
    const tenants = new Set(server.callers.map((headers) => headers['tributary-tenant']));
    expect([...tenants]).toEqual([found.tenant]);
  });

  it('removes its tenant also where it is interrupted', async () => {
    const interrupt = new AbortController();
    const { server, removed } = await serve(() => {
      interrupt.abort();
      return 1;
    });
    await using _ = server;
    const evaluating = evaluate(collection, { ...options, url: server.url, signal: interrupt.signal });
    await expect(evaluating).rejects.toThrow();
    expect(removed).toEqual([expect.stringMatching(/^eval-[0-9a-f]{12}$/)]);
  });
});
