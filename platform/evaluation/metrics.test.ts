import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mean, measure, ndcg, recall, reciprocalRank } from './metrics.ts';

const judged = (entries: Record<string, number>) => new Map(Object.entries(entries));

describe('the measures, worked by hand', () => {
  it('discounts gain by the logarithm of the rank', () => {
    // DCG = 3/log2(2) + 0/log2(3) + 1/log2(4) = 3.5; ideal = 3/log2(2) + 1/log2(3) = 3.63093
    expect(ndcg(['a', 'x', 'b'], judged({ a: 3, b: 1 }), 10)).toBeCloseTo(3.5 / 3.6309297536, 9);
  });

  it('compares with the best that ten places could hold', () => {
    const judgements = judged(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`d${index}`, 1])));
    expect(
      ndcg(
        Array.from({ length: 10 }, (_, index) => `d${index + 20}`),
        judgements,
        10,
      ),
    ).toBe(1);
  });

  it('counts only what is within the depth', () => {
    expect(ndcg(['x', 'a'], judged({ a: 1 }), 1)).toBe(0);
    expect(recall(['x', 'a', 'b'], judged({ a: 1, b: 2, c: 1, d: 0 }), 2)).toBeCloseTo(1 / 3, 12);
    expect(reciprocalRank(['x', 'y', 'a'], judged({ a: 1 }), 3)).toBeCloseTo(1 / 3, 12);
    expect(reciprocalRank(['x', 'y', 'a'], judged({ a: 1 }), 2)).toBe(0);
  });

  it('gives nothing where nothing is relevant or nothing was found', () => {
    expect(measure(['a'], judged({ a: 0 }))).toEqual({ ndcgAt10: 0, recallAt100: 0, mrrAt10: 0 });
    expect(measure([], judged({ a: 1 }))).toEqual({ ndcgAt10: 0, recallAt100: 0, mrrAt10: 0 });
  });

  it('averages over queries', () => {
    expect(
      mean([
        { ndcgAt10: 1, recallAt100: 0.5, mrrAt10: 0 },
        { ndcgAt10: 0, recallAt100: 0.25, mrrAt10: 1 },
      ]),
    ).toEqual({ ndcgAt10: 0.5, recallAt100: 0.375, mrrAt10: 0.5 });
    expect(mean([])).toEqual({ ndcgAt10: 0, recallAt100: 0, mrrAt10: 0 });
  });
});

interface ReferenceCase {
  readonly judgements: Record<string, number>;
  readonly ranking: string[];
  readonly ndcgAt10: number;
  readonly recallAt100: number;
  readonly mrrAt10: number;
}

describe('the measures, beside trec_eval', () => {
  // Made by tools/reference-metrics.py.
  const lines = readFileSync(new URL('./metrics.reference.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const cases = lines.map((line) => JSON.parse(line) as ReferenceCase);

  it('has cases that tell measures apart', () => {
    expect(cases.length).toBeGreaterThanOrEqual(50);
    for (const name of ['ndcgAt10', 'recallAt100', 'mrrAt10'] as const) {
      expect(new Set(cases.map((reference) => reference[name])).size).toBeGreaterThan(5);
    }
  });

  it.each(cases.map((reference, index) => [index, reference] as const))(
    'agrees on case %i',
    (_, reference) => {
      const found = measure(reference.ranking, judged(reference.judgements));
      expect(found.ndcgAt10).toBeCloseTo(reference.ndcgAt10, 9);
      expect(found.recallAt100).toBeCloseTo(reference.recallAt100, 9);
      expect(found.mrrAt10).toBeCloseTo(reference.mrrAt10, 9);
    },
  );
});
