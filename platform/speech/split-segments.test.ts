import { describe, expect, it } from 'vitest';
import { splitSegments } from './split-segments.ts';

/** Tokens from 1000 on are times. */
const split = (written: readonly number[], length = 1500) => splitSegments(written, 1000, length);

describe('segments', () => {
  it('are cut at pairs of times, and what is not ended is heard again', () => {
    expect(split([1000, 1, 2, 1100, 1120, 3, 1200, 1200, 4, 5])).toEqual({
      segments: [
        { start: 0, end: 100, tokens: [1, 2] },
        { start: 120, end: 200, tokens: [3] },
      ],
      advance: 200,
    });
  });

  it('reach to the end of the window where the last one is ended by one time', () => {
    expect(split([1000, 1, 1100, 1120, 3, 1200])).toEqual({
      segments: [
        { start: 0, end: 100, tokens: [1] },
        { start: 120, end: 200, tokens: [3] },
      ],
      advance: 1500,
    });
  });

  it('are one where there is no pair', () => {
    expect(split([1010, 1, 2, 1090])).toEqual({
      segments: [{ start: 10, end: 90, tokens: [1, 2] }],
      advance: 1500,
    });
    expect(split([1010, 1, 2])).toEqual({
      segments: [{ start: 10, end: 1500, tokens: [1, 2] }],
      advance: 1500,
    });
  });

  it('are one without words where nothing was written', () => {
    expect(split([])).toEqual({ segments: [{ start: 0, end: 1500, tokens: [] }], advance: 1500 });
  });
});
