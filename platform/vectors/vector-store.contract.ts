import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CollectionName, Filter, VectorStore } from '../ports/vector-store.ts';
import { collect } from '../testing/collect.ts';
import { eventually } from '../testing/eventually.ts';
import { type Expected, expectSparse } from './testing/expect-sparse.ts';
import {
  testCollection as collection,
  innerProduct,
  seededRandom,
  seededVector,
  vectorRecord,
} from './testing/vector-records.ts';
import { describeVectorFilters } from './vector-filters.contract.ts';

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
 * second client of the store opened last, as another process would have it; `expected` is what it can do.
 */
export function describeVectorStore(
  name: string,
  open: () => Promise<VectorStore>,
  reopen?: () => Promise<VectorStore>,
  expected: Expected = { sparse: true },
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
      await expectSparse(expected, store, query, (found) => expect(found).toEqual([]));
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
      const query = { collection, tenant: 'acme', filter: null, limit: 5 };
      await expectSparse(expected, store, { ...query, text: 'apples' }, (found) =>
        expect(ids(found)).toEqual([]),
      );
      await expectSparse(expected, store, { ...query, text: 'pears' }, (found) =>
        expect(ids(found)).toEqual(['a']),
      );
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
      const query = { collection, tenant: 'acme', filter: null, limit: 5, text: 'passage' };
      await expectSparse(expected, store, query, (found) => expect(ids(found).sort()).toEqual(['b', 'c']));
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
      const sounds: CollectionName = { family: 'audio', fingerprint: '0f1e2d3c4b5a6978' };
      await store.upsert(pictures, [vectorRecord('e', { documentId: 'one', modality: 'IMAGE' })]);
      await store.upsert(sounds, [
        vectorRecord('f', { documentId: 'one', modality: 'AUDIO' }),
        vectorRecord('g', { documentId: 'two', modality: 'AUDIO' }),
      ]);
      const names = await store.collections();
      expect(names.sort((x, y) => x.family.localeCompare(y.family))).toEqual([sounds, pictures, collection]);
      expect(await store.deleteDocuments('acme', ['one', 'unknown'])).toBe(4);
      expect(ids(await collect(store.listChunks(sounds, null)))).toEqual(['g']);
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

    withStore('keeps hot and cold apart, and deletes documents from both', async (store) => {
      const cold: CollectionName = { ...collection, tier: 'cold' };
      await store.upsert(collection, [vectorRecord('a', { documentId: 'one' })]);
      await store.upsert(cold, [vectorRecord('a', { documentId: 'one' }), vectorRecord('b')]);
      expect(await matching(store, null)).toEqual(['a']);
      const query = { tenant: 'acme', filter: null, limit: 5, vector: anything };
      const found = await store.searchDense({ ...query, collection: cold });
      expect(ids(found).sort()).toEqual(['a', 'b']);
      const names = await store.collections();
      expect(names.sort((x, y) => (x.tier ?? '').localeCompare(y.tier ?? ''))).toEqual([collection, cold]);
      expect(await store.deleteChunks(cold, 'acme', ['b'])).toBe(1);
      expect(ids(await collect(store.listChunks(cold, null)))).toEqual(['a']);
      expect(await store.deleteDocuments('acme', ['one'])).toBe(2);
      expect(await collect(store.listChunks(cold, null))).toEqual([]);
      expect(await matching(store, null)).toEqual([]);
    });

    withStore('says what it can do', async (store) => {
      const { vendor, version, sparse, maxLimit } = await store.capabilities();
      expect(vendor).not.toBe('');
      expect(version).toMatch(/\d+\.\d+/);
      expect(sparse).toBe(expected.sparse);
      expect(maxLimit).toBeGreaterThanOrEqual(1_000);
      await store.upsert(collection, [vectorRecord('a'), vectorRecord('b')]);
      const query = { collection, tenant: 'acme', filter: null, vector: anything };
      expect(await store.searchDense({ ...query, limit: maxLimit })).toHaveLength(2);
    });

    withStore('finds the same for those who can wait a moment, in the end', async (store) => {
      await store.upsert(collection, [vectorRecord('a')]);
      const query = { collection, tenant: 'acme', filter: null, limit: 5, vector: anything } as const;
      expect(ids(await store.searchDense({ ...query, consistency: 'latest' }))).toEqual(['a']);
      await eventually(async () => {
        const found = await store.searchDense({ ...query, consistency: 'bounded' });
        return found.length === 1 && found[0]?.chunkId === 'a';
      });
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
      await expect(store.upsert(collection, [vectorRecord('b')], gone)).rejects.toThrow('gone');
      await expect(store.deleteDocuments('acme', ['doc-a'], gone)).rejects.toThrow('gone');
      expect(await matching(store, null)).toEqual(['a']);
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
      await expectSparse(expected, store, { ...query, text: 'blade heat' }, (found) => {
        expect(found).toHaveLength(150);
        expect(found.slice(0, 30).every(({ chunkId }) => chunkId.endsWith('0'))).toBe(true);
        expect(found.every(({ score }) => score > 0)).toBe(true);
        expect(found.map(({ score }) => score)).toEqual(
          found.map(({ score }) => score).sort((a, b) => b - a),
        );
      });
      await expectSparse(expected, store, { ...query, text: '299' }, (found) =>
        expect(ids(found)).toEqual(['c299']),
      );
      await expectSparse(expected, store, { ...query, text: 'zebra' }, (found) => expect(found).toEqual([]));
    });

    it('prunes by the filter before it takes the best', async () => {
      const filter: Filter = { kind: 'documentIn', documentIds: ['doc-7'] };
      const query = { collection, tenant: 'acme', filter, limit: 5 };
      const dense = await store.searchDense({ ...query, vector: anything });
      expect(dense).toHaveLength(5);
      expect(dense.every(({ documentId }) => documentId === 'doc-7')).toBe(true);
      await expectSparse(expected, store, { ...query, text: 'wing' }, (sparse) => {
        expect(sparse).toHaveLength(5);
        expect(sparse.every(({ documentId }) => documentId === 'doc-7')).toBe(true);
      });
    });

    it('gives no more than the limit, and another tenant nothing', async () => {
      const query = { collection, tenant: 'acme', filter: null, vector: anything, text: 'flow' };
      expect(await store.searchDense({ ...query, limit: 7 })).toHaveLength(7);
      await expectSparse(expected, store, { ...query, limit: 7 }, (found) => expect(found).toHaveLength(7));
      expect(await store.searchDense({ ...query, limit: 1_000 })).toHaveLength(300);
      const stranger = { ...query, tenant: "acme' OR 'a'='a", limit: 10 };
      expect(await store.searchDense(stranger)).toEqual([]);
      await expectSparse(expected, store, stranger, (found) => expect(found).toEqual([]));
    });

    it.each(hostileQueries.map((text) => [text.slice(0, 30), text]))('takes %j as words', async (_, text) => {
      const query = { collection, tenant: 'acme', filter: null, limit: 5, text };
      await expectSparse(expected, store, query, (found) => expect(found.length).toBeLessThanOrEqual(5));
    });
  });

  describeVectorFilters(name, open, expected);
}
