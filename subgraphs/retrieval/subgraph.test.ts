import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import type { SearchFilter, SearchInput } from './schema.generated.ts';
import { chunkId, documentId, found, type Library, openLibrary } from './testing/library.ts';

let library: Library;
beforeAll(async () => {
  library = await openLibrary();
  await library.add([
    {
      name: 'pumps',
      passages: ['The centrifugal pump moves water.', 'Pumps wear at the seal; replace the seal yearly.'],
      attributes: {
        year: 1999,
        author: 'Ann',
        tags: ['machine', 'water'],
        source: 'manuals/pumps.txt',
        publishedAtMs: Date.UTC(1999, 5, 1),
        containsPii: true,
        metadata: { project: { phase: 'alpha', budget: 12.5 } },
      },
    },
    {
      name: 'turbines',
      passages: ['A turbine blade glows in the heat.', 'Steam drives the turbine.'],
      attributes: {
        year: 2010,
        author: "O'Hara",
        tags: ['machine'],
        metadata: { project: { phase: 'beta' } },
      },
    },
    { name: 'bread', passages: ['Flour, water and salt make bread.'] },
    { name: 'secrets', tenant: 'rival', passages: ['The rival pump moves water in secret.'] },
    {
      name: 'volumes',
      passages: Array.from({ length: 60 }, (_, index) => `Volume ${index} of the chronicle, on the kingdom.`),
    },
    ...Array.from({ length: 5 }, (_, index) => ({
      name: `notes ${index}`,
      passages: [`A chronicle note ${index}.`, `Another chronicle note ${index}, of the kingdom.`],
    })),
  ]);
});
afterAll(() => library[Symbol.asyncDispose]());

