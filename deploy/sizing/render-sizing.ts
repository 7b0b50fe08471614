import { computeSizing, type TextIndex } from './compute-sizing.ts';
import type { Figures, SizingFigure } from './figures.ts';

const begin = '<!-- computed by `npm run sizing`: change deploy/sizing/figures.json instead -->';
const end = '<!-- end of what is computed -->';

const round = (value: number) => {
  const digits = value >= 100 ? 2 : value >= 10 ? 2 : 1;
  return Number(value.toPrecision(Math.max(digits, 1))).toLocaleString('en-US', { maximumFractionDigits: 2 });
};
const whole = (value: number) => value.toLocaleString('en-US');
const gib = (value: number) => (value >= 1024 ? `${round(value / 1024)} TiB` : `${round(value)} GiB`);
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** The part of `docs/cluster/sizing.md` that is computed. */
export function renderSizing(figures: Figures): string {
  const { scales, measured, counted, assumed, prices } = figures;
  const sized = scales.map((scale) => ({ ...scale, ...computeSizing(figures, scale) }));
  const lines: [string, (one: (typeof sized)[number]) => string][] = [
    ['searches a second at the busiest (assumed)', (one) => whole(one.searchesPerSecond)],
    ['index of text', (one) => one.index],
    ['copies in memory', (one) => whole(one.replicas)],
    ['memory of query nodes', (one) => gib(one.queryMemoryGiB)],
    ['query nodes of 16 cores, 128 GiB', (one) => whole(one.queryNodes)],
    ['cores for retrieval', (one) => whole(one.retrievalCores)],
    ['cores for the gateway', (one) => whole(one.gatewayCores)],
    ['nodes of 16 cores, 64 GiB, for all services', (one) => whole(one.serviceNodes)],
    ['PostgreSQL, disk', (one) => gib(one.databaseGiB)],
    ['object store', (one) => gib(one.objectGiB)],
    ['encoding, core hours', (one) => round(one.encodeCoreHours)],
    [`cores to encode it in ${assumed.daysToIngest.value} days`, (one) => whole(one.encodeCores)],
    ['US dollars a month (example)', (one) => round(one.dollarsPerMonth)],
    ['US dollars to encode it once (example)', (one) => round(one.dollarsToEncode)],
  ];
  const indexes: TextIndex[] = ['IVF_PQ', 'IVF_FLAT', 'HNSW'];
  const byIndex = indexes.map((index) =>
    row([
      index,
      ...scales.map((scale) => {
        const { queryMemoryGiB, queryNodes } = computeSizing(figures, scale, index);
        return `${gib(queryMemoryGiB)}, ${whole(queryNodes)} ${queryNodes === 1 ? 'node' : 'nodes'}`;
      }),
    ]),
  );
  const named = (group: Record<string, SizingFigure>) =>
    Object.entries(group).map(([name, { value, unit, from }]) =>
      row([`\`${name}\``, `${value}`, unit, from]),
    );
  return [
    begin,
    '',
    row(['', ...scales.map(({ name }) => `${name}`)]),
    row(['---', ...scales.map(() => '---:')]),
    ...lines.map(([title, cell]) => row([title, ...sized.map(cell)])),
    '',
    `Prices are of ${prices.date}. ${prices.note}`,
    '',
    'Memory of query nodes by index, all copies together:',
    '',
    row(['', ...scales.map(({ name }) => name)]),
    row(['---', ...scales.map(() => '---:')]),
    ...byIndex,
    '',
    'What it is computed from:',
    '',
    row(['figure', 'value', 'unit', 'from']),
    row(['---', '---:', '---', '---']),
    ...named(measured),
    ...named(counted),
    ...named(assumed),
    '',
    end,
  ].join('\n');
}

/** Puts the computed part into the document. @throws Error where the document has no place for it. */
export function replaceSizing(document: string, computed: string): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/cluster/sizing.md has no place marked with ${begin}.`);
  return document.slice(0, from) + computed + document.slice(to + end.length);
}
