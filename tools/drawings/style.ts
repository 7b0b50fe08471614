import type { Random } from './random.ts';

/** How lines and letters of one drawing look. */
export interface Style {
  readonly ink: string;
  readonly paper: string;
  /** In units of the drawing, which is 256 wide. */
  readonly lineWidth: number;
  readonly font: string;
  readonly labelled: boolean;
}

const fonts = ['sans-serif', 'serif', 'monospace', 'DejaVu Sans', 'Liberation Sans'];
const papers = ['#ffffff', '#ffffff', '#ffffff', '#fbfaf4', '#f3f5f8', '#fffbe8'];

/** The look of a technical drawing: mostly black on white, sometimes a blueprint. */
export function technicalStyle(random: Random): Style {
  const blueprint = random.chance(0.06);
  return {
    ink: blueprint ? '#f2f6ff' : random.pick(['#000000', '#000000', '#1a1a1a', '#14264d', '#333333']),
    paper: blueprint ? '#1d3f7a' : random.pick(papers),
    lineWidth: random.between(1.3, 3.6),
    font: random.pick(fonts),
    labelled: random.chance(0.6),
  };
}

/** The look of the frame of a chart, or of a page with shapes. */
export function plainStyle(random: Random): Style {
  return { ...technicalStyle(random), ink: '#222222', paper: random.pick(papers) };
}

/** Wraps a drawing's parts, in a square of 256 units, into an SVG document of `side` pixels. */
export function page(style: Style, parts: readonly string[], side = 256): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 256 256">` +
    `<rect width="256" height="256" fill="${style.paper}"/>` +
    `<g fill="none" stroke="${style.ink}" stroke-width="${style.lineWidth.toFixed(2)}" ` +
    `stroke-linecap="round" stroke-linejoin="round">${parts.join('')}</g></svg>\n`
  );
}

/** Words in a drawing, their middle at x, their baseline at y. */
export function label(style: Style, x: number, y: number, words: string, size = 10): string {
  const safe = words.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return (
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" font-family="${style.font}" ` +
    `text-anchor="middle" fill="${style.ink}" stroke="none">${safe}</text>`
  );
}
