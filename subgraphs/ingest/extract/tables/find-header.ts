import { isTyped } from './value-formats.ts';

/** So many rows are looked at. */
export const headerSample = 50;

/** Longer names of columns are hardly names. */
const maxNameLength = 100;

/**
 * Which row is the header: the first that has as many cells as most rows, all of them different texts that are no
 * numbers or dates.
 *
 * @param rows the first rows: the texts of their cells.
 * @returns its index; null where the first such row is one of values.
 */
export function findHeader(rows: readonly (readonly string[])[]): number | null {
  const filled = rows.map((row) => row.filter((text) => text.trim() !== '').length);
  const width = commonest(filled.filter((count) => count > 0));
  const index = filled.findIndex((count) => count > 0 && count >= Math.min(width, 2) && count >= width / 2);
  const names = (rows[index] ?? []).map((text) => text.trim()).filter((text) => text !== '');
  if (index === -1 || names.length === 0) return null;
  const distinct = new Set(names.map((name) => name.toLowerCase()));
  // Years and the like are names of columns where the others are names.
  const typed = names.filter(isTyped).length;
  if (typed > 0 && typed >= names.length / 2) return null;
  if (names.some((name) => name.length > maxNameLength)) return null;
  return distinct.size * 2 >= names.length ? index : null;
}

/** The number that is there most often; the largest of several. */
function commonest(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  let best = 0;
  for (const [number, count] of counts) {
    const most = counts.get(best) ?? 0;
    if (count > most || (count === most && number > best)) best = number;
  }
  return best;
}

/** Names for all columns, each once: those of the header, and `column 3` where it has none. */
export function nameColumns(header: readonly string[], width: number): string[] {
  const taken = new Set<string>();
  return Array.from({ length: Math.max(width, header.length) }, (_, index) => {
    const given = (header[index] ?? '').replace(/\s+/gu, ' ').trim().slice(0, maxNameLength);
    const base = given === '' ? `column ${index + 1}` : given;
    let name = base;
    for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${base} (${count})`;
    taken.add(name.toLowerCase());
    return name;
  });
}
