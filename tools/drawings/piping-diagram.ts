import { type PipingPart, pipingSymbols, pressureGauge, vesselNames } from './piping-symbols.ts';
import type { Random } from './random.ts';
import { label, page, type Style } from './style.ts';
import { placed } from './symbol.ts';

export interface TaggedPart {
  readonly part: PipingPart;
  /** Such as `P-101`. */
  readonly tag: string;
}

export interface PipingPlan {
  /** In the order of the flow. Vessels stand at the ends alone. */
  readonly parts: readonly TaggedPart[];
  /** Where a pressure gauge stands: its tag, or null for none. */
  readonly gauge: string | null;
  readonly rows: 1 | 2;
  /** The flow begins at the right. */
  readonly mirrored: boolean;
  readonly title?: string;
}

interface Row {
  readonly parts: readonly TaggedPart[];
  readonly y: number;
  /** How tall its parts may be. */
  readonly tallest: number;
  /** 1 for left to right, -1 for right to left. */
  readonly direction: 1 | -1;
  /** Whether a pipe comes in before the first part, and goes out behind the last. */
  readonly lead: boolean;
  readonly tail: boolean;
}

const isVessel = (part: PipingPart): boolean => (vesselNames as readonly string[]).includes(part);
const left = 14;
const right = 242;

/** Draws the plan as an SVG document of `side` pixels. */
export function pipingDiagram(random: Random, style: Style, plan: PipingPlan, side = 256): string {
  const [first, last] = [plan.parts.at(0), plan.parts.at(-1)];
  const lead = first === undefined || !isVessel(first.part);
  const tail = last === undefined || !isVessel(last.part);
  const half = Math.ceil(plan.parts.length / 2);
  const rows: Row[] =
    plan.rows === 1
      ? [{ parts: plan.parts, y: 128 + random.between(-14, 14), tallest: 150, direction: 1, lead, tail }]
      : [
          { parts: plan.parts.slice(0, half), y: 70, tallest: 86, direction: 1, lead, tail: true },
          { parts: plan.parts.slice(half), y: 186, tallest: 86, direction: -1, lead: true, tail },
        ];
  const flip = (x: number): number => (plan.mirrored ? 256 - x : x);
  const drawn = rows.flatMap((row, index) =>
    drawRow(random, style, row, flip, index === 0 ? plan.gauge : null, plan.mirrored),
  );
  const corner = plan.rows === 2 ? [`<path d="M${flip(right)} ${rows[0]?.y ?? 0}V${rows[1]?.y ?? 0}"/>`] : [];
  const title = plan.title === undefined ? [] : [label(style, 128, 18, plan.title, 11)];
  return page(style, [...drawn, ...corner, ...title], side);
}

function drawRow(
  random: Random,
  style: Style,
  row: Row,
  flip: (x: number) => number,
  gauge: string | null,
  mirrored: boolean,
): string[] {
  const lengths = row.parts.map(({ part }) => pipingSymbols[part].length);
  const sum = lengths.reduce((total, length) => total + length, 0);
  const gaps = row.parts.length - 1 + Number(row.lead) + Number(row.tail);
  const room = right - left;
  const tallest = Math.max(...row.parts.map(({ part }) => pipingSymbols[part].height));
  const fitting = Math.min(
    row.lead && row.tail ? 1.1 : 1.25,
    (room - gaps * 15) / sum,
    row.tallest / tallest,
  );
  const scale = fitting * random.between(0.86, 1);
  const gap = (room - sum * scale) / Math.max(1, gaps);
  const turned = (row.direction === -1) !== mirrored;
  const parts: string[] = [];
  const along = (distance: number): number => flip(row.direction === 1 ? left + distance : right - distance);
  const pipe = (from: number, to: number, arrow: boolean): void => {
    parts.push(`<path d="M${along(from).toFixed(1)} ${row.y.toFixed(1)}H${along(to).toFixed(1)}"/>`);
    if (!arrow) return;
    const x = along(to - 1);
    const back = turned ? 8 : -8;
    parts.push(`<path fill="${style.ink}" d="M${x.toFixed(1)} ${row.y.toFixed(1)}l${back} -4v8Z"/>`);
  };
  let at = 0;
  let gaugeAt = 0;
  if (row.lead) {
    pipe(0, gap, row.direction === 1);
    at = gap;
  }
  row.parts.forEach(({ part, tag }, index) => {
    const symbol = pipingSymbols[part];
    const length = symbol.length * scale;
    const x = along(at + length / 2);
    parts.push(placed(symbol, { x, y: row.y, mirrored: turned, scale, ink: style.ink }));
    if (style.labelled && tag !== '')
      parts.push(label(style, x, row.y + (symbol.height / 2) * scale + 13, tag, 10));
    at += length;
    if (index === row.parts.length - 1 && !row.tail) return;
    const toVessel = isVessel(row.parts[index + 1]?.part ?? 'pump');
    pipe(at, at + gap, toVessel || index === row.parts.length - 1 || random.chance(0.4));
    if (index === 0 || random.chance(0.4)) gaugeAt = at + gap / 2;
    at += gap;
  });
  if (gauge !== null) {
    const x = along(gaugeAt);
    parts.push(placed(pressureGauge, { x, y: row.y, ink: style.ink }));
    if (style.labelled && gauge !== '') parts.push(label(style, x, row.y - 49, gauge, 9));
  }
  return parts;
}
