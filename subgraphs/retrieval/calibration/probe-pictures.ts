import type { Pixels } from '../../../platform/ports/pixels.ts';

type Colour = readonly [red: number, green: number, blue: number];

const side = 224;

function draw(colourAt: (x: number, y: number) => Colour): Pixels {
  const data = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) data.set(colourAt(x / side, y / side), (y * side + x) * 3);
  }
  return { width: side, height: side, data };
}

const white: Colour = [255, 255, 255];
const black: Colour = [20, 20, 20];

/** The same noise every time. */
function noiseOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Pictures that hardly any query has to do with: patterns, gradients, noise, and what looks like pages and plans. */
export function drawProbes(): Pixels[] {
  const noise = noiseOf(20_261_123);
  const grey = (level: number): Colour => [level, level, level];
  return [
    draw(() => white),
    draw((x, y) => [x * 255, y * 255, 128]),
    draw((x) => (Math.floor(x * 14) % 2 === 0 ? [40, 90, 160] : white)),
    draw((x, y) => ((Math.floor(x * 8) + Math.floor(y * 8)) % 2 === 0 ? black : white)),
    draw(() => grey(noise() * 255)),
    draw((x, y) => (Math.hypot(x - 0.5, y - 0.5) < 0.3 ? [200, 60, 40] : [240, 230, 200])),
    draw((x, y) => (y > 0.55 + 0.1 * Math.sin(x * 9) ? [70, 120, 60] : [150, 190, 235])),
    // Lines as of a page of text.
    draw((x, y) =>
      y * 24 - Math.floor(y * 24) < 0.4 && x > 0.1 && x < 0.9 && noise() < 0.6 ? black : white,
    ),
    // Thin lines as of a plan.
    draw((x, y) => ((x * 9) % 1 < 0.04 || (y * 5) % 1 < 0.03 ? black : white)),
    draw((x, y) => (x > 0.2 && x < 0.45 && y > 0.3 && y < 0.8 ? [230, 170, 30] : [245, 245, 245])),
    draw((x, y) => (1 - y < 0.2 + (0.7 * ((Math.floor(x * 6) * 37) % 11)) / 11 ? [60, 140, 120] : white)),
    draw((x, y) => grey(128 + 100 * Math.sin(x * 20) * Math.cos(y * 17))),
  ];
}
