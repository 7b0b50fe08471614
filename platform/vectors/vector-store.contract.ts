import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unifiedDimension } from '../ports/encoder.ts';
import type { CollectionName, Filter, VectorRecord, VectorStore } from '../ports/vector-store.ts';

const collection: CollectionName = { family: 'text', fingerprint: '0123456789abcdef' };

/** Numbers from 0 to 1 that are the same in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A direction that is the same in every run, L2-normalised. */
export function seededVector(random: () => number): Float32Array {
  const vector = Float32Array.from(
    { length: unifiedDimension },
    () => random() + random() + random() + random() - 2,
  );
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

export const innerProduct = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** A record with nothing said of its document, but for what is given. */
export const vectorRecord = (chunkId: string, given: Partial<VectorRecord> = {}): VectorRecord => ({
  chunkId,
  tenant: 'acme',
  documentId: `doc-${chunkId}`,
  modality: 'TEXT',
  vector: seededVector(
    seededRandom([...chunkId].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7)),
  ),
  searchText: `passage ${chunkId}`,
  year: null,
  author: null,
  tags: [],
  source: null,
  publishedAtMs: null,
  containsPii: false,
  metadata: {},
  ...given,
});

const hostileTexts = [
  "it's",
  "''; drop table documents; --",
  'back\\slash\\',
  '100%_wild',
  '"double"',
  'new\nline\ttab',
  'ünïcödé — 漢字 😀',
  '\u0001\u007f',
  '$1 {{y}} `z` %s',
  'true',
  'NULL',
];

const hostileQueries = [
  '"an open quote',
  '+passage -passage',
  '(passage',
  'passage) OR (1=1',
  'AND OR NOT',
  'passage AND',
  '*',
  'passage~2^9',
  'search_text:passage',
  '{"match":{"query":"passage"}}',
  '😀',
  '\u0000',
  ' ',
  'the of and',
  'x'.repeat(8_192),
  'passage '.repeat(1_024),
  Array.from({ length: 1_600 }, (_, index) => `w${index}`).join(' '),
];

/**
 * What every vector store promises. `open` gives a store that is empty; `reopen`, where there is one, a
 * second client of the store opened last, as another process would have it.
 */
