import { type Colour, colourNames, colourWord, shade } from './colours.ts';
import type { Drawing } from './drawing.ts';
import { captionsOf, queriesOf } from './phrase-scene.ts';
import type { Random } from './random.ts';
import { type Shape, shapeNames, shapePaths } from './shape-paths.ts';
import { page, plainStyle } from './style.ts';
import { counted, listed } from './words.ts';

interface Group {
  readonly count: number;
  readonly colour: Colour;
  readonly shape: Shape;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const pictureWords = ['picture', 'drawing', 'image', 'graphic'];
const whole: Box = { x: 10, y: 10, width: 236, height: 236 };

/** Shapes of some colour, alone, beside, above or inside others. */
export function drawShapes(random: Random): Drawing {
  const chance = random.next();
  if (chance < 0.2) return drawRow(random);
  if (chance < 0.35) return drawInside(random);
  return drawPair(random);
}

function group(random: Random, most: number): Group {
  return {
    count: random.chance(0.5) ? 1 : random.whole(1, most),
    colour: random.pick(colourNames),
    shape: random.pick(shapeNames),
  };
}

function say(random: Random, { count, colour, shape }: Group): string {
  return counted(random, count, `${colourWord(random, colour)} ${shape}`);
}

function keyOf({ count, colour, shape }: Group): string {
  return `${count} ${colour} ${shape}`;
}

function attributesOf(groups: readonly Group[]): string[] {
  return groups.flatMap(({ count, colour, shape }) => [
    `${colour} ${shape}`,
    colour,
    shape,
    `${count} ${shape}`,
    `${count} ${colour}`,
  ]);
}

/** Puts the group's shapes on a loose grid in the box. */
function place(random: Random, { count, colour, shape }: Group, box: Box): string[] {
  const columns = Math.max(1, Math.round(Math.sqrt((count * box.width) / box.height)));
  const rows = Math.ceil(count / columns);
  const width = box.width / columns;
  const height = box.height / rows;
  const radius = Math.min(width, height, 120) * random.between(0.27, 0.4);
  const fill = shade(random, colour);
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const loose = (room: number): number => random.between(-0.4, 0.4) * Math.max(0, room - 2 * radius);
    const x = box.x + (box.width / inRow) * ((index % columns) + 0.5) + loose(width);
    const y = box.y + height * (row + 0.5) + loose(height);
    return shapeAt(random, shape, x, y, radius, fill);
  });
}

function shapeAt(random: Random, shape: Shape, x: number, y: number, radius: number, fill: string): string {
  const turn = random.between(-8, 8).toFixed(1);
  return (
    `<path transform="translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${turn}) scale(${radius.toFixed(2)})" ` +
    `fill-rule="evenodd" stroke="none" fill="${fill}" d="${shapePaths[shape]}"/>`
  );
}

function drawPair(random: Random): Drawing {
  const alone = random.chance(0.3);
  const first = group(random, alone ? 6 : 4);
  const style = plainStyle(random);
  if (alone) {
    const thing = (): string => say(random, first);
    return {
      kind: 'shapes',
      key: `shapes: ${keyOf(first)}`,
      svg: page(style, place(random, first, whole)),
      captions: captionsOf(random, thing, pictureWords),
      queries: queriesOf(random, thing, pictureWords),
      attributes: attributesOf([first]),
    };
  }
  const second = otherThan(random, first);
  const beside = random.chance(0.5);
  const cut = random.between(105, 151);
  const boxes: readonly [Box, Box] = beside
    ? [
        { x: 6, y: 14, width: cut - 12, height: 228 },
        { x: cut + 6, y: 14, width: 244 - cut, height: 228 },
      ]
    : [
        { x: 14, y: 6, width: 228, height: cut - 12 },
        { x: 14, y: cut + 6, width: 228, height: 244 - cut },
      ];
  const relations = beside
    ? ([
        ['left of', 'to the left of', 'on the left of'],
        ['right of', 'to the right of', 'on the right of'],
      ] as const)
    : ([
        ['above', 'over', 'on top of'],
        ['below', 'under', 'beneath'],
      ] as const);
  const thing = (): string =>
    random.chance(0.65)
      ? `${say(random, first)} ${random.pick(relations[0])} ${say(random, second)}`
      : `${say(random, second)} ${random.pick(relations[1])} ${say(random, first)}`;
  const part = (): string => say(random, random.pick([first, second]));
  const relation = beside ? 'left of' : 'above';
  return {
    kind: 'shapes',
    key: `shapes: ${keyOf(first)} ${relation} ${keyOf(second)}`,
    svg: page(style, [...place(random, first, boxes[0]), ...place(random, second, boxes[1])]),
    captions: [...captionsOf(random, thing, pictureWords), part()],
    queries: queriesOf(random, thing, pictureWords),
    attributes: [
      ...attributesOf([first, second]),
      relation,
      `${first.colour} ${relation}`,
      `${first.shape} ${relation}`,
      `${relation} ${second.colour}`,
      `${relation} ${second.shape}`,
    ],
  };
}

