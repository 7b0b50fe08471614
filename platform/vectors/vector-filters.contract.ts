import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Filter, RowTest, VectorStore } from '../ports/vector-store.ts';
import { cellsKey, indexCells } from '../tables/cells.ts';
import { type Expected, expectSparse } from './testing/expect-sparse.ts';
import {
  testCollection as collection,
  seededRandom,
  seededVector,
  vectorRecord,
} from './testing/vector-records.ts';

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
  '"] or key != "',
  '\\") or (key != "',
  '\\u0022',
];

/** What every vector store promises of filters; a part of `describeVectorStore`. */
export function describeVectorFilters(
  name: string,
  open: () => Promise<VectorStore>,
  expected: Expected,
): void {
  const ids = (candidates: readonly { readonly chunkId: string }[]) =>
    candidates.map((candidate) => candidate.chunkId);
  const anything = seededVector(seededRandom(1));
  const matching = async (store: VectorStore, filter: Filter | null, tenant = 'acme') =>
    ids(await store.searchDense({ collection, tenant, filter, limit: 100, vector: anything })).sort();

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
          metadata: {
            ...{ project: { phase: 'alpha', budget: 12.5 }, n: 1, open: true, list: [1], none: null },
            ...{ zero: 0, long: 'x'.repeat(3_000) },
          },
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
        vectorRecord('rows', {
          tenant: 'tables',
          modality: 'TABLE',
          metadata: {
            phase: 'alpha',
            [cellsKey]: indexCells({
              rows: [
                { name: "O'Ring", price: 5, since: '2026-01-31', 'unit price': -3e-7 },
                { name: 'Bolt', price: 200, active: true },
              ],
            }),
          },
        }),
        vectorRecord('wide', {
          tenant: 'tables',
          metadata: {
            [cellsKey]: indexCells({
              rows: [Object.fromEntries(Array.from({ length: 900 }, (_, column) => [`c${column}`, 'x']))],
            }),
          },
        }),
        vectorRecord('prose', { tenant: 'tables', metadata: { phase: 'alpha' } }),
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
      ['false, which is not 0', { kind: 'metadataIn', path: ['zero'], values: [false] }, []],
      ['0, which is not false', { kind: 'metadataIn', path: ['zero'], values: [0] }, ['a']],
      ['a long text', { kind: 'metadataIn', path: ['long'], values: ['x'.repeat(3_000)] }, ['a']],
      ['a longer text', { kind: 'metadataIn', path: ['long'], values: ['x'.repeat(3_001)] }, []],
      ['no text at all', { kind: 'authorIn', authors: [''] }, []],
      ['a character for private use', { kind: 'authorIn', authors: ['\uE000'] }, []],
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

    const cellCases: readonly (readonly [string, RowTest, readonly string[]])[] = [
      ['a number above', [{ column: 'Price', operator: '>', value: 100 }], ['rows']],
      ['no number above', [{ column: 'price', operator: '>', value: 200 }], []],
      ['a number below', [{ column: ' unit  PRICE ', operator: '<', value: 0 }], ['rows']],
      ['no number below', [{ column: 'price', operator: '<', value: 5 }], []],
      [
        'a number between, which only the rows can tell',
        [{ column: 'price', operator: 'in', values: [7] }],
        ['rows'],
      ],
      ['no number at all', [{ column: 'price', operator: 'in', values: [1_000] }], []],
      ['a text', [{ column: 'name', operator: 'in', values: ['Nut', "O'Ring"] }], ['rows']],
      ['another text', [{ column: 'name', operator: 'in', values: ['Ring'] }], []],
      ['a boolean', [{ column: 'active', operator: 'in', values: [true] }], ['rows']],
      ['a date', [{ column: 'since', operator: '>=', value: '2026-01-31' }], ['rows']],
      ['no later date', [{ column: 'since', operator: '>', value: '2026-01-31' }], []],
      ['a column', [{ column: 'since', operator: 'exists', exists: true }], ['rows']],
      ['no such column', [{ column: 'until', operator: 'exists', exists: true }], []],
      ['rows without a value', [{ column: 'since', operator: 'exists', exists: false }], ['rows']],
    ];

    it.each(cellCases)('rows of tables: %s', async (_, tests, expected) => {
      const found = await matching(store, { kind: 'cells', tests }, 'tables');
      // Of a passage with so many values a store cannot tell.
      expect(found).toEqual([...expected, 'wide']);
      const filters: Filter[] = [
        { kind: 'cells', tests },
        { kind: 'metadataIn', path: ['phase'], values: ['alpha'] },
      ];
      expect(await matching(store, { kind: 'and', filters }, 'tables')).toEqual(expected);
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
      const query = { collection, tenant: 'acme', filter, limit: 9, text: 'passage' };
      await expectSparse(expected, store, query, (found) => expect(ids(found)).toEqual(['a']));
      expect(await matching(store, filter)).toEqual(['a']);
      expect(await matching(store, filter, 'other')).toEqual(['x0', 'x1', 'x2']);
    });
  });
}