describe('search', () => {
  it('finds by meaning and by words, and says how', async () => {
    const result = await library.search({ text: 'centrifugal pumps', explain: true });
    const [best] = result.hits.edges;
    expect(found(result).slice(0, 2).sort()).toEqual([chunkId('pumps', 0), chunkId('pumps', 1)].sort());
    expect(best?.node.rank).toBe(1);
    expect(best?.node.parts).toMatchObject({ boost: 1, rerank: null });
    expect(best?.node.parts.dense).toBeGreaterThan(0);
    expect(best?.node.parts.sparse).toBeGreaterThan(0);
    expect(best?.node.parts.ranks).toMatchObject({ 'TEXT/SPARSE': 1 });
    expect(best?.node.score).toBe(best?.node.parts.fused);
    expect(result.cache).toBe('BYPASS');
    expect(result.stages.map(({ stage }) => stage)).toEqual(['plan', 'encode', 'search', 'fuse', 'hydrate']);
    expect(result.coverage.complete).toBe(true);
    expect(result.coverage.sources).toHaveLength(14);
    expect(result.coverage.sources.slice(0, 2)).toMatchObject([
      { modality: 'TEXT', method: 'DENSE', status: 'SEARCHED', reason: null },
      { modality: 'TEXT', method: 'SPARSE', status: 'SEARCHED', candidates: 2 },
    ]);
  });

  it('marks the words of the query in the passage itself', async () => {
    const { hits } = await library.search({ text: 'replacing seals', mode: 'SPARSE', first: 1 });
    const text = 'Pumps wear at the seal; replace the seal yearly.';
    const marked = hits.edges[0]?.node.highlights.map(({ start, end }) => text.slice(start, end));
    expect(marked).toEqual(['seal', 'replace', 'seal']);
  });

  it('searches by one method alone', async () => {
    const dense = await library.search({ text: 'water', mode: 'DENSE', first: 3 });
    expect(dense.hits.nodes).toHaveLength(3);
    const sparse = await library.search({ text: 'water', mode: 'SPARSE' });
    expect(found(sparse).sort()).toEqual([chunkId('pumps', 0), chunkId('bread', 0)].sort());
    expect(sparse.hits.edges[0]?.node.parts).toMatchObject({ dense: null, ranks: null });
    expect(sparse.stages.map(({ stage }) => stage)).not.toContain('encode');
  });

  it('finds passages like one, without it', async () => {
    const similarToChunkId = chunkId('turbines', 0);
    const result = await library.search({ similarToChunkId, first: 5 });
    expect(found(result)[0]).toBe(chunkId('turbines', 1));
    expect(found(result)).not.toContain(similarToChunkId);
    expect(result.coverage.complete).toBe(true);
    for (const stranger of [chunkId('secrets', 0), chunkId('nowhere', 0)]) {
      await expect(library.search({ similarToChunkId: stranger })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    }
  });

  it('keeps tenants apart, and wants the scope', async () => {
    expect(found(await library.search({ text: 'rival secret pump', first: 200 }))).not.toContain(
      chunkId('secrets', 0),
    );
    const rival = { identity: { tenant: 'rival' } };
    expect(found(await library.search({ text: 'pump' }, rival))).toEqual([chunkId('secrets', 0)]);
    const none = { identity: { scopes: ['answers:read'] as const } };
    await expect(library.search({ text: 'pump' }, none)).rejects.toMatchObject({ code: 'DENIED' });
    const nobody = await library.search({ text: 'pump' }, { identity: { tenant: 'nobody' } });
    expect(found(nobody)).toEqual([]);
    expect(nobody.hits.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    });
  });

  const pumps = [chunkId('pumps', 0), chunkId('pumps', 1)];
  const filters: readonly (readonly [string, SearchFilter])[] = [
    ['documentIds', { documentIds: [documentId('pumps'), documentId('secrets')] }],
    ['year', { year: { from: 1999, to: 1999 } }],
    ['authors', { authors: ['Ann'] }],
    ['tagsAll', { tagsAll: ['water', 'machine'] }],
    ['tagsAny', { tagsAny: ['water', 'fire'] }],
    ['publishedAt', { publishedAt: { from: '1999-01-01T00:00:00Z', before: '2000-01-01T01:00:00+01:00' } }],
    ['sources', { sources: ['manuals/pumps.txt'] }],
    ['containsPii', { containsPii: true }],
    ['metadata equals', { metadata: [{ path: 'project.phase', equals: 'alpha' }] }],
    ['metadata in', { metadata: [{ path: 'project.phase', in: ['alpha', 1, true] }] }],
    ['metadata compare', { metadata: [{ path: 'project.budget', greaterThan: 12, atMost: 12.5 }] }],
    ['metadata exists', { metadata: [{ path: 'project.budget', exists: true }] }],
    ['and', { and: [{ tagsAny: ['machine'] }, { year: { to: 2000 } }] }],
    ['not', { tagsAny: ['machine'], not: { metadata: [{ path: 'project.phase', in: ['beta'] }] } }],
    ['or', { or: [{ authors: ['Ann'] }, { authors: ['Nobody'] }] }],
  ];
  it.each(filters)('filters by %s', async (_, filter) => {
    for (const mode of ['DENSE', 'HYBRID'] as const) {
      expect(found(await library.search({ text: 'pump', filter, mode })).sort()).toEqual([...pumps].sort());
    }
    expect(found(await library.search({ text: 'seal', filter, mode: 'SPARSE' }))).toEqual([pumps[1]]);
  });

  it('filters by what is not there', async () => {
    const filter = { metadata: [{ path: 'project', exists: false }] };
    const result = await library.search({ text: 'water', filter, mode: 'SPARSE' });
    expect(found(result)).toEqual([chunkId('bread', 0)]);
  });

  it.each(['"', '+a -b', '(', 'AND', '*', '😀', '\u0000', "'; drop table documents; --", 'x'.repeat(8_192)])(
    'takes %j as words',
    async (text) => {
      expect((await library.search({ text })).coverage.complete).toBe(true);
    },
  );

  it('refuses what is wrong, as the contract says', async () => {
    await expect(library.search({ text: ' ' })).rejects.toMatchObject({ reason: 'EMPTY_QUERY' });
    await expect(library.search({ text: 'a', first: 100_000 })).rejects.toMatchObject({ field: 'first' });
    const unknown = { text: 'a', filter: { colour: 'red' } } as SearchInput;
    await expect(library.search(unknown)).rejects.toThrow('"colour" is not defined');
  });
});