function otherThan(random: Random, first: Group): Group {
  const second = group(random, 4);
  return second.colour === first.colour && second.shape === first.shape ? otherThan(random, first) : second;
}

function drawRow(random: Random): Drawing {
  const upright = random.chance(0.3);
  const groups = random
    .some(colourNames, 3)
    .map((colour) => ({ count: 1, colour, shape: random.pick(shapeNames) }));
  const parts = groups.flatMap((each, index) =>
    place(
      random,
      each,
      upright
        ? { x: 80, y: 6 + 82 * index, width: 96, height: 80 }
        : { x: 6 + 82 * index, y: 80, width: 80, height: 96 },
    ),
  );
  const where = upright
    ? ['from top to bottom', 'in a column', 'stacked from the top down']
    : ['from left to right', 'in a row', 'side by side'];
  const thing = (): string => `${listed(groups.map((each) => say(random, each)))} ${random.pick(where)}`;
  const way = upright ? 'column' : 'row';
  return {
    kind: 'shapes',
    key: `shapes: ${way} of ${groups.map(keyOf).join(', ')}`,
    svg: page(plainStyle(random), parts),
    captions: captionsOf(random, thing, pictureWords),
    queries: queriesOf(random, thing, pictureWords),
    attributes: [
      ...attributesOf(groups),
      way,
      ...groups.flatMap(({ colour, shape }, index) => [
        `${way} ${index} ${colour}`,
        `${way} ${index} ${shape}`,
      ]),
    ],
  };
}

function drawInside(random: Random): Drawing {
  const outer = {
    count: 1,
    colour: random.pick(colourNames),
    shape: random.pick(['circle', 'square', 'hexagon', 'ring'] as const),
  };
  const inner = {
    count: 1,
    colour: random.pick(colourNames.filter((colour) => colour !== outer.colour)),
    shape: random.pick(shapeNames),
  };
  const radius = random.between(72, 108);
  const x = 128 + random.between(-1, 1) * (118 - radius);
  const y = 128 + random.between(-1, 1) * (118 - radius);
  const parts = [
    shapeAt(random, outer.shape, x, y, radius, shade(random, outer.colour)),
    shapeAt(random, inner.shape, x, y, radius * random.between(0.3, 0.46), shade(random, inner.colour)),
  ];
  const thing = (): string =>
    random.chance(0.65)
      ? `${say(random, inner)} ${random.pick(['inside', 'in', 'within'])} ${say(random, outer)}`
      : `${say(random, outer)} ${random.pick(['around', 'surrounding'])} ${say(random, inner)}`;
  return {
    kind: 'shapes',
    key: `shapes: ${keyOf(inner)} inside ${keyOf(outer)}`,
    svg: page(plainStyle(random), parts),
    captions: captionsOf(random, thing, pictureWords),
    queries: queriesOf(random, thing, pictureWords),
    attributes: [
      ...attributesOf([inner, outer]),
      'inside',
      `${inner.colour} inside`,
      `${inner.shape} inside`,
      `inside ${outer.colour}`,
      `inside ${outer.shape}`,
    ],
  };
}
