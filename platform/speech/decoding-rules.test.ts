import { describe, expect, it } from 'vitest';
import { applyDecodingRules } from './decoding-rules.ts';
import type { WhisperTokens } from './whisper-tokens.ts';

/** Words 0 to 9, of which 3 is a sign; 10 ends, 11 to 13 are special; times from 14, 0.00, to 34, 0.40. */
const tokens: WhisperTokens = {
  ...{ size: 35, endOfText: 10, startOfTranscript: 11, noSpeech: 12, noTimestamps: 13, firstTimestamp: 14 },
  ...{ multilingual: null, suppressed: [3, 11, 12, 13], suppressedAtBegin: [0, 10] },
  decode: String,
};

/** What may come behind what was written, where words are likelier than times unless said otherwise. */
function allowed(written: readonly number[], { times = -9, repeatedRun = 0, last = 20 } = {}): number[] {
  const logits = Float32Array.from({ length: tokens.size }, (_, token) => (token >= 14 ? times : 1));
  applyDecodingRules(logits, written, {
    ...{ tokens, repeatedRun, maxInitialTimestamp: 5, lastTimestamp: last },
  });
  return [...logits.entries()].flatMap(([token, logit]) =>
    logit === Number.NEGATIVE_INFINITY ? [] : [token],
  );
}
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const words = [0, 1, 2, 4, 5, 6, 7, 8, 9];

describe('what may come next', () => {
  it('is a time at the beginning, not later than the model allows and than the sound lasts', () => {
    expect(allowed([])).toEqual(range(14, 19));
    expect(allowed([], { last: 2 })).toEqual(range(14, 16));
  });

  it('is a word behind the time that begins a segment, or the end', () => {
    expect(allowed([14])).toEqual([...words, 10]);
    expect(allowed([14, 1, 20, 20])).toEqual([...words, 10]);
  });

  it('is a word, a later time or the end behind a word', () => {
    expect(allowed([16, 1])).toEqual([...words, 10, ...range(17, 34)]);
    expect(allowed([16, 1], { last: 8 })).toEqual([...words, 10, ...range(17, 22)]);
  });

  it('is the end or a time that is not earlier behind the time that ends a segment', () => {
    expect(allowed([16, 1, 20])).toEqual([10, ...range(20, 34)]);
  });

  it('is a time where times together are likelier than any word', () => {
    expect(allowed([16, 1], { times: 0 })).toEqual(range(17, 34));
  });

  it('is never a special token or a sign', () => {
    for (const written of [[14], [14, 1], [14, 1, 20]]) {
      expect(allowed(written)).not.toEqual(expect.arrayContaining([3]));
      expect(allowed(written).filter((token) => token > 10 && token < 14)).toEqual([]);
    }
  });

  it('does not make a run of words come twice, where that is asked for', () => {
    expect(allowed([14, 1, 2, 4, 1, 2], { repeatedRun: 3 })).not.toContain(4);
    expect(allowed([14, 1, 2, 4, 1, 2], { repeatedRun: 4 })).toContain(4);
    expect(allowed([14, 1, 2, 4, 5, 2], { repeatedRun: 3 })).toContain(4);
  });
});
