import type { Comparison, Report, Results } from './report.ts';

/** A number with three significant digits, and thousands apart: `1,240`, `12.4`, `0.124`. */
export function formatNumber(value: number): string {
  const digits = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value))) + 1;
  return value.toLocaleString('en-GB', {
    maximumFractionDigits: Math.min(20, Math.max(0, 3 - digits)),
    minimumFractionDigits: 0,
  });
}

const arrow = ({ better }: Comparison) => (better === 'higher' ? '↑' : '↓');

const row = (comparison: Comparison): string =>
  [
    '',
    `${comparison.what} (${comparison.unit}, ${arrow(comparison)})`,
    `${formatNumber(comparison.ours.median)} — ${comparison.ours.contender}`,
    `${formatNumber(comparison.peer.median)} — ${comparison.peer.contender}`,
    `**${comparison.ratio.toFixed(2)}**`,
    '',
  ]
    .join(' | ')
    .trim();

/** The table of the README: every comparison of every benchmark, as Markdown. */
export function renderTable({ machine, reports }: Results): string {
  const days = [...new Set(reports.map(({ finishedAt }) => finishedAt.slice(0, 10)))].sort();
  const rows = reports.flatMap(({ comparisons }) => comparisons.map(row));
  return [
    '| what | Tributary | beside it | ratio |',
    '|---|--:|--:|--:|',
    ...rows,
    '',
    `${machine.processor}, ${machine.cores} cores for everything (load generator, servers and stores together), ${machine.memoryGiB} GiB, ` +
      `${machine.system}, Node ${machine.node}, ${days.join(' to ')}. Medians; ↑ more is better, ↓ less is better; the ratio is ` +
      'Tributary’s figure divided by the one beside it, taken within each round. `npm run bench` measures again; ' +
      '[performance](docs/performance.md) says what is measured.',
  ].join('\n');
}

/** A benchmark's report for people who watch it run. */
export function renderReport({ title, setup, figures, comparisons, seconds }: Report): string {
  const width = Math.max(0, ...figures.map(({ contender }) => contender.length));
  return [
    `\n${title} (${seconds.toFixed(0)} s)`,
    ...setup.map((line) => `  ${line}`),
    ...figures.map(
      ({ contender, what, unit, median, rounds }) =>
        `  ${contender.padEnd(width)}  ${what}: ${formatNumber(median)} ${unit}  [${rounds.map(formatNumber).join(' ')}]`,
    ),
    ...comparisons.map(
      (comparison) =>
        `  ${comparison.what}: ${comparison.ours.contender} ${formatNumber(comparison.ours.median)}, ` +
        `${comparison.peer.contender} ${formatNumber(comparison.peer.median)} ${comparison.unit}, ratio ${comparison.ratio.toFixed(2)} ${arrow(comparison)}`,
    ),
  ].join('\n');
}

const begin = '<!-- bench -->';
const end = '<!-- /bench -->';

/** The text between the marks of a page. @throws RangeError where the page has not both, in this order. */
export function tableOf(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new RangeError(`The page has no ${begin} … ${end} to put the table between.`);
  return page.slice(from + begin.length, to).trim();
}

/** The page with another table between its marks. @throws RangeError like `tableOf`. */
export function replaceTable(page: string, table: string): string {
  tableOf(page);
  const from = page.indexOf(begin) + begin.length;
  return `${page.slice(0, from)}\n\n${table}\n\n${page.slice(page.indexOf(end, from))}`;
}
