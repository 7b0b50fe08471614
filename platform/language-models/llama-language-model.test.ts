import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../ports/language-model.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { openSmolLm } from '../testing/smol-lm.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { languageModelContract, say } from './language-model.contract.ts';
import { createLlamaLanguageModel } from './llama-language-model.ts';

describe('a local model', () => {
  let model: LanguageModel;
  beforeAll(async () => {
    model = await openSmolLm();
  }, 300_000);
  afterAll(() => model?.[Symbol.asyncDispose]());

  languageModelContract(async () => model);

  it('answers what it was asked', async () => {
    expect((await say(model)).text).toContain('Paris');
  });

  it('counts tokens as its tokenizer does, white space and other scripts too', async () => {
    expect(await model.countTokens('Hello world')).toBe(2);
    expect(await model.countTokens('Grüße 👋')).toBeGreaterThan(3);
  });

  it('gives whole characters only', async () => {
    const prefix = 'Here are three emoji: 😀';
    const { pieces } = await say(model, { prefix, maxTokens: 12 });
    expect(pieces.join('')).not.toContain('\uFFFD');
  });

  it('refuses a prompt that is longer than its context', async () => {
    const messages = [{ role: 'user' as const, content: 'word '.repeat(2000) }];
    await expect(say(model, { messages })).rejects.toMatchObject({
      code: 'REJECTED_INPUT',
      reason: 'PROMPT_TOO_LONG',
    });
  });
});

it.each([
  ['a text', 'This is no model.'],
  ['a text that begins as a model does', 'GGUF, it says, and is not'],
  ['nothing', ''],
  ['not there', null],
])('says clearly that a file is no model: %s', async (_, content) => {
  await using folder = await temporaryDirectory();
  const file = join(folder.path, 'broken.gguf');
  if (content !== null) await writeFile(file, content);
  const opening = createLlamaLanguageModel({
    file,
    model: 'broken',
    threads: 1,
    contextTokens: 512,
    answersWell: false,
    logger: silentLogger,
  });
  await expect(opening).rejects.toMatchObject({ code: 'REJECTED_INPUT', reason: 'MODEL_UNREADABLE' });
});
