import type { Drawing } from './drawing.ts';
import { captionsOf, queriesOf } from './phrase-scene.ts';
import type { Random } from './random.ts';
import { technicalStyle } from './style.ts';
import { wiringDiagram } from './wiring-diagram.ts';
import {
  loadNames,
  seriesNames,
  sourceNames,
  type WiringPart,
  wiringTags,
  wiringWords,
} from './wiring-symbols.ts';
import { listed, numberWord, plural, withArticle } from './words.ts';

const pictureWords = [
  'wiring diagram',
  'wiring diagram',
  'circuit diagram',
  'wiring',
  'circuit',
  'electrical drawing',
  'electrical schematic',
  'schematic',
  'diagram',
];

/** A circuit: a source, parts in the wire, and a load or several in parallel. */
export function drawWiring(random: Random): Drawing {
  const source = random.pick(sourceNames);
  const series = random.some(seriesNames, random.pick([1, 1, 2, 2, 2, 3]));
  const load = random.pick(loadNames);
  const count = random.pick([1, 1, 1, 2, 3]);
  const tag = <Part extends WiringPart>(part: Part): { part: Part; tag: string } => ({
    part,
    tag: `${wiringTags[part]}${random.whole(1, 12)}`,
  });
  const tagged = {
    source: tag(source),
    series: series.map(tag),
    loads: Array.from({ length: count }, () => tag(load)),
  };
  const svg = wiringDiagram(random, technicalStyle(random), {
    ...tagged,
    around: series.length > 1 && random.chance(0.35),
  });
  const word = (part: WiringPart): string => {
    const noun = random.pick(wiringWords[part]);
    if (random.chance(0.1)) {
      const all = [tagged.source, ...tagged.series, ...tagged.loads];
      return `${noun} ${all.find((each) => each.part === part)?.tag ?? ''}`;
    }
    return random.chance(0.15) ? `the ${noun}` : withArticle(noun);
  };
  const loads = (): string =>
    count === 1
      ? word(load)
      : `${random.chance(0.8) ? numberWord(count) : count} ${plural(random.pick(wiringWords[load]))}${random.chance(0.5) ? ' in parallel' : ''}`;
  const inWire = (): string => listed(random.some(series, series.length).map(word));
  const wordings: (() => string)[] = [
    () => `${loads()} with ${inWire()} on ${word(source)}`,
    () => `${loads()} with ${inWire()}, fed by ${word(source)}`,
    () => `${word(source)} that feeds ${loads()} through ${inWire()}`,
    () => `${inWire()} in front of ${loads()} on ${word(source)}`,
    () => `${loads()} connected to ${word(source)} through ${inWire()}`,
    () => `${word(source)}, ${listed([...random.some(series, series.length).map(word), loads()])}`,
  ];
  const thing = (): string => random.pick(wordings)();
  const part = (): string =>
    random.chance(0.7)
      ? `${loads()} with ${word(random.pick(series))}`
      : random.chance(0.5)
        ? loads()
        : word(random.pick(series));
  return {
    kind: 'wiring',
    key: `wiring: ${source} > ${[...series].sort().join(', ')} > ${count} ${load}`,
    svg,
    captions: [...captionsOf(random, thing, pictureWords), `${random.pick(pictureWords)} of ${part()}`],
    queries: queriesOf(random, thing, pictureWords),
    attributes: [
      ...series.map((each) => `wire ${each}`),
      `source ${source}`,
      `load ${load}`,
      `loads ${count}`,
      `${count} ${load}`,
    ],
  };
}
