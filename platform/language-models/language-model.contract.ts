import { expect, it } from 'vitest';
import type { GenerateOptions, LanguageModel } from '../ports/language-model.ts';

const messages = [
  { role: 'system', content: 'You answer in one short sentence.' },
  { role: 'user', content: 'What is the capital of France?' },
] as const;

/** All that a model says, and the event that it ends with. */
export async function say(model: LanguageModel, options: Partial<GenerateOptions> = {}) {
  const { signal } = new AbortController();
  const pieces: string[] = [];
  let end: { promptTokens: number; completionTokens: number } | undefined;
  for await (const event of model.generate({ messages, maxTokens: 24, signal, ...options })) {
    if (event.kind === 'text') pieces.push(event.text);
    else end = event;
  }
  if (!end) throw new Error('The model did not say that it had ended.');
  return { text: pieces.join(''), pieces, end };
}

/** What every language model promises. `open` gives one that is disposed of by the caller. */
export function languageModelContract(open: () => Promise<LanguageModel>): void {
  it('streams an answer in pieces, and ends with what it used', async () => {
    const { pieces, end } = await say(await open());
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces).not.toContain('');
    expect(end.promptTokens).toBeGreaterThan(10);
    expect(end.completionTokens).toBeGreaterThan(1);
  });

  it('says the same again', async () => {
    const model = await open();
    expect((await say(model)).text).toBe((await say(model)).text);
  });

  it('goes on behind a beginning with the same text, and repeats none of it', async () => {
    const model = await open();
    const { text } = await say(model);
    for (const length of [text.indexOf(' ', 3), text.lastIndexOf(' ')]) {
      const prefix = text.slice(0, length);
      expect(prefix + (await say(model, { prefix })).text).toBe(text);
    }
  });

  it('says no more than it may', async () => {
    const { end } = await say(await open(), { maxTokens: 3 });
    expect(end.completionTokens).toBeLessThanOrEqual(3);
  });

  it('writes several answers at once', async () => {
    const model = await open();
    const alone = (await say(model)).text;
    const together = await Promise.all([say(model), say(model), say(model), say(model)]);
    expect(together.map(({ text }) => text)).toEqual([alone, alone, alone, alone]);
  });

  it('stops when it is aborted, with the reason, and answers the next one', async () => {
    const model = await open();
    const controller = new AbortController();
    const reason = new Error('enough');
    const seen: string[] = [];
    const reading = async () => {
      for await (const event of model.generate({ messages, maxTokens: 24, signal: controller.signal })) {
        if (event.kind === 'text') seen.push(event.text);
        controller.abort(reason);
      }
    };
    await expect(reading()).rejects.toBe(reason);
    expect(seen).toHaveLength(1);
    await expect(say(model, { signal: controller.signal })).rejects.toBe(reason);
    expect((await say(model)).text).not.toBe('');
  });

  it('stops when its reader leaves, and answers the next one', async () => {
    const model = await open();
    for await (const event of model.generate({
      messages,
      maxTokens: 24,
      signal: new AbortController().signal,
    })) {
      expect(event.kind).toBe('text');
      break;
    }
    expect((await say(model)).text).not.toBe('');
  });

  it('counts no fewer tokens than it uses', async () => {
    const model = await open();
    const { text, end } = await say(model);
    expect(await model.countTokens(text)).toBeGreaterThanOrEqual(end.completionTokens - 1);
    expect(await model.countTokens('')).toBe(0);
  });
}
