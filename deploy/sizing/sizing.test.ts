import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { resultsSchema } from '../../bench/harness/report.ts';
import { projectFile } from '../../platform/project-file.ts';
import { computeSizing } from './compute-sizing.ts';
import { readFigures } from './figures.ts';
import { renderSizing, replaceSizing } from './render-sizing.ts';

const figures = await readFigures();
const results = resultsSchema.parse(JSON.parse(await readFile(projectFile('bench/results.json'), 'utf8')));

function benched(report: string, contender: string, what: string): number {
  const found = results.reports
    .find(({ name }) => name === report)
    ?.figures.find((figure) => figure.contender === contender && figure.what === what);
  if (!found) throw new Error(`bench/results.json has no ${what} of ${contender} in ${report}.`);
  return found.median;
}

describe('sizing', () => {
  it('stands in the guide as it is computed', async () => {
    const document = await readFile(projectFile('docs/cluster/sizing.md'), 'utf8');
    expect(replaceSizing(document, renderSizing(figures)), 'run `npm run sizing`').toBe(document);
  });

  it('rests on figures of the order of those that were measured last', () => {
    const search = (contender: string) => benched('search', contender, 'hybrid, latency p50');
    const pairs: [number, number][] = [
      [
        figures.measured.encodeSecondsPerPassage.value,
        benched('ingest', 'Tributary, text to searchable', 'processor time of a passage') / 1000,
      ],
      [
        figures.measured.retrievalSecondsPerSearch.value,
        (search('Tributary, retrieval subgraph') - search('LanceDB by itself') + 5) / 1000,
      ],
      [
        figures.measured.gatewaySecondsPerRequest.value,
        benched('gateway', 'Tributary gateway', 'processor time of a request') / 1000,
      ],
    ];
    // A machine that is busy measures differently; what is twice as much is another figure.
    for (const [used, measured] of pairs) {
      expect(used).toBeGreaterThan(measured / 2);
      expect(used).toBeLessThan(measured * 2);
    }
  });

  it('needs ten times the memory for ten times the vectors of one index, and enough nodes to hold it', () => {
    const ten = computeSizing(figures, { vectors: 10_000_000, searchesPerSecond: 10 });
    const hundred = computeSizing(figures, { vectors: 100_000_000, searchesPerSecond: 10 });
    expect(hundred.queryMemoryGiB).toBeCloseTo(ten.queryMemoryGiB * 10, 6);
    const room = figures.nodes.memory.memoryGiB * figures.assumed.usable.value;
    expect(hundred.queryNodes * room).toBeGreaterThanOrEqual(hundred.queryMemoryGiB);
    expect((hundred.queryNodes - 1) * room).toBeLessThan(hundred.queryMemoryGiB);
  });

  it('changes the index where the vector store does', () => {
    const index = (vectors: number) => computeSizing(figures, { vectors, searchesPerSecond: 1 }).index;
    expect(index(figures.assumed.ivfPqFrom.value - 1)).toBe('IVF_FLAT');
    expect(index(figures.assumed.ivfPqFrom.value)).toBe('IVF_PQ');
  });

  it('never goes below as many query nodes as there are copies', () => {
    const { queryNodes, replicas } = computeSizing(figures, { vectors: 2_000_000, searchesPerSecond: 1 });
    expect(queryNodes).toBe(replicas);
  });
});
