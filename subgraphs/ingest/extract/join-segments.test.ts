import { describe, expect, it } from 'vitest';
import { joinSegments } from './join-segments.ts';

const segment = (start: number, end: number, text: string) => ({
  startMs: start * 1000,
  endMs: end * 1000,
  text,
});

describe('passages of a transcript', () => {
  it('are a sentence or two, with the time of all that is in them', () => {
    const passages = joinSegments([
      segment(0, 2, ' Close the main valve before you'),
      segment(2, 3, 'remove the cover.'),
      segment(3.5, 6, 'The temperature of the bearing is higher than it was.'),
      segment(6.5, 8, 'Oil the chain.'),
    ]);
    expect(passages).toEqual([
      segment(
        0,
        6,
        'Close the main valve before you remove the cover. The temperature of the bearing is higher than it was.',
      ),
      segment(6.5, 8, 'Oil the chain.'),
    ]);
  });

  it('end at a long pause and after 30 seconds', () => {
    expect(joinSegments([segment(0, 1, 'One'), segment(4, 5, 'two')])).toHaveLength(2);
    const long = Array.from({ length: 10 }, (_, index) => segment(index * 5, index * 5 + 5, 'and'));
    for (const { startMs, endMs } of joinSegments(long)) expect(endMs - startMs).toBeLessThanOrEqual(30_000);
  });

  it('are none without words', () => {
    expect(joinSegments([segment(0, 1, '  ')])).toEqual([]);
  });
});
