import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { formatNumber, renderTable, replaceTable, tableOf } from './harness/render.ts';
import { type Results, resultsSchema } from './harness/report.ts';

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');

const results: Results = {
  machine: { processor: 'A processor', cores: 2, memoryGiB: 24, system: 'Linux 6.1', node: '20.19.0' },
  reports: [
    {
      name: 'gateway',
      title: 'Gateway',
      setup: [],
      figures: [],
      comparisons: [
        {
          what: 'Request rate',
          unit: 'requests/s',
          better: 'higher',
          ours: { contender: 'ours', median: 1234.5 },
          peer: { contender: 'a peer', median: 617.2 },
          ratio: 1.996,
        },
      ],
      seconds: 1,
      finishedAt: '2026-11-23T04:00:00.000Z',
    },
  ],
};

describe('the table of measurements', () => {
  it('in the README is the one of the newest run', async () => {
    const newest = resultsSchema.parse(JSON.parse(await read('results.json')));
    expect(tableOf(await read('../README.md'))).toBe(renderTable(newest));
  });

  it('has a row for each comparison, and says on which machine and when', () => {
    const lines = renderTable(results).split('\n');
    expect(lines).toContain('| Request rate (requests/s, ↑) | 1,235 — ours | 617 — a peer | **2.00** |');
    expect(lines.at(-1)).toContain('A processor, 2 cores');
    expect(lines.at(-1)).toContain('Node 20.19.0, 2026-11-23.');
  });

  it('goes between the marks of a page, and nothing else of the page changes', () => {
    const page = 'before\n<!-- bench -->\nold\n<!-- /bench -->\nafter';
    const changed = replaceTable(page, 'new');
    expect(tableOf(changed)).toBe('new');
    expect(changed.startsWith('before\n<!-- bench -->')).toBe(true);
    expect(changed.endsWith('<!-- /bench -->\nafter')).toBe(true);
  });

  it('cannot go into a page without marks', () => {
    expect(() => replaceTable('a page', 'new')).toThrow('<!-- bench -->');
  });

  it.each([
    [0, '0'],
    [0.012345, '0.0123'],
    [1.5, '1.5'],
    [12.345, '12.3'],
    [999.6, '1,000'],
    [12345.6, '12,346'],
  ])('writes %d as %s', (value, written) => {
    expect(formatNumber(value)).toBe(written);
  });
});