describe('pages', () => {
  async function pageThrough(input: SearchInput, sizes: readonly number[]): Promise<string[]> {
    const all: string[] = [];
    let after: string | null = null;
    for (let page = 0; ; page++) {
      const size = sizes[page % sizes.length] ?? 1;
      const { hits } = await library.search({ ...input, first: size, ...(after === null ? {} : { after }) });
      expect(hits.pageInfo.hasPreviousPage).toBe(page > 0);
      expect(hits.edges.map(({ node }) => node.rank)).toEqual(
        hits.edges.map((_, index) => all.length + index + 1),
      );
      all.push(...hits.nodes.map(({ chunk }) => chunk?.id ?? ''));
      if (!hits.pageInfo.hasNextPage) return all;
      expect(hits.edges).toHaveLength(size);
      after = hits.pageInfo.endCursor;
    }
  }

  it.each(['DENSE', 'SPARSE', 'HYBRID'] as const)('have no gaps and no doubles (%s)', async (mode) => {
    const input = { text: 'chronicle of the kingdom', mode };
    const whole = found(await library.search({ ...input, first: 200 }));
    expect(whole.length).toBeGreaterThanOrEqual(70);
    expect(await pageThrough(input, [7, 13])).toEqual(whole);
    expect(new Set(whole).size).toBe(whole.length);
  });

  it('hold no more of one document than is wanted', async () => {
    const input = { text: 'chronicle of the kingdom', mode: 'SPARSE', perDocument: 2 } as const;
    const all = await pageThrough(input, [4]);
    expect(all).toHaveLength(12);
    expect(
      all.filter((id) => Array.from({ length: 60 }, (_, n) => chunkId('volumes', n) as string).includes(id)),
    ).toHaveLength(2);
  });

  it('are refused with a cursor of another search', async () => {
    const { hits } = await library.search({ text: 'chronicle', first: 1 });
    const after = hits.pageInfo.endCursor;
    await expect(library.search({ text: 'kingdom', after })).rejects.toMatchObject({ reason: 'BAD_CURSOR' });
  });
});

