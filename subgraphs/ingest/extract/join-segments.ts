import type { SpokenSegment } from '../../../platform/ports/transcriber.ts';

/** A passage is closed at a sentence's end once it has so many characters. */
const enoughCharacters = 80;
const mostCharacters = 500;
const mostMs = 30_000;
/** A pause of this length ends a passage whatever was said. */
const pauseMs = 2_000;

/**
 * Joins what a transcriber heard into passages of a sentence or two, of at most 30 seconds: a time span that is worth
 * listening to, with enough words to be found by.
 *
 * @param segments in order.
 */
export function joinSegments(segments: readonly SpokenSegment[]): SpokenSegment[] {
  const passages: SpokenSegment[] = [];
  let open: SpokenSegment | null = null;
  for (const segment of segments) {
    const text = segment.text.replace(/\s+/g, ' ').trim();
    if (text === '') continue;
    if (open !== null && !belongs(open, { ...segment, text })) {
      passages.push(open);
      open = null;
    }
    open =
      open === null
        ? { ...segment, text }
        : { startMs: open.startMs, endMs: segment.endMs, text: `${open.text} ${text}` };
  }
  if (open !== null) passages.push(open);
  return passages;
}

function belongs(open: SpokenSegment, next: SpokenSegment): boolean {
  if (next.startMs - open.endMs > pauseMs || next.endMs - open.startMs > mostMs) return false;
  if (open.text.length + next.text.length > mostCharacters) return false;
  return open.text.length < enoughCharacters || !/[.!?…。！？]["'”’»)]*$/.test(open.text);
}