export function describeVectorStore(
  name: string,
  open: () => Promise<VectorStore>,
  reopen?: () => Promise<VectorStore>,
): void {
  const ids = (candidates: readonly { readonly chunkId: string }[]) =>
    candidates.map((candidate) => candidate.chunkId);
  const anything = seededVector(seededRandom(1));

  const matching = async (store: VectorStore, filter: Filter | null, tenant = 'acme') =>
    ids(await store.searchDense({ collection, tenant, filter, limit: 100, vector: anything })).sort();

  const withStore = (text: string, work: (store: VectorStore) => Promise<void>) =>
    it(text, async () => {
      await using store = await open();
      await work(store);
    });

  describe(`${name}: writing and removing`, () => {
    withStore('finds nothing in a collection that does not exist', async (store) => {
      expect(await matching(store, null)).toEqual([]);
      const query = { collection, tenant: 'acme', filter: null, limit: 5, text: 'passage' };
      expect(await store.searchSparse(query)).toEqual([]);
      expect(await store.deleteChunks(collection, 'acme', ['a'])).toBe(0);
      expect(await store.deleteDocuments('acme', ['a'])).toBe(0);
      expect(await store.vectors(collection, 'acme', ['a'])).toEqual(new Map());
      expect(await collect(store.listChunks(collection, null))).toEqual([]);
      expect(await store.collections()).toEqual([]);
      await store.optimize();
    });

    withStore('writes the same chunk twice as one, and a changed one in its place', async (store) => {
      const record = vectorRecord('a', { searchText: 'apples', author: 'Ann' });
      await store.upsert(collection, [record]);
      await store.upsert(collection, [record]);
      await store.upsert(collection, []);
      expect(await matching(store, null)).toEqual(['a']);
      await store.upsert(collection, [{ ...record, searchText: 'pears', author: 'Ben' }]);
      const sparse = async (text: string) =>
        ids(await store.searchSparse({ collection, tenant: 'acme', filter: null, limit: 5, text }));
      expect(await sparse('apples')).toEqual([]);
      expect(await sparse('pears')).toEqual(['a']);
      expect(await matching(store, { kind: 'authorIn', authors: ['Ann'] })).toEqual([]);
      expect(await matching(store, { kind: 'authorIn', authors: ['Ben'] })).toEqual(['a']);
    });

    withStore('takes the last of several records of one chunk in one call', async (store) => {
      await store.upsert(collection, [vectorRecord('a', { year: 1 }), vectorRecord('a', { year: 2 })]);
      expect(await matching(store, null)).toEqual(['a']);
      expect(await matching(store, { kind: 'yearRange', from: 2, to: 2 })).toEqual(['a']);
    });

    withStore('shows a deletion at once, and says how many were there', async (store) => {
      await store.upsert(collection, [vectorRecord('a'), vectorRecord('b'), vectorRecord('c')]);
      await store.optimize();
      expect(await store.deleteChunks(collection, 'acme', ['a', 'unknown'])).toBe(1);
      expect(await matching(store, null)).toEqual(['b', 'c']);
      const text = 'passage';
      const sparse = await store.searchSparse({ collection, tenant: 'acme', filter: null, limit: 5, text });
      expect(ids(sparse).sort()).toEqual(['b', 'c']);
      expect(await store.deleteChunks(collection, 'acme', ['a'])).toBe(0);
      expect(await store.deleteChunks(collection, 'other', ['b'])).toBe(0);
    });

    withStore('deletes documents from every collection', async (store) => {
      const pictures: CollectionName = { family: 'image', fingerprint: 'fedcba9876543210' };
      await store.upsert(collection, [
        vectorRecord('a', { documentId: 'one' }),
        vectorRecord('b', { documentId: 'one' }),
        vectorRecord('c', { documentId: 'two' }),
        vectorRecord('d', { documentId: 'one', tenant: 'other' }),
      ]);
      await store.upsert(pictures, [vectorRecord('e', { documentId: 'one', modality: 'IMAGE' })]);
      const names = await store.collections();
      expect(names.sort((x, y) => x.family.localeCompare(y.family))).toEqual([pictures, collection]);
      expect(await store.deleteDocuments('acme', ['one', 'unknown'])).toBe(3);
      expect(await matching(store, null)).toEqual(['c']);
      expect(await matching(store, null, 'other')).toEqual(['d']);
    });

    withStore('keeps every one of many concurrent writes, each once', async (store) => {
      const writers = Array.from({ length: 12 }, (_, writer) =>
        store.upsert(collection, [
          vectorRecord('shared', { year: writer }),
          ...Array.from({ length: 5 }, (_unused, index) => vectorRecord(`${writer}-${index}`)),
        ]),
      );
      await Promise.all([...writers, store.optimize()]);
      const listed = await collect(store.listChunks(collection, null));
      expect(listed).toHaveLength(61);
      expect(new Set(ids(listed)).size).toBe(61);
    });

    withStore(
      'shows each of many concurrent writers its own writes as soon as they are done',
      async (store) => {
        const writer = async (index: number) => {
          const [kept, gone] = [`kept-${index}`, `gone-${index}`];
          await store.upsert(collection, [vectorRecord(kept), vectorRecord(gone)]);
          const filter: Filter = { kind: 'documentIn', documentIds: [`doc-${kept}`, `doc-${gone}`] };
          expect(await matching(store, filter)).toEqual([gone, kept]);
          const removed =
            index % 2 === 0
              ? await store.deleteChunks(collection, 'acme', [gone, 'unknown'])
              : await store.deleteDocuments('acme', [`doc-${gone}`]);
          expect(removed).toBe(1);
          expect(await matching(store, filter)).toEqual([kept]);
          await store.upsert(collection, [vectorRecord(kept, { year: index })]);
          expect(await matching(store, { kind: 'yearRange', from: index, to: index })).toEqual([kept]);
        };
        const indices = Array.from({ length: 20 }, (_, index) => index);
        await Promise.all(indices.map(writer));
        expect(await matching(store, null)).toEqual(indices.map((index) => `kept-${index}`).sort());
      },
    );

    withStore('lets writes to one chunk take effect in the order in which they came', async (store) => {
      const years = Array.from({ length: 10 }, (_, index) => 1990 + index);
      const [, removed] = await Promise.all([
        store.upsert(collection, [vectorRecord('a'), vectorRecord('b')]),
        store.deleteChunks(collection, 'acme', ['b']),
        ...years.map((year) => store.upsert(collection, [vectorRecord('a', { year })])),
      ]);
      expect(removed).toBe(1);
      expect(await matching(store, null)).toEqual(['a']);
      expect(await matching(store, { kind: 'yearRange', from: 1999, to: 1999 })).toEqual(['a']);
    });

    withStore('fails only the writer whose record is wrong', async (store) => {
      const outcomes = await Promise.allSettled(
        ['a', 'b', 'wrong', 'c'].map((chunkId) => {
          const record = vectorRecord(chunkId);
          const vector = chunkId === 'wrong' ? new Float32Array(3) : record.vector;
          return store.upsert(collection, [{ ...record, vector }]);
        }),
      );
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect(await matching(store, null)).toEqual(['a', 'b', 'c']);
    });

    withStore('writes for the others when one caller has gone', async (store) => {
      const leaving = new AbortController();
      const writes = ['a', 'b', 'left', 'c'].map((chunkId) =>
        store.upsert(collection, [vectorRecord(chunkId)], chunkId === 'left' ? leaving.signal : undefined),
      );
      leaving.abort(new Error('the caller has gone'));
      const outcomes = await Promise.allSettled(writes);
      expect(outcomes[2]).toMatchObject({ status: 'rejected', reason: { message: 'the caller has gone' } });
      expect(await matching(store, { kind: 'documentIn', documentIds: ['doc-a', 'doc-b', 'doc-c'] })).toEqual(
        ['a', 'b', 'c'],
      );
    });

    withStore('lists every chunk, of one tenant or of all', async (store) => {
      await store.upsert(collection, [vectorRecord('a'), vectorRecord('b', { tenant: 'other' })]);
      expect(await collect(store.listChunks(collection, 'acme'))).toEqual([
        { tenant: 'acme', chunkId: 'a', documentId: 'doc-a' },
      ]);
      expect(ids(await collect(store.listChunks(collection, null))).sort()).toEqual(['a', 'b']);
    });

    withStore('gives stored vectors back as they were', async (store) => {
      const record = vectorRecord('a');
      await store.upsert(collection, [record, vectorRecord('b', { tenant: 'other' })]);
      const found = await store.vectors(collection, 'acme', ['a', 'b', 'unknown']);
      expect([...found.keys()]).toEqual(['a']);
      expect(found.get('a')).toEqual(record.vector);
    });

    withStore('stops waiting when the caller has gone', async (store) => {
      await store.upsert(collection, [vectorRecord('a')]);
      const gone = AbortSignal.abort(new Error('the caller has gone'));
      const query = { collection, tenant: 'acme', filter: null, limit: 5 };
      await expect(store.searchDense({ ...query, vector: anything }, gone)).rejects.toThrow('gone');
      await expect(store.searchSparse({ ...query, text: 'passage' }, gone)).rejects.toThrow('gone');
    });

    if (reopen !== undefined) {
      withStore('shows each process at once what another has written', async (store) => {
        await using other = await reopen();
        for (let round = 0; round < 5; round++) {
          await store.upsert(collection, [vectorRecord(`a${round}`)]);
          expect(await matching(other, null)).toHaveLength(round * 2 + 1);
          await other.upsert(collection, [vectorRecord(`b${round}`)]);
          expect(await matching(store, null)).toHaveLength(round * 2 + 2);
        }
        expect(await other.deleteDocuments('acme', ['doc-a0'])).toBe(1);
        expect(await matching(store, null)).not.toContain('a0');
      });
    }
  });

  describe(`${name}: searching`, () => {
    const random = seededRandom(42);
    const records = Array.from({ length: 300 }, (_, index) =>
      vectorRecord(`c${String(index).padStart(3, '0')}`, {
        vector: seededVector(random),
        documentId: `doc-${index % 30}`,
        searchText: `${index % 2 === 0 ? 'turbine blades' : 'wing'} and ${index % 10 === 0 ? 'heat' : 'flow'} ${index}`,
        year: 1950 + (index % 10),
      }),
    );
    let store: VectorStore;
    beforeAll(async () => {
      store = await open();
      await store.upsert(collection, records.slice(0, 200));
      await store.optimize();
      await store.upsert(collection, records.slice(200));
    });
    afterAll(() => store[Symbol.asyncDispose]());

    it('orders by inner product, exactly, as brute force does', async () => {
      const query = seededVector(random);
      for (const filter of [null, { kind: 'yearRange', from: 1953, to: 1955 } as const]) {
        const expected = records
          .filter(({ year }) => filter === null || (year !== null && year >= 1953 && year <= 1955))
          .map(({ chunkId, vector }) => ({ chunkId, score: innerProduct(vector, query) }))
          .sort((a, b) => b.score - a.score)
          .slice(0, 20);
        const found = await store.searchDense({
          collection,
          tenant: 'acme',
          filter,
          limit: 20,
          vector: query,
        });
        expect(ids(found)).toEqual(ids(expected));
        found.forEach((hit, rank) => {
          expect(hit.score).toBeCloseTo(expected[rank]?.score ?? Number.NaN, 4);
        });
      }
    });

    it('finds by words, any of them, the rarer counting for more', async () => {
      const query = { collection, tenant: 'acme', filter: null, limit: 300 };
      const found = await store.searchSparse({ ...query, text: 'blade heat' });
      expect(found).toHaveLength(150);
      expect(found.slice(0, 30).every(({ chunkId }) => chunkId.endsWith('0'))).toBe(true);
      expect(found.every(({ score }) => score > 0)).toBe(true);
      expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).sort((a, b) => b - a));
      expect(ids(await store.searchSparse({ ...query, text: '299' }))).toEqual(['c299']);
      expect(await store.searchSparse({ ...query, text: 'zebra' })).toEqual([]);
    });

    it('prunes by the filter before it takes the best', async () => {
      const filter: Filter = { kind: 'documentIn', documentIds: ['doc-7'] };
      const query = { collection, tenant: 'acme', filter, limit: 5 };
      const dense = await store.searchDense({ ...query, vector: anything });
      expect(dense).toHaveLength(5);
      expect(dense.every(({ documentId }) => documentId === 'doc-7')).toBe(true);
      const sparse = await store.searchSparse({ ...query, text: 'wing' });
      expect(sparse).toHaveLength(5);
      expect(sparse.every(({ documentId }) => documentId === 'doc-7')).toBe(true);
    });

    it('gives no more than the limit, and another tenant nothing', async () => {
      const query = { collection, tenant: 'acme', filter: null, vector: anything, text: 'flow' };
      expect(await store.searchDense({ ...query, limit: 7 })).toHaveLength(7);
      expect(await store.searchSparse({ ...query, limit: 7 })).toHaveLength(7);
      expect(await store.searchDense({ ...query, limit: 1_000 })).toHaveLength(300);
      const stranger = { ...query, tenant: "acme' OR 'a'='a", limit: 10 };
      expect(await store.searchDense(stranger)).toEqual([]);
      expect(await store.searchSparse(stranger)).toEqual([]);
    });

    it.each(hostileQueries.map((text) => [text.slice(0, 30), text]))('takes %j as words', async (_, text) => {
      const found = await store.searchSparse({ collection, tenant: 'acme', filter: null, limit: 5, text });
      expect(found.length).toBeLessThanOrEqual(5);
    });
  });

  describe.each([false, true])(`${name}: filters, %s that they are indexed`, (indexed) => {
    const all = ['a', 'b', 'c', 'd'];
    let store: VectorStore;
    beforeAll(async () => {
      store = await open();
      await store.upsert(collection, [
        vectorRecord('a', {
          year: 1999,
          author: 'Ann',
          tags: ['red', 'big'],
          source: 's/1',
          publishedAtMs: Date.UTC(2020, 0, 1),
          containsPii: true,
          metadata: { project: { phase: 'alpha', budget: 12.5 }, n: 1, open: true, list: [1], none: null },
        }),
        vectorRecord('b', {
          year: 2005,
          author: "O'Hara",
          tags: ['red'],
          source: 's/2',
          publishedAtMs: Date.UTC(2021, 0, 1),
          metadata: { project: { phase: 'beta', budget: -3e-7 }, n: '1', open: false, a: { b: { c: 1e21 } } },
        }),
        vectorRecord('c', {
          modality: 'TABLE',
          tags: hostileTexts,
          metadata: {
            texts: { 'ключ_1-x': hostileTexts[6] },
            quote: hostileTexts[1],
            'dotted.key': 1,
            nn: 1,
          },
        }),
        vectorRecord('d'),
        ...Array.from({ length: 3 }, (_, index) =>
          vectorRecord(`x${index}`, { tenant: 'other', year: 1999 }),
        ),
      ]);
      if (indexed) await store.optimize();
    });
    afterAll(() => store[Symbol.asyncDispose]());

    const at = (path: string) => path.split('.');
    const cases: readonly (readonly [string, Filter, readonly string[]])[] = [
      ['year in a range', { kind: 'yearRange', from: 1999, to: 2004 }, ['a']],
      ['year from', { kind: 'yearRange', from: 2000, to: null }, ['b']],
      ['year past what fits', { kind: 'yearRange', from: -1e12, to: 1e12 }, ['a', 'b']],
      ['author', { kind: 'authorIn', authors: ['Ann', "O'Hara"] }, ['a', 'b']],
      ['no author', { kind: 'authorIn', authors: [] }, []],
      ['source', { kind: 'sourceIn', sources: ['s/2'] }, ['b']],
      ['document', { kind: 'documentIn', documentIds: ['doc-d', 'doc-x0'] }, ['d']],
      ['modality', { kind: 'modalityIn', modalities: ['TABLE', 'IMAGE'] }, ['c']],
      ['all tags', { kind: 'tagsAll', tags: ['red', 'big'] }, ['a']],
      ['all of no tags', { kind: 'tagsAll', tags: [] }, all],
      ['any tag', { kind: 'tagsAny', tags: ['big', 'red', 'none'] }, ['a', 'b']],
      ['any of no tags', { kind: 'tagsAny', tags: [] }, []],
      [
        'published in a range, its end left out',
        { kind: 'publishedRange', fromMs: Date.UTC(2020, 0, 1), beforeMs: Date.UTC(2021, 0, 1) },
        ['a'],
      ],
      ['personal data', { kind: 'containsPii', value: true }, ['a']],
      ['no personal data', { kind: 'containsPii', value: false }, ['b', 'c', 'd']],
      ['a nested text', { kind: 'metadataIn', path: at('project.phase'), values: ['alpha', 'x'] }, ['a']],
      ['a number, which no text equals', { kind: 'metadataIn', path: ['n'], values: [1] }, ['a']],
      ['a text, which no number equals', { kind: 'metadataIn', path: ['n'], values: ['1'] }, ['b']],
      ['a boolean', { kind: 'metadataIn', path: ['open'], values: [false] }, ['b']],
      ['a huge number', { kind: 'metadataIn', path: at('a.b.c'), values: [1e21] }, ['b']],
      ['no value', { kind: 'metadataIn', path: ['n'], values: [] }, []],
      [
        'greater',
        { kind: 'metadataCompare', path: at('project.budget'), operator: '>', value: -1 },
        ['a', 'b'],
      ],
      [
        'at least',
        { kind: 'metadataCompare', path: at('project.budget'), operator: '>=', value: 12.5 },
        ['a'],
      ],
      ['less', { kind: 'metadataCompare', path: at('project.budget'), operator: '<', value: 0 }, ['b']],
      ['at most, of texts too', { kind: 'metadataCompare', path: ['n'], operator: '<=', value: 5 }, ['a']],
      ['more than huge', { kind: 'metadataCompare', path: at('a.b.c'), operator: '>', value: 1e20 }, ['b']],
      ['a path that is there', { kind: 'metadataExists', path: ['project'] }, ['a', 'b']],
      ['a path to null', { kind: 'metadataExists', path: ['none'] }, ['a']],
      ['a path to a list', { kind: 'metadataExists', path: ['list'] }, ['a']],
      ['a path that ends earlier', { kind: 'metadataExists', path: at('n.m') }, []],
      [
        'a path in other letters',
        { kind: 'metadataIn', path: at('texts.ключ_1-x'), values: [hostileTexts[6] ?? ''] },
        ['c'],
      ],
      ['a hostile value', { kind: 'metadataIn', path: ['quote'], values: [hostileTexts[1] ?? ''] }, ['c']],
    ];

    it.each(cases)('%s', async (_, filter, expected) => {
      expect(await matching(store, filter)).toEqual(expected);
      // Whatever a document lacks, it matches either a condition or that condition's opposite.
      const others = all.filter((id) => !expected.includes(id));
      expect(await matching(store, { kind: 'not', filter })).toEqual(others);
      expect(await matching(store, { kind: 'not', filter: { kind: 'not', filter } })).toEqual(expected);
    });

    it.each(hostileTexts)('a tag %j', async (tag) => {
      expect(await matching(store, { kind: 'tagsAny', tags: [tag] })).toEqual(['c']);
      expect(await matching(store, { kind: 'tagsAll', tags: [tag, "it's"] })).toEqual(['c']);
      expect(await matching(store, { kind: 'authorIn', authors: [tag] })).toEqual([]);
    });

    it('and, or and not, together', async () => {
      const red: Filter = { kind: 'tagsAny', tags: ['red'] };
      const old: Filter = { kind: 'yearRange', from: null, to: 2000 };
      expect(await matching(store, { kind: 'and', filters: [red, old] })).toEqual(['a']);
      expect(await matching(store, { kind: 'and', filters: [red, { kind: 'not', filter: old }] })).toEqual([
        'b',
      ]);
      const either: Filter = { kind: 'or', filters: [old, { kind: 'modalityIn', modalities: ['TABLE'] }] };
      expect(await matching(store, either)).toEqual(['a', 'c']);
      expect(await matching(store, { kind: 'not', filter: either })).toEqual(['b', 'd']);
      expect(await matching(store, { kind: 'and', filters: [] })).toEqual(all);
      expect(await matching(store, { kind: 'or', filters: [] })).toEqual([]);
    });

    it('holds for words as for vectors, and never reaches another tenant', async () => {
      const filter: Filter = { kind: 'or', filters: [{ kind: 'yearRange', from: 1999, to: 1999 }] };
      const found = await store.searchSparse({
        collection,
        tenant: 'acme',
        filter,
        limit: 9,
        text: 'passage',
      });
      expect(ids(found)).toEqual(['a']);
      expect(await matching(store, filter)).toEqual(['a']);
      expect(await matching(store, filter, 'other')).toEqual(['x0', 'x1', 'x2']);
    });
  });
}
