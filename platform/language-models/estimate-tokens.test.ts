import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LanguageModel } from '../ports/language-model.ts';
import { openSmolLm } from '../testing/smol-lm.ts';
import { estimateTokens } from './estimate-tokens.ts';

let model: LanguageModel;
beforeAll(async () => {
  model = await openSmolLm();
}, 300_000);
afterAll(() => model?.[Symbol.asyncDispose]());

it.each([
  ['prose', 'The seal of pump P-101 must be serviced every 2,000 hours, by two people at least. '.repeat(5)],
  ['jargon', 'Hydroxychloroquine antidisestablishmentarianism thermohygrometrically deoxyribonucleic'],
  [
    'code',
    'for (let index = 0; index < rows.length; index++) { sumOfAll += rows[index]?.value ?? 0; }\n\t\treturn sumOfAll;',
  ],
  ['a hash', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 dGhpcyBpcyBiYXNlNjQgdGV4dA=='],
  ['other scripts', 'Привет, как дела? 你好，世界。こんにちは 👋🏽 Grüße aus Köln. مرحبا'],
  ['a table', '| a | b |\n|---|---|\n| 1.50 | 22,340 |\n'],
])('counts no fewer tokens than a real tokenizer in %s', async (_, text) => {
  expect(estimateTokens(text)).toBeGreaterThanOrEqual(await model.countTokens(text));
});

it('does not count prose more than two and a half times', async () => {
  const text =
    'The seal of the pump must be serviced every year, and whoever does it writes the date into the book.';
  expect(estimateTokens(text)).toBeLessThan(2.5 * (await model.countTokens(text)));
});
