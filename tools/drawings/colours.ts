import type { Random } from './random.ts';

/** The colours that have a name here: hue in degrees, saturation and lightness in per cent. */
const colours = {
  red: [0, 85, 47],
  orange: [30, 98, 52],
  yellow: [52, 96, 52],
  green: [128, 62, 36],
  blue: [218, 82, 47],
  purple: [278, 62, 44],
  pink: [330, 88, 75],
  brown: [24, 58, 28],
  black: [0, 0, 6],
  grey: [0, 0, 58],
} as const;

export type Colour = keyof typeof colours;

export const colourNames = Object.keys(colours) as Colour[];

/** Lines on white paper: yellow and pink would be hard to see. */
export const lineColours: readonly Colour[] = ['red', 'orange', 'green', 'blue', 'purple', 'brown', 'black'];

/** A shade of the colour. */
export function shade(random: Random, colour: Colour): string {
  const [hue, saturation, lightness] = colours[colour];
  const moved = (value: number, by: number): string => (value + random.between(-by, by)).toFixed(1);
  const grey = saturation === 0;
  return `hsl(${grey ? 0 : ((hue + random.between(-4, 4) + 360) % 360).toFixed(1)},${
    grey ? 0 : moved(saturation, 6)
  }%,${Math.max(0, Number(moved(lightness, 4)))}%)`;
}

/** Another word for the colour, now and then. */
export function colourWord(random: Random, colour: Colour): string {
  if (colour === 'purple') return random.pick(['purple', 'purple', 'violet']);
  if (colour === 'grey') return random.pick(['grey', 'gray']);
  return colour;
}
