import type { Box } from '../../../platform/types.ts';
import type { Line } from '../types.ts';
import type { PdfPage, TextRun } from './pdf-protocol.ts';

/** A run of text as PDF.js gives it. */
export interface TextItem {
  readonly str: string;
  /** The matrix [a b c d e f]; (e, f) is the start of the baseline, in points from the bottom left. */
  readonly transform: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly hasEOL: boolean;
}

/** The size of a page as it is shown, and the matrix from PDF points to points from the top left. */
export interface Viewport {
  readonly width: number;
  readonly height: number;
  readonly transform: readonly number[];
}

/** One line, and where it stands. */
export interface PlacedLine {
  readonly text: string;
  readonly box: Box;
}

/**
 * Puts the runs of a page together to lines, and the lines to the page's text: a blank line where the gap is
 * wide, and words that were divided at a line's end whole again. Boxes are fractions of the page as it is
 * shown, with the origin at the top left.
 */
export function layOutPage(
  items: readonly TextItem[],
  viewport: Viewport,
): Pick<PdfPage, 'text' | 'lines' | 'runs'> {
  const { text, lines } = joinLines(rawLines(items, viewport));
  const runs = items.flatMap((item): TextRun[] => {
    const clean = cleaned(item.str);
    if (clean === '') return [];
    const { left, top, width, height } = boxOf(item, viewport);
    return [
      {
        text: clean,
        ...{ left: left * viewport.width, right: (left + width) * viewport.width },
        ...{ top: top * viewport.height, bottom: (top + height) * viewport.height },
      },
    ];
  });
  return { text, lines, runs };
}

/** Puts lines together to a page's text, in the order given. */
export function joinLines(given: Iterable<PlacedLine>): { text: string; lines: Line[] } {
  let text = '';
  const lines: Line[] = [];
  let above: PlacedLine | undefined;
  for (const line of given) {
    if (above !== undefined) {
      if (/\p{Ll}-$/u.test(text) && /^\p{Ll}/u.test(line.text)) text = text.slice(0, -1);
      else text += isParagraph(above.box, line.box) ? '\n\n' : '\n';
    }
    const start = text.length;
    text += line.text;
    lines.push({ start, end: text.length, box: line.box });
    above = line;
  }
  return { text, lines };
}

function* rawLines(items: readonly TextItem[], viewport: Viewport): Generator<PlacedLine> {
  let text = '';
  let boxes: Box[] = [];
  for (const item of items) {
    text += item.str;
    if (item.str.trim() !== '') boxes.push(boxOf(item, viewport));
    if (!item.hasEOL) continue;
    yield* finished(text, boxes);
    text = '';
    boxes = [];
  }
  yield* finished(text, boxes);
}

function* finished(text: string, boxes: readonly Box[]): Generator<PlacedLine> {
  const clean = cleaned(text);
  if (clean === '' || boxes.length === 0) return;
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.left + box.width));
  const bottom = Math.max(...boxes.map((box) => box.top + box.height));
  yield { text: clean, box: { left, top, width: right - left, height: bottom - top } };
}

/** A PDF's text can hold any character; the database takes no NUL and no half characters. */
const cleaned = (text: string): string =>
  text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .trim();

/** The part of a letter's height that is below the baseline, about, in most fonts. */
const descent = 0.2;

function boxOf({ transform, width, height }: TextItem, viewport: Viewport): Box {
  const [a = 1, b = 0, c = 0, d = 1, x = 0, y = 0] = transform;
  const size = height || Math.hypot(c, d) || 1;
  const along = Math.hypot(a, b) || 1;
  const across = Math.hypot(c, d) || 1;
  const [right, up] = [
    [(a / along) * width, (b / along) * width],
    [(c / across) * size, (d / across) * size],
  ] as const;
  const corners = [0, 1].flatMap((s) =>
    [-descent, 1 - descent].map((t) =>
      shown(x + right[0] * s + up[0] * t, y + right[1] * s + up[1] * t, viewport),
    ),
  );
  const lefts = corners.map((corner) => corner[0]);
  const tops = corners.map((corner) => corner[1]);
  const left = Math.min(...lefts);
  const top = Math.min(...tops);
  return { left, top, width: Math.max(...lefts) - left, height: Math.max(...tops) - top };
}

function shown(x: number, y: number, { width, height, transform }: Viewport): [number, number] {
  const [a = 1, b = 0, c = 0, d = -1, e = 0, f = height] = transform;
  const within = (value: number) => (Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0);
  return [within((a * x + c * y + e) / width), within((b * x + d * y + f) / height)];
}

/** Whether the gap below a line is that between paragraphs, or the next line stands elsewhere, as in a new column. */
function isParagraph(above: Box, below: Box): boolean {
  const height = Math.max(above.height, below.height);
  const step = below.top - above.top;
  return step > 1.7 * height || step < -height;
}
