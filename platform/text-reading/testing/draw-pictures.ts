import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { DrawnLine, DrawnPicture } from './drawn-pictures.ts';

/**
 * Draws the pictures that the reading of text is measured with, and says where each line has ink:
 * `npx tsx platform/text-reading/testing/draw-pictures.ts`. What it draws is checked in, for it needs the fonts
 * DejaVu and Liberation, which not every machine has.
 */

interface TextToDraw {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly font?: string;
  readonly turn?: number;
  readonly fill?: string;
}

interface Drawing {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly texts: readonly TextToDraw[];
  readonly shapes?: string;
  readonly background?: string;
  /** Degrees by which the whole is turned in the end. */
  readonly rotate?: number;
}

const sentences = [
  'Pump P-101 must be serviced every 500 hours.',
  'Close valve V-12 before opening the drain.',
  'Operating pressure: 4.5 bar (max. 6 bar)',
  'Part no. 7741-A, quantity 25, price 13.90',
  'Wear gloves and switch the power off first.',
];

const clean = (size: number, font: string): Drawing => ({
  name: `clean-${size}`,
  width: size * 27,
  height: size * 18,
  texts: sentences.map((text, index) => ({
    ...{ text, size, font },
    ...{ x: size, y: Math.round(size * (2 + index * (1.4 + index * 0.4))) },
  })),
});

const drawings: readonly Drawing[] = [
  clean(16, 'Liberation Sans'),
  clean(20, 'DejaVu Sans'),
  clean(24, 'Liberation Serif'),
  clean(32, 'DejaVu Serif'),
  clean(40, 'DejaVu Sans'),
  {
    name: 'drawing',
    width: 800,
    height: 600,
    shapes:
      '<g fill="none" stroke="black" stroke-width="3"><rect x="50" y="50" width="140" height="90"/><circle cx="400" cy="95" r="48"/><path d="M190 95H352M448 95H700V400"/><rect x="600" y="400" width="160" height="120" fill="#2244cc"/></g>',
    texts: [
      { text: 'P-101', x: 85, y: 103, size: 20 },
      { text: 'V-12', x: 375, y: 101, size: 20 },
      { text: 'Flow rate in litres', x: 40, y: 430, size: 20, turn: -90 },
      { text: 'Cooling circuit', x: 250, y: 330, size: 24, turn: 10 },
      { text: 'EMERGENCY STOP', x: 180, y: 560, size: 26 },
    ],
  },
  {
    name: 'columns',
    width: 900,
    height: 420,
    texts: [
      { text: 'Notes on the cooling circuit', x: 60, y: 60, size: 28 },
      ...[
        'The pump stands beside the tank',
        'and is driven by a belt. It must',
        'never run without water in it.',
      ].map((text, index) => ({ text, x: 60, y: 140 + index * 32, size: 20 })),
      ...['Each spring the filter is taken', 'out and washed. A filter that is', 'torn is thrown away.'].map(
        (text, index) => ({ text, x: 500, y: 140 + index * 32, size: 20 }),
      ),
      { text: 'Keep this page with the machine.', x: 60, y: 340, size: 20 },
    ],
  },
  {
    name: 'upside-down',
    width: 560,
    height: 200,
    rotate: 180,
    texts: [
      { text: 'Maintenance manual', x: 30, y: 70, size: 26 },
      { text: 'Chapter two: the gearbox', x: 30, y: 130, size: 26 },
    ],
  },
  {
    name: 'light-on-dark',
    width: 560,
    height: 160,
    background: '#14304a',
    texts: [{ text: 'Do not open under pressure', x: 30, y: 90, size: 28, fill: '#e8e8e8' }],
  },
  {
    name: 'no-text',
    width: 640,
    height: 480,
    shapes:
      '<path d="M50 50L300 240L560 80Z" fill="none" stroke="black" stroke-width="4"/><circle cx="250" cy="340" r="90" fill="#cc2222"/><rect x="420" y="300" width="110" height="110" fill="#2244cc"/>',
    texts: [],
  },
];

function svgOf(drawing: Drawing, texts: readonly TextToDraw[], shapes = ''): Buffer {
  const { width, height, background = 'white' } = drawing;
  const drawn = texts.map(
    ({ text, x, y, size, font = 'DejaVu Sans', turn = 0, fill = 'black' }) =>
      `<text x="${x}" y="${y}" font-size="${size}" font-family="${font}" fill="${fill}" transform="rotate(${turn} ${x} ${y})">${text}</text>`,
  );
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${background}"/>${shapes}${drawn.join('')}</svg>`,
  );
}

/** Where a line has ink, as fractions of the picture: it is drawn alone, and what is not background is looked for. */
async function inkOf(drawing: Drawing, line: TextToDraw): Promise<DrawnLine> {
  const { data, info } = await sharp(svgOf({ ...drawing, background: 'white' }, [{ ...line, fill: 'black' }]))
    .greyscale()
    .rotate(drawing.rotate ?? 0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  let [left, top, right, bottom] = [info.width, info.height, 0, 0];
  for (let y = 0; y < info.height; y++) {
    for (let x = 0; x < info.width; x++) {
      if ((data[(y * info.width + x) * info.channels] ?? 255) > 128) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  return {
    text: line.text,
    box: {
      left: left / info.width,
      top: top / info.height,
      width: (right - left) / info.width,
      height: (bottom - top) / info.height,
    },
  };
}

const folder = new URL('./pictures/', import.meta.url);
await mkdir(folder, { recursive: true });
const described: DrawnPicture[] = [];
for (const drawing of drawings) {
  const file = `${drawing.name}.png`;
  await sharp(svgOf(drawing, drawing.texts, drawing.shapes))
    .rotate(drawing.rotate ?? 0)
    .png({ palette: true, colours: 16, compressionLevel: 9, effort: 10 })
    .toFile(fileURLToPath(new URL(file, folder)));
  const lines = await Promise.all(drawing.texts.map((line) => inkOf(drawing, line)));
  described.push({ file, lines });
}
await writeFile(new URL('pictures.json', folder), `${JSON.stringify(described, null, 2)}\n`);
