import { chartTopics } from './chart-topics.ts';
import { type Colour, colourNames, colourWord, lineColours, shade } from './colours.ts';
import type { Drawing } from './drawing.ts';
import { captionsOf, queriesOf } from './phrase-scene.ts';
import type { Random } from './random.ts';
import { label, page, plainStyle, type Style } from './style.ts';
import { counted, listed, plural, withArticle } from './words.ts';

const pictureWords = ['chart', 'graph', 'diagram', 'figure', 'plot'];

/** The ways that values go, each as figures of 0 to 1 for steps of 0 to 1. */
const trends = {
  rising: {
    at: (x: number) => 0.15 + 0.75 * x,
    words: ['rising', 'going up', 'that rises', 'increasing', 'growing'],
  },
  falling: {
    at: (x: number) => 0.9 - 0.75 * x,
    words: ['falling', 'going down', 'that falls', 'decreasing', 'shrinking'],
  },
  peak: {
    at: (x: number) => 0.92 - 2.9 * (x - 0.5) ** 2,
    words: ['with a peak in the middle', 'highest in the middle', 'that rises and then falls'],
  },
  valley: {
    at: (x: number) => 0.15 + 2.9 * (x - 0.5) ** 2,
    words: ['with a dip in the middle', 'lowest in the middle', 'that falls and then rises'],
  },
} as const;

type Trend = keyof typeof trends;
const trendNames = Object.keys(trends) as Trend[];

/** A bar, line, pie or scatter chart. */
export function drawChart(random: Random): Drawing {
  const chance = random.next();
  if (chance < 0.36) return drawBars(random);
  if (chance < 0.68) return drawLines(random);
  if (chance < 0.88) return drawPie(random);
  return drawScatter(random);
}

function chart(
  random: Random,
  style: Style,
  parts: readonly string[],
  said: { key: string; name: () => string; details: () => string; attributes: readonly string[] },
): Drawing {
  const topic = random.pick(chartTopics);
  const about = (): string => (random.chance(0.25) ? ` of ${topic}` : '');
  const thing = (): string => `${withArticle(said.name())}${about()} ${said.details()}`;
  const title =
    style.labelled && random.chance(0.7) ? [label(style, 128, 20, topic, random.whole(11, 17))] : [];
  return {
    kind: 'chart',
    key: `chart: ${said.key}`,
    svg: page(style, [...parts, ...title]),
    captions: [
      ...captionsOf(random, thing, pictureWords),
      random.chance(0.5) ? `${said.name()} of ${topic}` : said.name(),
    ],
    queries: queriesOf(random, thing, pictureWords),
    attributes: said.attributes,
  };
}

function axes(random: Random, style: Style): string[] {
  const grid = random.chance(0.3)
    ? [65, 100, 135, 170].map((y) => `<path d="M32 ${y}H240" stroke="#cccccc" stroke-width="1"/>`)
    : [];
  const step = random.pick([1, 5, 10, 20, 50]);
  const ticks = style.labelled
    ? [0, 1, 2, 3].map((index) => label(style, 20, 213 - index * 52, String(index * step), 9))
    : [];
  return [...grid, `<path d="M32 ${random.whole(24, 34)}V210H242"/>`, ...ticks];
}

function values(random: Random, trend: Trend, count: number, noise: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const at = trends[trend].at(count === 1 ? 0.5 : index / (count - 1));
    return Math.max(0.06, Math.min(1, at + random.between(-noise, noise)));
  });
}

function drawBars(random: Random): Drawing {
  const style = plainStyle(random);
  const count = random.whole(3, 8);
  const colour = random.pick(colourNames);
  const trend = random.pick(trendNames);
  const across = random.chance(0.3);
  const fill = shade(random, colour);
  const pitch = (across ? 176 : 204) / count;
  const thick = pitch * random.between(0.5, 0.8);
  const bars = values(random, trend, count, 0.04).map((value, index) => {
    const start = (pitch - thick) / 2 + pitch * index;
    const length = value * (across ? 200 : 172);
    const box = across
      ? `x="32" y="${(32 + start).toFixed(1)}" width="${length.toFixed(1)}" height="${thick.toFixed(1)}"`
      : `x="${(34 + start).toFixed(1)}" y="${(210 - length).toFixed(1)}" width="${thick.toFixed(1)}" height="${length.toFixed(1)}"`;
    return `<rect ${box} fill="${fill}" stroke="none"/>`;
  });
  const name = (): string =>
    across
      ? random.pick(['horizontal bar chart', 'bar chart with horizontal bars', 'sideways bar chart'])
      : random.pick(['bar chart', 'bar chart', 'bar graph', 'column chart']);
  const way = across ? ['from top to bottom'] : ['from left to right', ''];
  const details = (): string =>
    `with ${counted(random, count, `${colourWord(random, colour)} bar`)} ${random.pick(trends[trend].words)} ${random.pick(way)}`;
  const form = across ? 'bars across' : 'bars';
  return chart(random, style, [...axes(random, style), ...bars], {
    key: `${form} ${count} ${colour} ${trend}`,
    name,
    details,
    attributes: [form, `${form} ${trend}`, `bar ${colour}`, `bars ${count}`, colour],
  });
}

