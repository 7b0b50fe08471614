import { describe, expect, it } from 'vitest';
import type { Modality } from '../../platform/types.ts';
import { collapse, fuse, rank } from './fuse.ts';
import type { CandidateList, Plan, SearchMethod, VectorSpace } from './types.ts';
import { weighDocuments } from './weigh-documents.ts';

const list = (
  method: SearchMethod,
  passages: readonly (readonly [chunkId: string, score: number, documentId?: string])[],
  modality: Modality = 'TEXT',
  space: VectorSpace = 'TEXT',
): CandidateList => ({
  source: { modality, space, method, tier: 'HOT', collection: { family: 'text', fingerprint: '0' } },
  candidates: passages.map(([chunkId, score, documentId]) => ({
    chunkId,
    documentId: documentId ?? `doc-${chunkId}`,
    modality,
    score,
  })),
});

const planOf = (given: Partial<Plan>): Plan => ({
  tenant: 'acme',
  query: { kind: 'text', text: 'words' },
  upload: null,
  filter: null,
  sources: [],
  skipped: [],
  includeCold: false,
  offset: 0,
  first: 10,
  perDocument: null,
  depth: 400,
  reach: 200,
  failFast: false,
  explain: false,
  fingerprint: '0',
  givenMs: 10_000,
  deadlineMs: 0,
  ...given,
});

describe('fuse', () => {
  it('adds reciprocal ranks, as computed by hand', () => {
    const dense = list('DENSE', [
      ['a', 0.9],
      ['b', 0.8],
      ['c', 0.7],
    ]);
    const sparse = list('SPARSE', [
      ['b', 12],
      ['d', 11],
      ['a', 3],
    ]);
    const fused = fuse([dense, sparse], {});
    expect(fused.map(({ chunkId }) => chunkId)).toEqual(['b', 'a', 'd', 'c']);
    const [b, a, d, c] = fused.map(({ fused }) => fused);
    expect(b).toBeCloseTo(1 / 62 + 1 / 61, 12);
    expect(a).toBeCloseTo(1 / 61 + 1 / 63, 12);
    expect(d).toBeCloseTo(1 / 62, 12);
    expect(c).toBeCloseTo(1 / 63, 12);
    expect(fused[0]).toMatchObject({
      dense: 0.8,
      sparse: 12,
      boost: 1,
      ranks: { 'TEXT/DENSE': 2, 'TEXT/SPARSE': 1 },
    });
    expect(fused[2]).toMatchObject({ dense: null, sparse: 11, ranks: { 'TEXT/SPARSE': 2 } });
  });

  it('weighs modalities, and says by how much', () => {
    const fused = fuse([list('DENSE', [['a', 0.9]]), list('DENSE', [['p', 0.9]], 'IMAGE')], { IMAGE: 1.5 });
    expect(fused.map(({ chunkId }) => chunkId)).toEqual(['p', 'a']);
    const [picture, text] = fused;
    expect([picture?.boost, text?.boost]).toEqual([1.5, 1]);
    expect(picture?.relevance).toBe(text?.relevance);
    expect(picture?.score).toBeCloseTo(1 - (1 - (text?.score ?? 0)) ** 1.5, 12);
    expect(picture?.fused).toBeCloseTo(1 / 61, 12);
    const [alone] = fuse([list('DENSE', [['p', 0.5]], 'IMAGE')], { IMAGE: 1.5 });
    expect(alone).toMatchObject({ boost: 1.5, relevance: null, calibrations: [] });
    expect(alone?.score).toBeCloseTo(1.5 / 61, 12);
  });

  it('orders equal scores by id, whatever order the lists come in', () => {
    const lists = [list('DENSE', [['z', 1]]), list('SPARSE', [['a', 1]])];
    expect(fuse(lists, {}).map(({ chunkId }) => chunkId)).toEqual(['a', 'z']);
    expect(fuse(lists.reverse(), {}).map(({ chunkId }) => chunkId)).toEqual(['a', 'z']);
  });

  it('is empty where nothing was found', () => {
    expect(fuse([], {})).toEqual([]);
    expect(fuse([list('DENSE', [])], {})).toEqual([]);
  });
});

describe('weighDocuments', () => {
  it('puts a passage that its document bears out before one that stands alone in its document', () => {
    const { candidates } = list('SPARSE', [
      ['lone', 10, 'one'],
      ['borne-out', 9.9, 'two'],
      ['bearer', 9.8, 'two'],
      ['stray', 1, 'one'],
    ]);
    // 0.7 · 10 + 0.3 · 5.5 = 8.65; 0.7 · 9.9 + 0.3 · 9.85 = 9.885; 0.7 · 9.8 + 2.955 = 9.815; 0.7 + 1.65 = 2.35
    expect(weighDocuments(candidates).map(({ chunkId, score }) => [chunkId, score])).toEqual([
      ['borne-out', 9.9],
      ['bearer', 9.8],
      ['lone', 10],
      ['stray', 1],
    ]);
  });
});

describe('collapse and rank', () => {
  const long = (method: SearchMethod, count: number, step: number) =>
    list(
      method,
      Array.from({ length: count }, (_, index) => [
        `c${String((index * step) % 1_009).padStart(4, '0')}`,
        2_000 - index,
        `doc-${index % 150}`,
      ]),
    );

  it('keeps the best hits of each document', () => {
    const fused = fuse(
      [
        list('DENSE', [
          ['a', 3, 'one'],
          ['b', 2.9, 'one'],
          ['c', 2.8, 'one'],
          ['d', 1, 'two'],
        ]),
      ],
      {},
    );
    expect(collapse(fused, 1).map(({ chunkId }) => chunkId)).toEqual(['a', 'd']);
    expect(collapse(fused, 2).map(({ chunkId }) => chunkId)).toEqual(['a', 'b', 'd']);
    expect(collapse(fused, null)).toHaveLength(4);
  });

  it.each([null, 1, 3])(
    'gives the first hits in the same order however deep it looks (per document: %s)',
    (perDocument) => {
      const lists = [long('DENSE', 1_000, 7), long('SPARSE', 1_000, 11)];
      const shallow = rank(lists, planOf({ depth: 400, perDocument }), {});
      const deep = rank(lists, planOf({ depth: 1_000, perDocument }), {});
      expect(deep.slice(0, 200)).toEqual(shallow.slice(0, 200));
      expect(new Set(deep.map(({ chunkId }) => chunkId)).size).toBe(deep.length);
      expect(deep.length).toBeLessThanOrEqual(1_000);
      const scores = deep.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
    },
  );
});
