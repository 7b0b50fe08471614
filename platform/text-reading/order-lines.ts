import type { ReadLine } from '../ports/text-reader.ts';
import type { Box } from '../types.ts';

const bottomOf = ({ top, height }: Box): number => top + height;
const rightOf = ({ left, width }: Box): number => left + width;

/** Two boxes stand in one row where they share at least this part of the lower one's height. */
const sameRow = 0.5;
/** Neighbours of a row are one line where the gap between them is at most this many heights. */
const wordGap = 0.9;
/** Two columns of text are at least this many lines high, and their lines so many times as wide as high. */
const columnLines = 3;
const columnWidth = 6;

/**
 * Puts lines into reading order: columns of running text one behind the other (a cut at the white space between them,
 * after Nagy and Seth, "Hierarchical Representation of Optically Scanned Documents", 1984), within them row by row,
 * and from left to right within a row. Parts of one line that the detector took apart are put together.
 *
 * @param aspect the width of the picture over its height: boxes are fractions of each.
 */
export function orderLines(lines: readonly ReadLine[], aspect: number): ReadLine[] {
  const columns = splitColumns(lines, aspect);
  if (columns !== null) return columns.flatMap((column) => orderLines(column, aspect));
  return rowsOf(lines).flatMap((row) => joinNeighbours(row, aspect));
}

/**
 * The lines above two columns, the two columns, and the lines below them; null where there are no columns. Short
 * lines beside each other are cells or labels, and are read by row.
 */
function splitColumns(lines: readonly ReadLine[], aspect: number): ReadLine[][] | null {
  const wide = lines.filter(({ box }) => box.width * aspect >= columnWidth * box.height);
  for (const candidate of new Set(wide.map(({ box }) => box.left))) {
    const right = wide.filter(({ box }) => box.left >= candidate - 0.005);
    const left = wide.filter(({ box }) => rightOf(box) <= candidate - 0.005);
    if (left.length < columnLines || right.length < columnLines) continue;
    const top = Math.min(...right.map(({ box }) => box.top));
    const bottom = Math.max(...right.map(({ box }) => bottomOf(box)));
    const beside = lines.filter(({ box }) => bottomOf(box) > top && box.top < bottom);
    const crossing = beside.some(({ box }) => box.left < candidate - 0.005 && rightOf(box) > candidate);
    const within = left.filter(({ box }) => bottomOf(box) > top && box.top < bottom);
    if (crossing || within.length < columnLines) continue;
    const columnTop = Math.min(top, ...within.map(({ box }) => box.top));
    const columnBottom = Math.max(bottom, ...within.map(({ box }) => bottomOf(box)));
    const groups: ReadLine[][] = [[], [], [], []];
    for (const line of lines) {
      const middle = line.box.top + line.box.height / 2;
      const isRight = line.box.left >= candidate - 0.005;
      const place = middle < columnTop ? 0 : middle > columnBottom ? 3 : isRight ? 2 : 1;
      groups[place]?.push(line);
    }
    const parts = groups.filter(({ length }) => length > 0);
    // Each part is smaller than the whole, so that this comes to an end.
    if (parts.length > 1) return parts;
  }
  return null;
}

/** Lines beside each other as rows, from the top to the bottom, each from left to right. */
function rowsOf(lines: readonly ReadLine[]): ReadLine[][] {
  const rows: ReadLine[][] = [];
  const sorted = [...lines].sort((a, b) => a.box.top + a.box.height / 2 - (b.box.top + b.box.height / 2));
  for (const line of sorted) {
    const row = rows.findLast((known) => known.some(({ box }) => overlap(box, line.box) >= sameRow));
    if (row === undefined) rows.push([line]);
    else row.push(line);
  }
  return rows
    .map((row) => row.sort((a, b) => a.box.left - b.box.left))
    .sort((a, b) => middleOf(a) - middleOf(b));
}

const middleOf = (row: readonly ReadLine[]): number =>
  row.reduce((sum, { box }) => sum + box.top + box.height / 2, 0) / row.length;

/** The part of the lower box's height that two boxes share. */
function overlap(a: Box, b: Box): number {
  const shared = Math.min(bottomOf(a), bottomOf(b)) - Math.max(a.top, b.top);
  return shared / Math.max(1e-9, Math.min(a.height, b.height));
}

function joinNeighbours(row: readonly ReadLine[], aspect: number): ReadLine[] {
  const joined: ReadLine[] = [];
  for (const line of row) {
    const before = joined.at(-1);
    if (before !== undefined && belongTogether(before.box, line.box, aspect)) {
      joined[joined.length - 1] = join(before, line);
    } else joined.push(line);
  }
  return joined;
}

function belongTogether(a: Box, b: Box, aspect: number): boolean {
  const height = Math.min(a.height, b.height);
  const gap = (b.left - rightOf(a)) * aspect;
  // Upright lines only: one that is read upwards has no neighbour in its row.
  const flat = a.width * aspect >= a.height && b.width * aspect >= b.height;
  return flat && gap <= wordGap * height && gap >= -height && Math.max(a.height, b.height) <= 1.5 * height;
}

function join(a: ReadLine, b: ReadLine): ReadLine {
  const left = Math.min(a.box.left, b.box.left);
  const top = Math.min(a.box.top, b.box.top);
  const letters = a.text.length + b.text.length;
  return {
    text: `${a.text} ${b.text}`,
    box: {
      left,
      top,
      width: Math.max(rightOf(a.box), rightOf(b.box)) - left,
      height: Math.max(bottomOf(a.box), bottomOf(b.box)) - top,
    },
    confidence: (a.confidence * a.text.length + b.confidence * b.text.length) / Math.max(1, letters),
  };
}
