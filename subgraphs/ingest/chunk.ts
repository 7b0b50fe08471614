import type { Encoder } from '../../platform/ports/encoder.ts';
import type { Box, Locator } from '../../platform/types.ts';
import { splitUnits, type Unit } from './chunk/split-units.ts';
import type { Chunk, Content, Line, Piece, Section } from './types.ts';

/** Goes into every chunk's id: a change of how chunks are cut gives other chunks. */
export const chunkerVersion = 1;

/** How passages are cut, in the encoder's tokens. */
export interface WindowSize {
  readonly maxTokens: number;
  readonly overlapTokens: number;
}

export const flowingWindow: WindowSize = { maxTokens: 200, overlapTokens: 50 };
export const pageWindow: WindowSize = { maxTokens: 300, overlapTokens: 50 };

/** A window may end early, at a sentence's or a paragraph's end, once it is this full. */
const fullEnough = 0.8;

/**
 * Cuts one section into passages: windows of at most 200 tokens that overlap by at most 50, or of 300 where the
 * section is a page. No word is cut, but for one that alone is longer than a window. A passage is exactly the
 * text between its start and its end.
 */
export function* chunk(
  section: Section,
  firstOrdinal: number,
  tokenSpans: Encoder['tokenSpans'],
): Generator<Chunk & { readonly text: string }> {
  const { text, page } = section;
  const size = page === null ? flowingWindow : pageWindow;
  let ordinal = firstOrdinal;
  for (const { start, end } of windows(splitUnits(text, tokenSpans, size.maxTokens), size)) {
    const locator: Locator =
      page === null
        ? { kind: 'TextRange', start, end }
        : { kind: 'PageRegion', page: page.number, box: boxOf(page.lines, start, end) };
    yield {
      ...{ ordinal: ordinal++, modality: 'TEXT', family: 'text', text: text.slice(start, end), locator },
      ...{ content: { kind: 'text' }, digest: null, viewOf: null, preview: null, cells: null },
    };
  }
}

/**
 * A piece as passages: the piece itself, in the space of what it shows or sounds like, and views of it: its edges, and
 * its text, so that it is found by words too. A piece that is text alone is one passage of text.
 */
export function* chunkPiece(piece: Piece, firstOrdinal: number): Generator<Chunk> {
  const { modality, text, locator, digest, pictures = [], meanOf = [], edges, sound } = piece;
  const { searchable = true, preview = null, cells = null } = piece;
  const same = { modality, locator, text, digest, preview: null, cells: null };
  const content: Content =
    pictures.length > 0
      ? { kind: 'pictures', pictures, edges: false }
      : sound
        ? { kind: 'sound', samples: sound }
        : meanOf.length > 0
          ? { kind: 'mean', of: meanOf }
          : { kind: 'text' };
  const family = familyOf(content);
  yield { ...same, ordinal: firstOrdinal, family, content, viewOf: null, preview, cells };
  if (content.kind === 'text') return;
  let ordinal = firstOrdinal + 1;
  const viewOf = firstOrdinal;
  if (edges) {
    const ofEdges = { kind: 'pictures', pictures: [edges], edges: true } as const;
    yield { ...same, ordinal: ordinal++, family, content: ofEdges, viewOf };
  }
  if (searchable) yield { ...same, ordinal, family: 'text', content: { kind: 'text' }, viewOf };
}

const familyOf = ({ kind }: Content): Chunk['family'] =>
  (({ text: 'text', pictures: 'image', mean: 'image', sound: 'audio' }) as const)[kind];

/** The ranges of the windows over units, in order; each begins behind the start of the one before. */
export function* windows(units: Iterable<Unit>, size: WindowSize): Generator<{ start: number; end: number }> {
  let window: Unit[] = [];
  let tokens = 0;
  /** How many of the window's first units the window before had already. */
  let repeated = 0;
  for (const unit of units) {
    while (window.length > 0 && tokens + unit.tokens > size.maxTokens) {
      const length = bestEnd(window, repeated, size);
      yield rangeOf(window.slice(0, length));
      const kept = overlapStart(window, length, size.overlapTokens);
      repeated = length - kept;
      window = window.slice(kept);
      tokens = sum(window);
      // What is repeated makes room where the next word would not fit behind it.
      while (repeated > 0 && repeated === window.length && tokens + unit.tokens > size.maxTokens) {
        tokens -= window.shift()?.tokens ?? 0;
        repeated--;
      }
    }
    window.push(unit);
    tokens += unit.tokens;
  }
  if (window.length > repeated) yield rangeOf(window);
}

const sum = (units: readonly Unit[]): number => units.reduce((total, unit) => total + unit.tokens, 0);

const rangeOf = (units: readonly Unit[]) => ({
  start: units[0]?.start ?? 0,
  end: units[units.length - 1]?.end ?? 0,
});

/** How many of a full window's units to take: up to the last paragraph's or sentence's end that is late enough. */
function bestEnd(window: readonly Unit[], repeated: number, size: WindowSize): number {
  let tokens = sum(window);
  let sentence = 0;
  for (let length = window.length; length > repeated; length--) {
    if (tokens < size.maxTokens * fullEnough) break;
    const last = window[length - 1];
    if (last?.ends === 'paragraph') return length;
    if (last?.ends === 'sentence' && sentence === 0) sentence = length;
    tokens -= last?.tokens ?? 0;
  }
  return sentence || window.length;
}

/** From which unit of the window the next one begins: at most `overlapTokens` before `length`, and past the first. */
function overlapStart(window: readonly Unit[], length: number, overlapTokens: number): number {
  let start = length;
  let tokens = 0;
  while (start > 1) {
    tokens += window[start - 1]?.tokens ?? 0;
    if (tokens > overlapTokens) break;
    start--;
  }
  return start;
}

/** The rectangle around all lines that a range touches. */
function boxOf(lines: readonly Line[], start: number, end: number): Box | null {
  const touched = lines.filter((line) => line.start < end && line.end > start).map(({ box }) => box);
  if (touched.length === 0) return null;
  const left = Math.min(...touched.map((box) => box.left));
  const top = Math.min(...touched.map((box) => box.top));
  const right = Math.max(...touched.map((box) => box.left + box.width));
  const bottom = Math.max(...touched.map((box) => box.top + box.height));
  return { left, top, width: right - left, height: bottom - top };
}
