import type { Cell } from './types.ts';
import { ambiguous, type ValueFormat, valueFormats } from './value-formats.ts';

/** So many values decide which ways of writing are looked for in the others, too. */
const sampleSize = 200;
/** So much of a column must be written in one way. */
const enough = 0.95;

/** Finds out how the values of one column are written, from all of them. */
export class ColumnType {
  #values = 0;
  #formats: { readonly format: ValueFormat; count: number }[];

  /** @param preferComma whether `1.234` is more likely a number with a comma for its decimals. */
  constructor(preferComma: boolean) {
    const rank = ({ name }: ValueFormat) => (preferComma && name.endsWith('with a comma') ? 0 : 1);
    this.#formats = [...valueFormats]
      .sort((a, b) => rank(a) - rank(b))
      .map((format) => ({ format, count: 0 }));
  }

  /** Takes in one value that is not empty. */
  add(text: string): void {
    this.#values++;
    for (const candidate of this.#formats) {
      if (candidate.format.parse(text) !== null) candidate.count++;
    }
    if (this.#values === sampleSize) {
      this.#formats = this.#formats.filter(({ count }) => count >= sampleSize / 2);
    }
  }

  /** How its values are written; null where they are text. */
  format(): ValueFormat | null {
    const most = Math.max(0, ...this.#formats.map(({ count }) => count));
    if (most === 0 || most < this.#values * enough) return null;
    const best = this.#formats.filter(({ count }) => count === most).map(({ format }) => format);
    const undecided = best.filter(({ name }) => ambiguous.includes(name));
    return undecided.length > 1 ? null : (best[0] ?? null);
  }
}

/** A text as a cell of a column whose values are written in one way; null for an empty one. */
export function cellOf(text: string, format: ValueFormat | null): Cell | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const value = format?.parse(trimmed) ?? null;
  return value === null || format === null
    ? { text: trimmed, value: trimmed, type: 'text' }
    : { text: trimmed, value, type: format.type };
}
