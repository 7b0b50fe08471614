import { describe, expect, it } from 'vitest';
import { createHashEncoder } from '../../platform/testing/hash-encoder.ts';
import { chunk, flowingWindow, pageWindow } from './chunk.ts';
import type { Chunk } from './types.ts';

const encoder = createHashEncoder();
const tokenSpans = (text: string) => encoder.tokenSpans(text);
const cut = (text: string) => [...chunk({ text, page: null }, 0, tokenSpans)];

/** A reproducible text: words, punctuation, paragraphs, other scripts. */
function makeText(seed: number, words: number): string {
  let state = seed;
  const random = (limit: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
  const vocabulary = [
    'alpha',
    'beta,',
    'gamma.',
    '(delta)',
    'Größe',
    'naïve-café',
    '東京',
    'e.g.',
    '42%',
    '😀',
    'end!',
    'x',
  ];
  const gaps = [' ', ' ', ' ', '  ', '\n', '\n\n', '\t', ' \r\n\r\n'];
  let text = '';
  for (let i = 0; i < words; i++) {
    text += `${vocabulary[random(vocabulary.length)]}${gaps[random(gaps.length)]}`;
  }
  return text;
}

const range = ({ locator }: Chunk) => {
  if (locator.kind !== 'TextRange') throw new Error('no range');
  return locator;
};

describe('passages of a flowing text', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => [seed]))('hold what they promise: text %i', (seed) => {
    const text = makeText(seed + 1, 20 + seed * 100);
    const chunks = cut(text);
    for (const [index, passage] of chunks.entries()) {
      const { start, end } = range(passage);
      expect(passage.ordinal).toBe(index);
      expect(text.slice(start, end)).toBe(passage.text);
      expect(tokenSpans(passage.text).length).toBeLessThanOrEqual(flowingWindow.maxTokens);
      expect(passage.text).toBe(passage.text.trim());
      const before = chunks[index - 1];
      if (!before) continue;
      const shared = text.slice(start, range(before).end);
      expect(start).toBeGreaterThan(range(before).start);
      expect(end).toBeGreaterThan(range(before).end);
      expect(tokenSpans(shared).length).toBeLessThanOrEqual(flowingWindow.overlapTokens);
      // Nothing but white space lies between two passages.
      expect(text.slice(range(before).end, Math.max(start, range(before).end)).trim()).toBe('');
    }
    // All of the text is in some passage.
    const covered = new Uint8Array(text.length);
    for (const passage of chunks) covered.fill(1, range(passage).start, range(passage).end);
    expect([...text.matchAll(/\S/g)].every((match) => covered[match.index] === 1)).toBe(true);
  });

  it('overlap by nearly as much as they may', () => {
    const text = Array.from({ length: 2000 }, (_, i) => `word${i}`).join(' ');
    const chunks = cut(text);
    expect(range(chunks[0]!)).toMatchObject({ start: 0 });
    expect(tokenSpans(chunks[0]!.text)).toHaveLength(200);
    expect(chunks[1]!.text.startsWith('word150 ')).toBe(true);
  });

  it('end with a sentence or a paragraph where one ends late enough', () => {
    const sentence = `${Array.from({ length: 18 }, (_, i) => `w${i}`).join(' ')} end. `;
    const [first] = cut(sentence.repeat(40));
    expect(first?.text.endsWith('end.')).toBe(true);
    const paragraphs = `${'a '.repeat(169)}last\n\n${'b c. '.repeat(200)}`;
    expect(cut(paragraphs)[0]?.text.endsWith('last')).toBe(true);
  });

  it('never cut a word, unless it alone is longer than a window', () => {
    const long = 'ab-'.repeat(150);
    const chunks = cut(`before ${long} behind`);
    expect(chunks.map(({ text }) => tokenSpans(text).length).every((count) => count <= 200)).toBe(true);
    for (const text of ['東京都'.repeat(300), 'x'.repeat(100_000), '😀'.repeat(20_000)]) {
      const pieces = cut(text);
      expect(pieces.every((piece) => !/\p{Surrogate}/u.test(piece.text))).toBe(true);
      expect(pieces[pieces.length - 1]?.text.length).toBeGreaterThan(0);
    }
  });

  it('of nothing are none', () => {
    expect(cut('')).toEqual([]);
    expect(cut(' \n\n ')).toEqual([]);
  });
});

describe('passages of a page', () => {
  it('have up to 300 tokens, and the rectangle around their lines', () => {
    const lines = Array.from({ length: 50 }, (_, i) => `line ${i} has ten words one two three four five`);
    const text = lines.join('\n');
    let start = 0;
    const page = {
      number: 7,
      lines: lines.map((line, index) => {
        const placed = {
          start,
          end: start + line.length,
          box: { left: 0.1, top: index * 0.02, width: 0.5, height: 0.015 },
        };
        start += line.length + 1;
        return placed;
      }),
    };
    const chunks = [...chunk({ text, page }, 5, tokenSpans)];
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks[0]?.ordinal).toBe(5);
    for (const passage of chunks) {
      expect(tokenSpans(passage.text).length).toBeLessThanOrEqual(pageWindow.maxTokens);
      expect(text).toContain(passage.text);
    }
    expect(chunks[0]?.locator).toEqual({
      kind: 'PageRegion',
      page: 7,
      box: { left: 0.1, top: 0, width: 0.5, height: expect.closeTo(29 * 0.02 + 0.015, 5) },
    });
  });
});
