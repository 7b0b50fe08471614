import type { CoverageFieldsFragment, LocatorFieldsFragment } from './operations.generated.ts';

/** Where a passage stands, for people: `page 3`, `characters 0–180`, `1:05–1:20`, `A2:C9`. */
export function renderLocator(locator: LocatorFieldsFragment): string {
  switch (locator.__typename) {
    case 'TextRange':
      return `characters ${locator.start}–${locator.end}`;
    case 'PageRegion':
      return [`page ${locator.page}`, ...renderRegion(locator.box)].join(', ');
    case 'ImageRegion':
      return renderRegion(locator.region)[0] ?? 'the whole picture';
    case 'TimeSpan':
      return `${renderTime(locator.startMs)}–${renderTime(locator.endMs)}`;
    case 'CellRange': {
      const sheet = locator.sheet === null ? '' : `sheet ${locator.sheet}, `;
      const cell = (row: number, column: number) => `${renderColumn(column)}${row}`;
      return `${sheet}${cell(locator.firstRow, locator.firstColumn)}:${cell(locator.lastRow, locator.lastColumn)}`;
    }
  }
}

/** Fractions of width and height. */
interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A region in per cent, from the top left: `25%–75% across, 50%–63% down`; nothing of a whole. */
function renderRegion(region: Region | null): string[] {
  if (region === null) return [];
  const { left, top, width, height } = region;
  if (left <= 0 && top <= 0 && width >= 1 && height >= 1) return [];
  const span = (from: number, length: number) =>
    `${Math.round(100 * from)}%–${Math.round(100 * (from + length))}%`;
  return [`${span(left, width)} across, ${span(top, height)} down`];
}

/** A column as spreadsheets name it: 1 is `A`, 27 is `AA`. */
function renderColumn(column: number): string {
  let name = '';
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  }
  return name;
}

/** A coverage in one line; what was not searched is said with its reason. */
export function renderCoverage({ complete, sources }: CoverageFieldsFragment): string {
  const parts = sources
    .filter(({ status }) => status !== 'SKIPPED')
    .map(({ modality, space, method, tier, status, candidates, reason }) => {
      const way = space === 'TEXT' ? method : space;
      const name = `${tier === 'COLD' ? 'cold ' : ''}${modality} ${way}`.toLowerCase();
      const why = reason === null ? '' : ` (${reason})`;
      if (status === 'SEARCHED') return `${name} ${candidates}${why}`;
      return `${name} ${status === 'TIMED_OUT' ? 'timed out' : 'unavailable'}${why}`;
    });
  const left = sources.some(({ tier, status }) => tier === 'COLD' && status === 'SKIPPED');
  const hint = left ? '; cold documents were left out (--include-cold searches them)' : '';
  return `${complete ? 'Searched' : 'INCOMPLETE, searched'}: ${parts.length === 0 ? 'nothing' : parts.join(', ')}${hint}`;
}

/** The first words of a passage on one line, at most `length` characters. */
export function excerpt(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= length) return line;
  const cut = line.slice(0, length - 1);
  const space = cut.lastIndexOf(' ');
  return `${space > length / 2 ? cut.slice(0, space) : cut}…`;
}

/**
 * The part of a passage that has most of the highlighted words, on one line, of about `length` characters;
 * begins and ends at words.
 */
export function excerptAround(
  text: string,
  highlights: readonly { readonly start: number; readonly end: number }[],
  length: number,
): string {
  if (text.length <= length) return excerpt(text, length);
  const lead = Math.floor(length / 4);
  let [best, most] = [0, 0];
  for (const { start } of highlights) {
    const begin = Math.max(0, start - lead);
    const within = highlights.filter((one) => one.start >= begin && one.end <= begin + length).length;
    if (within > most) [best, most] = [begin, within];
  }
  // Not in the middle of a word.
  const begin = best === 0 ? 0 : best + (/\s/.exec(text.slice(best))?.index ?? 0);
  return `${begin === 0 ? '' : '…'}${excerpt(text.slice(begin), length)}`;
}

/** Milliseconds for people: `85 ms`, `1.3 s`. */
export const renderMs = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

/** A size for people, in decimal units: `22.9 MB`. */
export function renderBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** A number of things, with the word for one or several: `1 passage`, `1,400 passages`. */
export const count = (number: number, word: string): string =>
  `${number.toLocaleString('en-US')} ${word}${number === 1 ? '' : 's'}`;

function renderTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const padded = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const clock = `${hours > 0 ? padded(minutes) : minutes}:${padded(seconds % 60)}`;
  return hours > 0 ? `${hours}:${clock}` : clock;
}
