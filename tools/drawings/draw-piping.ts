import type { Drawing } from './drawing.ts';
import { captionsOf, queriesOf } from './phrase-scene.ts';
import { pipingDiagram } from './piping-diagram.ts';
import {
  type Fitting,
  fittingNames,
  type PipingPart,
  pipingTags,
  pipingWords,
  type Vessel,
  vesselNames,
} from './piping-symbols.ts';
import type { Random } from './random.ts';
import { technicalStyle } from './style.ts';
import { listed, withArticle } from './words.ts';

const pictureWords = [
  'piping diagram',
  'piping diagram',
  'P&ID',
  'process diagram',
  'pipework drawing',
  'flow diagram',
  'piping and instrumentation diagram',
  'schematic',
  'diagram',
];

/** A line of pipework: from a vessel or from outside, through pumps and valves, to a vessel or out. */
export function drawPiping(random: Random): Drawing {
  const ends = random.pick(['both', 'from', 'to', 'to', 'none'] as const);
  const from = ends === 'both' || ends === 'from' ? random.pick(vesselNames) : null;
  const to = ends === 'both' || ends === 'to' ? random.pick(vesselNames) : null;
  const rows = random.chance(0.35) ? 2 : 1;
  const most = rows === 2 ? 4 : 3;
  const fittings = chooseFittings(random, ends === 'none' ? 2 : 1, most);
  const parts: PipingPart[] = [...(from === null ? [] : [from]), ...fittings, ...(to === null ? [] : [to])];
  const gauge = random.chance(0.25);
  const style = technicalStyle(random);
  const tagged = parts.map((part) => ({ part, tag: `${pipingTags[part]}-${random.whole(1, 120)}` }));
  const svg = pipingDiagram(random, style, {
    parts: tagged,
    gauge: gauge ? `PI-${random.whole(1, 99)}` : null,
    rows: rows === 2 && parts.length > 2 ? 2 : 1,
    mirrored: random.chance(0.15),
  });
  const word = (part: PipingPart): string => {
    const noun = random.pick(pipingWords[part]);
    if (random.chance(0.1)) return `${noun} ${tagged.find((each) => each.part === part)?.tag ?? ''}`;
    return random.chance(0.12) ? `the ${noun}` : withArticle(noun);
  };
  const thing = (): string =>
    lineInWords(random, from, fittings, to, word) + (gauge ? gaugeInWords(random) : '');
  const some = (): string =>
    listed(random.some(parts, Math.min(parts.length, random.whole(1, 2))).map((part) => word(part)));
  return {
    kind: 'piping',
    key: `piping: ${parts.join(' > ')}${gauge ? ' + pressure gauge' : ''} (${ends})`,
    svg,
    captions: [...captionsOf(random, thing, pictureWords), `${random.pick(pictureWords)} of ${some()}`],
    queries: queriesOf(random, thing, pictureWords),
    attributes: [
      ...parts.map((part) => `pipe ${part}`),
      ...(from === null ? [] : [`from ${from}`]),
      ...(to === null ? [] : [`to ${to}`]),
      ...(gauge ? ['pressure gauge'] : []),
      ...fittings.slice(1).map((fitting, index) => `${fittings[index]} > ${fitting}`),
    ],
  };
}

/** Two thirds have a pump or a compressor, as most lines have. */
function chooseFittings(random: Random, least: number, most: number): Fitting[] {
  const chosen = random.some(fittingNames, random.whole(least, most));
  if (chosen.includes('pump') || !random.chance(0.5)) return chosen;
  return ['pump', ...chosen.slice(1)];
}

function gaugeInWords(random: Random): string {
  return random.pick([', with a pressure gauge', ' and a pressure gauge', ' with a manometer']);
}

function lineInWords(
  random: Random,
  from: Vessel | null,
  fittings: readonly Fitting[],
  to: Vessel | null,
  word: (part: PipingPart) => string,
): string {
  const through = listed(fittings.map(word));
  const [first, ...rest] = fittings;
  const inOrder = listed(
    [...(from === null ? [] : [from]), ...fittings, ...(to === null ? [] : [to])].map(word),
  );
  const wordings: (() => string)[] = [
    () => inOrder,
    () => `${inOrder} ${random.pick(['in line', 'one after the other'])}`,
  ];
  if (to !== null && from !== null) {
    wordings.push(
      () => `${word(from)} that feeds ${word(to)} through ${through}`,
      () => `${word(from)} connected to ${word(to)} by ${through}`,
      () => `${through} between ${word(from)} and ${word(to)}`,
      () => `${word(to)} fed from ${word(from)} through ${through}`,
    );
    if (first === 'pump')
      wordings.push(
        () => `a pump that draws from ${word(from)} and feeds ${word(to)}${behind(rest, word)}`,
        () => `${word('pump')} between ${word(from)} and ${word(to)}${behind(rest, word)}`,
      );
  }
  if (to !== null && from === null && first !== undefined) {
    wordings.push(
      () => `${word(to)} fed through ${through}`,
      () => `${through} in front of ${word(to)}`,
      () => `${word(first)} feeding ${word(to)}${behind(rest, word)}`,
      () => `${word(first)} that feeds ${word(to)}${behind(rest, word)}`,
    );
  }
  if (to === null && from !== null) {
    wordings.push(
      () => `${word(from)} that drains through ${through}`,
      () => `${word(from)} followed by ${through}`,
      () => `${through} behind ${word(from)}`,
      () => `an outlet of ${word(from)} with ${through}`,
    );
  }
  if (to === null && from === null)
    wordings.push(
      () => `a pipe with ${through}`,
      () => `a line with ${through} and no vessel`,
      () => `${through} in a pipe`,
    );
  return random.pick(wordings)();
}

function behind(rest: readonly Fitting[], word: (part: PipingPart) => string): string {
  return rest.length === 0 ? '' : ` through ${listed(rest.map(word))}`;
}
