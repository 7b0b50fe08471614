import type { StreamedEvent } from '../ports/answer-streams.ts';

/**
 * How long a stream lives behind its last event, in seconds: less than the five minutes that a deletion may take,
 * so that it ends in time where Redis cannot be reached.
 */
export const streamSeconds = 180;

/** The sequence of the entry that closes a stream: higher than any event's. */
const closingSequence = Number.MAX_SAFE_INTEGER;
export const closingId = `${closingSequence}-0`;

/** An entry as Redis gives it: its id, and names and values in turn. */
export type StreamEntry = readonly [id: string, fields: readonly string[] | null];

export type ReadEntry =
  | { readonly kind: 'event'; readonly event: StreamedEvent }
  | { readonly kind: 'closed' }
  /** Something that is no event of ours: the database has the event that belongs there. */
  | { readonly kind: 'unreadable'; readonly sequence: number };

/** Reads an entry. */
export function readEntry([id, fields]: StreamEntry): ReadEntry {
  const sequence = Number(id.split('-', 1)[0]);
  if (sequence === closingSequence) return { kind: 'closed' };
  const [, kind, , text] = fields ?? [];
  if (fields?.[0] !== 'kind' || fields[2] !== 'payload' || kind === undefined || text === undefined) {
    return { kind: 'unreadable', sequence };
  }
  try {
    const payload: unknown = JSON.parse(text);
    if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
      return { kind: 'unreadable', sequence };
    }
    return { kind: 'event', event: { sequence, kind, payload: { ...payload } } };
  } catch {
    return { kind: 'unreadable', sequence };
  }
}
