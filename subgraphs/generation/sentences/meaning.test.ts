import { describe, expect, it } from 'vitest';
import type { Encoder } from '../../../platform/ports/encoder.ts';
import { createHashEncoder } from '../../../platform/testing/hash-encoder.ts';
import { Meaning, nearness } from './meaning.ts';

const { signal } = new AbortController();

/** An encoder that remembers what it was asked, and fails as often as it is told to. */
function watched(failures = 0) {
  const encoder = createHashEncoder();
  const texts: string[] = [];
  let left = failures;
  const encode: Encoder['encode'] = async (asked, purpose) => {
    if (left-- > 0) throw new Error('busy');
    texts.push(...asked);
    return encoder.encode(asked, purpose);
  };
  return { texts, encoder: { ...encoder, encode } };
}

describe('comparing by meaning', () => {
  it('encodes each text once, until it forgets', async () => {
    const { encoder, texts } = watched();
    const meaning = new Meaning(encoder);
    const first = await meaning.encode(['a pump', 'a seal', 'a pump'], signal);
    expect(await meaning.encode(['a seal', 'a pump'], signal)).toEqual(first);
    expect(texts).toEqual(['a pump', 'a seal']);
    meaning[Symbol.dispose]();
    await meaning.encode(['a seal'], signal);
    expect(texts).toEqual(['a pump', 'a seal', 'a seal']);
    meaning[Symbol.dispose]();
  });

  it('keeps those used last where there are too many', async () => {
    const { encoder, texts } = watched();
    const meaning = new Meaning(encoder, { maxKept: 2 });
    await meaning.encode(['a pump', 'a seal'], signal);
    await meaning.encode(['a pump'], signal);
    const found = await meaning.encode(['a valve'], signal);
    expect([...found.keys()]).toEqual(['a valve']);
    await meaning.encode(['a pump', 'a valve'], signal);
    expect(texts).toEqual(['a pump', 'a seal', 'a valve']);
    await meaning.encode(['a seal'], signal);
    expect(texts).toHaveLength(4);
    meaning[Symbol.dispose]();
  });

  it('gives all vectors that were asked for, also more than it keeps', async () => {
    const meaning = new Meaning(createHashEncoder(), { maxKept: 1 });
    expect((await meaning.encode(['a pump', 'a seal', 'a valve'], signal)).size).toBe(3);
    meaning[Symbol.dispose]();
  });

  it('measures the encoder once, and again where that failed', async () => {
    const { encoder, texts } = watched(1);
    const meaning = new Meaning(encoder);
    await expect(meaning.scales()).rejects.toThrow('busy');
    const { sentences } = await meaning.scales();
    const asked = texts.length;
    await meaning.scales();
    expect(texts).toHaveLength(asked);
    expect(sentences.related).toBeGreaterThan(sentences.unrelated + 0.2);
  });

  it('reads inner products on the encoder’s scale', () => {
    const scale = { unrelated: 0.4, related: 0.8 };
    expect(nearness(0.4, scale)).toBe(0);
    expect(nearness(0.6, scale)).toBeCloseTo(0.5);
    expect(nearness(0.95, scale)).toBe(1);
    // One that tells nothing apart makes nothing alike.
    expect(nearness(0.4001, { unrelated: 0.4, related: 0.4 })).toBeLessThan(0.01);
  });
});
