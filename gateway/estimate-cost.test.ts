import { readFileSync } from 'node:fs';
import { getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createCostEstimator } from './estimate-cost.ts';
import { composeLibrary } from './testing/library.ts';

const of = (supergraph: string) => {
  const estimate = createCostEstimator(supergraph);
  return (query: string, variables: Record<string, unknown> = {}) => {
    const document = parse(query);
    const operation = getOperationAST(document);
    if (!operation) throw new Error('There is no operation.');
    return estimate(document, operation, variables);
  };
};

describe('estimateCost', () => {
  const cost = of(composeLibrary());

  it('counts an object as 1, a value as nothing and a mutation as 10', () => {
    expect(cost('{ whoami }')).toBe(0);
    expect(cost('{ document(id: "1") { title } }')).toBe(1);
    expect(cost('mutation { rename(id: "1", title: "a") { title } }')).toBe(11);
  });

  it('takes @cost for what it says, and 10 items where a list says nothing of its length', () => {
    expect(cost('{ search(text: "a") { tenant } }')).toBe(10);
    expect(cost('{ search(text: "a") { hits { rank } } }')).toBe(20);
  });

  it('multiplies by the length of lists: written down, in a variable, or by default', () => {
    expect(cost('{ documents(first: 7) { title } }')).toBe(7);
    expect(cost('{ documents { title } }')).toBe(20);
    expect(cost('query($n: Int) { documents(first: $n) { title } }', { n: 3 })).toBe(3);
    expect(cost('query($n: Int = 4) { documents(first: $n) { title } }')).toBe(4);
    expect(cost('{ documents(first: 5) { chunks(first: 6) { text } } }')).toBe(35);
  });

  it('counts a fragment wherever it is spread', () => {
    expect(
      cost(
        '{ a: document(id: "1") { ...f } b: document(id: "2") { ...f } } fragment f on Document { chunks(first: 2) { text } }',
      ),
    ).toBe(6);
  });

  it('counts the sized fields of a connection by its argument, in the project’s own supergraph', () => {
    const ours = of(readFileSync(new URL('../schema/supergraph.graphql', import.meta.url), 'utf8'));
    const query = (first: number) =>
      `{ documents(first: ${first}) { nodes { title } pageInfo { hasNextPage } } }`;
    expect(ours(query(50)) - ours(query(20))).toBe(30);
    expect(ours('{ search(input: {text: "a"}) { tookMs } }')).toBeGreaterThanOrEqual(10);
  });
});