describe('what may not be seen', () => {
  it('is never found, although its vectors are still there, and shortens no page', async () => {
    await using own = await openLibrary();
    await own.add([
      { name: 'old', passages: Array.from({ length: 500 }, (_, index) => `kingdom chronicle ${index}`) },
      { name: 'new', passages: Array.from({ length: 12 }, (_, index) => `a chronicle, part ${index}`) },
    ]);
    const before = await own.search({ text: 'kingdom chronicle', first: 200 });
    expect(before.hits.nodes).toHaveLength(200);
    await own.database.forTenant('acme', (client) =>
      client.query('update documents set deleted_at = now() where id = $1', [documentId('old')]),
    );
    const listed: string[] = [];
    for await (const { chunkId } of own.vectors.listChunks(own.collection, 'acme')) listed.push(chunkId);
    expect(listed).toHaveLength(512);
    const expected = Array.from({ length: 12 }, (_, index) => chunkId('new', index) as string).sort();
    for (const mode of ['DENSE', 'SPARSE', 'HYBRID'] as const) {
      const result = await own.search({ text: 'kingdom chronicle', mode, first: 20 });
      expect(found(result).sort()).toEqual(expected);
    }
    await expect(own.search({ similarToChunkId: chunkId('old', 0) })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('is left out when a newer version has other passages', async () => {
    await using own = await openLibrary();
    await own.add([{ name: 'paper', passages: ['first draft on wings', 'kept passage on wings'] }]);
    await own.database.forTenant('acme', async (client) => {
      await client.query('update chunks set last_version = 1 where id = $1', [chunkId('paper', 0)]);
      await client.query('update documents set visible_version = 2 where id = $1', [documentId('paper')]);
    });
    expect(found(await own.search({ text: 'draft wings' }))).toEqual([chunkId('paper', 1)]);
    await own.database.forTenant('acme', (client) =>
      client.query('update documents set visible_version = null'),
    );
    expect(found(await own.search({ text: 'draft wings' }))).toEqual([]);
  });
});

describe('coverage', () => {
  const failing = (method: 'searchDense' | 'searchSparse', fail: () => Promise<never>) => ({
    vectors: (vectors: VectorStore): VectorStore =>
      new Proxy(vectors, {
        get(target, name) {
          if (name === method) return fail;
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
  });
  const throws = () => Promise.reject(new Error('no route to 10.0.0.7'));
  const hangs = () => new Promise<never>(() => {});
  const sourceOf = (result: Awaited<ReturnType<Library['search']>>, method: 'DENSE' | 'SPARSE') =>
    result.coverage.sources.find((source) => source.modality === 'TEXT' && source.method === method);

  it('says which source failed, and the others answer', async () => {
    const result = await library.search({ text: 'pump water' }, failing('searchDense', throws));
    expect(result.coverage.complete).toBe(false);
    expect(sourceOf(result, 'DENSE')).toMatchObject({ status: 'UNAVAILABLE', candidates: 0 });
    expect(sourceOf(result, 'DENSE')?.reason).not.toContain('10.0.0.7');
    expect(sourceOf(result, 'SPARSE')).toMatchObject({ status: 'SEARCHED' });
    expect(found(result)).toContain(chunkId('pumps', 0));
  });

  it('says which source was late, and keeps the deadline', async () => {
    const input = { text: 'pump water', deadlineMs: 1_000 };
    const result = await library.search(input, failing('searchSparse', hangs));
    expect(result.coverage.complete).toBe(false);
    expect(sourceOf(result, 'SPARSE')).toMatchObject({
      status: 'TIMED_OUT',
      reason: expect.stringMatching(/^There was no answer within \d+ ms\.$/),
    });
    expect(sourceOf(result, 'DENSE')?.status).toBe('SEARCHED');
    expect(result.hits.nodes.length).toBeGreaterThan(0);
  });

  it('fails as a whole when that is wanted', async () => {
    const input = { text: 'pump water', partial: 'FAIL_FAST', deadlineMs: 500 } as const;
    for (const fail of [throws, hangs]) {
      await expect(library.search(input, failing('searchSparse', fail))).rejects.toMatchObject({
        code: 'UPSTREAM',
        service: 'vectors',
        publicMessage: expect.stringContaining('TEXT could not be searched by words.'),
      });
    }
  });

  it('fails when nothing could be searched', async () => {
    const input = { text: 'pump water', mode: 'DENSE' } as const;
    await expect(library.search(input, failing('searchDense', throws))).rejects.toMatchObject({
      code: 'UPSTREAM',
    });
  });

  it('does not outlive its caller', async () => {
    const caller = new AbortController();
    const search = library.search(
      { text: 'pump' },
      {
        signal: caller.signal,
        ...failing('searchDense', async () => {
          caller.abort(new Error('the caller has gone'));
          return hangs();
        }),
      },
    );
    await expect(search).rejects.toThrow('the caller has gone');
  });

  it('says of what it needs whether it can be reached', async () => {
    const { createRetrievalSubgraph } = await import('./subgraph.ts');
    const { cache, database, encoder, vectors } = library;
    const ports = { cache, database, encoder, clock: { now: Date.now } };
    const dependencies = { ...ports, rankingTtlMs: 1_000, weights: {} };
    const { silentLogger: logger } = await import('../../platform/testing/silent-logger.ts');
    const broken: VectorStore = new Proxy(vectors, {
      get: (target, name) =>
        name === 'capabilities' ? () => Promise.reject(new Error('gone')) : Reflect.get(target, name),
    });
    const signal = new AbortController().signal;
    const healthy = await createRetrievalSubgraph({ ...dependencies, vectors, logger }).check(signal);
    expect(healthy.map(({ name, healthy }) => [name, healthy])).toEqual([
      ['database', true],
      ['vectors', true],
      ['encoder', true],
      ['cache', true],
    ]);
    const ill = await createRetrievalSubgraph({ ...dependencies, vectors: broken, logger }).check(signal);
    expect(ill.find(({ healthy }) => !healthy)?.name).toBe('vectors');
  });
});
