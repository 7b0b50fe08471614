import type { Random } from './random.ts';
import { label, page, type Style } from './style.ts';
import { placed } from './symbol.ts';
import { type Load, type SeriesPart, type Source, type WiringPart, wiringSymbols } from './wiring-symbols.ts';

export interface TaggedWiringPart<Part extends WiringPart = WiringPart> {
  readonly part: Part;
  /** Such as `F4`. */
  readonly tag: string;
}

export interface WiringPlan {
  readonly source: TaggedWiringPart<Source>;
  /** In the wire from the source, in this order. */
  readonly series: readonly TaggedWiringPart<SeriesPart>[];
  /** One, or several in parallel. */
  readonly loads: readonly TaggedWiringPart<Load>[];
  /** The corner parts go round: some of the series stand in the wire back. */
  readonly around: boolean;
  readonly title?: string;
}

const top = 52;
const bottom = 212;
const left = 40;
const right = 222;

/** Draws the plan as an SVG document of `side` pixels: a loop, its source at the left. */
export function wiringDiagram(random: Random, style: Style, plan: WiringPlan, side = 256): string {
  const parts: string[] = [];
  const spread = plan.loads.length === 1 ? 0 : Math.min(52, 100 / (plan.loads.length - 1));
  const nearest = right - spread * (plan.loads.length - 1);
  const onTop = plan.around ? Math.ceil(plan.series.length / 2) : plan.series.length;
  parts.push(upright(style, plan.source, left, 0.9));
  parts.push(horizontal(style, plan.series.slice(0, onTop), top, left, nearest));
  parts.push(horizontal(style, plan.series.slice(onTop), bottom, left, nearest));
  plan.loads.forEach((load, index) => {
    const x = right - spread * index;
    const scale = plan.loads.length > 2 ? 0.8 : random.between(0.95, 1.2);
    parts.push(upright(style, load, x, scale));
    if (index === 0) return;
    parts.push(
      `<path d="M${x} ${top}H${x + spread}M${x} ${bottom}H${x + spread}"/>`,
      `<circle cx="${x}" cy="${top}" r="2.5" fill="${style.ink}"/><circle cx="${x}" cy="${bottom}" r="2.5" fill="${style.ink}"/>`,
    );
  });
  if (plan.title !== undefined) parts.push(label(style, 128, 18, plan.title, 11));
  return page(style, parts, side);
}

/** A part in a wire from top to bottom. */
function upright(style: Style, { part, tag }: TaggedWiringPart, x: number, scale: number): string {
  const symbol = wiringSymbols[part];
  const half = (symbol.length / 2) * scale;
  const y = (top + bottom) / 2;
  const words =
    style.labelled && tag !== '' ? label(style, x - (symbol.height / 2) * scale - 10, y - 16, tag, 10) : '';
  return (
    `<path d="M${x} ${top}V${(y - half).toFixed(1)}M${x} ${(y + half).toFixed(1)}V${bottom}"/>` +
    placed(symbol, { x, y, degrees: 90, scale, ink: style.ink }) +
    words
  );
}

/** Parts spread evenly in a wire from left to right. */
function horizontal(
  style: Style,
  parts: readonly TaggedWiringPart[],
  y: number,
  from: number,
  to: number,
): string {
  const sum = parts.reduce((total, { part }) => total + wiringSymbols[part].length, 0);
  const scale = Math.min(1.15, (to - from - 12 * (parts.length + 1)) / Math.max(1, sum));
  const gap = (to - from - sum * scale) / (parts.length + 1);
  let x = from;
  const drawn = parts.map(({ part, tag }) => {
    const symbol = wiringSymbols[part];
    const length = symbol.length * scale;
    const middle = x + gap + length / 2;
    const wire = `<path d="M${x.toFixed(1)} ${y}h${gap.toFixed(1)}"/>`;
    x += gap + length;
    const words =
      style.labelled && tag !== '' ? label(style, middle, y + (symbol.height / 2) * scale + 13, tag, 10) : '';
    return wire + placed(symbol, { x: middle, y, scale, ink: style.ink }) + words;
  });
  return `${drawn.join('')}<path d="M${x.toFixed(1)} ${y}H${to}"/>`;
}