function drawLines(random: Random): Drawing {
  const style = plainStyle(random);
  const lines = random
    .some(lineColours, random.pick([1, 1, 2, 2, 3]))
    .map((colour) => ({ colour, trend: random.pick(trendNames) }));
  const width = random.between(2.5, 5);
  const points = random.whole(6, 12);
  const dots = random.chance(0.4);
  const paths = lines.flatMap(({ colour, trend }) => {
    const stroke = shade(random, colour);
    const places = values(random, trend, points, 0.05).map(
      (value, index) => [34 + (200 / (points - 1)) * index, 208 - value * 165] as const,
    );
    const path = `<path d="M${places.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}" stroke="${stroke}" stroke-width="${width.toFixed(1)}"/>`;
    const marks = places.map(
      ([x, y]) =>
        `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${(width * 1.1).toFixed(1)}" fill="${stroke}" stroke="none"/>`,
    );
    return dots ? [path, ...marks] : [path];
  });
  const each = ({ colour, trend }: { colour: Colour; trend: Trend }): string =>
    `${withArticle(`${colourWord(random, colour)} line`)} ${random.pick(trends[trend].words)}`;
  const details = (): string => `with ${listed(random.some(lines, lines.length).map(each))}`;
  return chart(random, style, [...axes(random, style), ...paths], {
    key: `lines ${lines
      .map(({ colour, trend }) => `${colour} ${trend}`)
      .sort()
      .join(', ')}`,
    name: () => random.pick(['line chart', 'line graph', 'curve', 'line chart']),
    details,
    attributes: [
      'lines',
      `lines ${lines.length}`,
      ...lines.flatMap(({ colour, trend }) => [`line ${colour}`, `line ${trend}`, `line ${colour} ${trend}`]),
    ],
  });
}

function drawPie(random: Random): Drawing {
  const style = plainStyle(random);
  const count = random.whole(2, 6);
  const donut = random.chance(0.35);
  const slices = random.some(colourNames, count);
  const most = slices[0] ?? 'red';
  const large = random.between(0.4, 0.62);
  const rest = slices.slice(1).map(() => random.between(0.7, 1.3));
  const sum = rest.reduce((total, part) => total + part, 0);
  const shares = [large, ...rest.map((part) => (part / sum) * (1 - large))];
  const radius = random.between(72, 96);
  let angle = random.between(0, 2 * Math.PI);
  const at = (turn: number, size: number): string =>
    `${(128 + size * Math.cos(turn)).toFixed(1)} ${(134 + size * Math.sin(turn)).toFixed(1)}`;
  const hole = donut ? radius * random.between(0.4, 0.55) : 0;
  const paths = slices.map((colour, index) => {
    const from = angle;
    angle += (shares[index] ?? 0) * 2 * Math.PI;
    const far = (shares[index] ?? 0) > 0.5 ? 1 : 0;
    const outer = `M${at(from, radius)}A${radius} ${radius} 0 ${far} 1 ${at(angle, radius)}`;
    const inner = donut ? `L${at(angle, hole)}A${hole} ${hole} 0 ${far} 0 ${at(from, hole)}Z` : 'L128 134Z';
    return `<path d="${outer}${inner}" fill="${shade(random, colour)}" stroke="${style.paper}" stroke-width="2"/>`;
  });
  const others = slices.slice(1);
  const details = (): string => {
    const small = random.chance(0.75) ? `, the others ${listed(random.some(others, others.length))}` : '';
    return `with ${counted(random, count, random.pick(['slice', 'part', 'slice']))}, the ${random.pick(['largest', 'biggest', 'largest one'])} ${colourWord(random, most)}${small}`;
  };
  return chart(random, style, paths, {
    key: `${donut ? 'donut' : 'pie'} ${count} ${most} ${[...others].sort().join(' ')}`,
    name: () =>
      donut
        ? random.pick(['donut chart', 'ring chart', 'doughnut chart'])
        : random.pick(['pie chart', 'pie chart', 'pie']),
    details,
    attributes: [
      donut ? 'donut' : 'pie',
      `slices ${count}`,
      `largest ${most}`,
      ...slices.map((colour) => `slice ${colour}`),
    ],
  });
}

function drawScatter(random: Random): Drawing {
  const style = plainStyle(random);
  const colour = random.pick(lineColours);
  const trend = random.pick(['rising', 'falling', 'none'] as const);
  const many = random.chance(0.5);
  const fill = shade(random, colour);
  const radius = random.between(2.6, 5);
  const dots = Array.from({ length: many ? random.whole(34, 50) : random.whole(8, 14) }, () => {
    const x = random.between(0.03, 1);
    const y =
      trend === 'none' ? random.between(0.05, 0.95) : trends[trend].at(x) + random.between(-0.12, 0.12);
    return `<circle cx="${(34 + 200 * x).toFixed(1)}" cy="${(208 - 165 * Math.max(0.03, y)).toFixed(1)}" r="${radius.toFixed(1)}" fill="${fill}" stroke="none"/>`;
  });
  const word = (): string => colourWord(random, colour);
  const way = {
    rising: ['rising to the right', 'going up', 'with rising trend'],
    falling: ['falling to the right', 'going down', 'with falling trend'],
    none: ['without a trend', 'without any pattern', 'spread everywhere'],
  } as const;
  const details = (): string =>
    `with ${many ? random.pick(['many', 'a lot of']) : random.pick(['few', 'a few'])} ${word()} ${plural(random.pick(['dot', 'point']))} ${random.pick(way[trend])}`;
  return chart(random, style, [...axes(random, style), ...dots], {
    key: `scatter ${many ? 'many' : 'few'} ${colour} ${trend}`,
    name: () => random.pick(['scatter plot', 'scatter chart', 'scatter diagram']),
    details,
    attributes: ['scatter', `scatter ${trend}`, `dots ${colour}`, `dots ${many ? 'many' : 'few'}`],
  });
}
