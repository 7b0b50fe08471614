import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { beforeAll, describe, expect, it } from 'vitest';
import { miniLmFolder } from '../testing/mini-lm.ts';
import { type BertTokenizer, createBertTokenizer } from './bert-tokenizer.ts';

let tokenizer: BertTokenizer;
let reference: Tokenizer;
beforeAll(async () => {
  const file: object = JSON.parse(await readFile(join(await miniLmFolder(), 'tokenizer.json'), 'utf8'));
  tokenizer = createBertTokenizer(file);
  reference = new Tokenizer(file, {});
}, 300_000);

const texts = [
  '',
  '   \n\t ',
  'The seal of pump P-101 must be serviced every 4,000 hours.',
  'Unbelievably antidisestablishmentarianism!!! (really?)',
  'Ein Café in Zürich: naïve Façade, İstanbul, ΟΔΥΣΣΕΥΣ ὁ Σοφός.',
  'Cafe\u0301 and re\u0301sume\u0301 with combining accents',
  '漢字かな交じり文、テスト。中文字符和English混合',
  '한국어 텍스트도 있습니다',
  'Emoji 🙂👩‍👩‍👧‍👦 beside words🚀 and flags 🇨🇭',
  'zero\u200bwidth\ufeffand\u0000control\u0007characters\u000bhere',
  'non\u00a0breaking\u2003spaces\u3000and\u2028lines',
  'https://example.org/a_b?c=d&e=%20#f',
  '\ud83d lone surrogate \ude00 here',
  `word ${'x'.repeat(150)} word`,
  'हिन्दी में लिखा हुआ और العربية أيضا',
];

describe('the ids', () => {
  it('are those of the reference', () => {
    for (const text of texts) {
      expect([...tokenizer.encode(text, 10_000)], JSON.stringify(text)).toEqual(reference.encode(text).ids);
    }
  });

  it('are cut off with the last special token kept', () => {
    const ids = tokenizer.encode('one two three four five six', 5);
    expect([...ids]).toEqual([...reference.encode('one two three').ids]);
  });

  it('treat what looks like a special token as text', () => {
    expect([...tokenizer.encode('a [SEP] b', 100)]).toHaveLength(2 + 5);
  });
});

describe('the spans', () => {
  it('are in order, never overlap, lie in the text, and are as many as the tokens', () => {
    for (const text of texts) {
      const spans = tokenizer.spans(text);
      expect(spans.length, JSON.stringify(text)).toBe(reference.encode(text).ids.length - 2);
      let reached = 0;
      for (const { start, end } of spans) {
        expect(start).toBeGreaterThanOrEqual(reached);
        expect(end).toBeGreaterThanOrEqual(start);
        reached = end;
      }
      expect(reached).toBeLessThanOrEqual(text.length);
    }
  });

  it('are where the words are, whatever stands before them', () => {
    const words = ['Zürich', 'seal', '漢', '🙂', 'Cafe\u0301', 'İstanbul', '4,000'];
    const text = words.join('  \u200b');
    const spans = tokenizer.spans(text);
    for (const word of words) {
      const start = text.indexOf(word);
      const end = start + word.length;
      expect(
        spans.some((span) => span.start === start),
        word,
      ).toBe(true);
      const inside = spans.filter((span) => span.start >= start && span.start < end);
      // A control character that is nothing belongs to what stands before it.
      expect(inside.at(-1)?.end, word).toBeGreaterThanOrEqual(end);
      expect(text.slice(end, inside.at(-1)?.end).replaceAll('\u200b', '')).toBe('');
    }
  });

  it('give back the text of each token', () => {
    const text = 'Unbelievable PUMPS, cafés';
    const parts = tokenizer.spans(text).map(({ start, end }) => text.slice(start, end));
    expect(parts.join('')).toBe('UnbelievablePUMPS,cafés');
    expect(parts).toContain('PUMPS');
    expect(parts).toContain(',');
  });

  it('hold for random texts as well', () => {
    const alphabet = [...'abz 19.-(é漢한🙂ß\u0301\u200b\n\u00a0Σ'];
    let state = 42;
    const random = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    for (let round = 0; round < 300; round++) {
      const text = Array.from({ length: random(40) }, () => alphabet[random(alphabet.length)]).join('');
      const spans = tokenizer.spans(text);
      expect(spans.length, JSON.stringify(text)).toBe(reference.encode(text).ids.length - 2);
      let reached = 0;
      for (const { start, end } of spans) {
        expect(start >= reached && end >= start, JSON.stringify(text)).toBe(true);
        reached = end;
      }
      expect(reached).toBeLessThanOrEqual(text.length);
    }
  });
});
