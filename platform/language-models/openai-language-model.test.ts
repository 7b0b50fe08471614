import type { ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { languageModelContract, say } from './language-model.contract.ts';
import { createOpenaiLanguageModel, type OpenaiLanguageModelOptions } from './openai-language-model.ts';
import {
  type AskedCompletion,
  chunkOf,
  sayAlways,
  serveCompletions,
  usageOf,
} from './testing/chat-completions-server.ts';

const text = 'The capital of France is Paris, naturally.';

async function start(
  answer: (asked: AskedCompletion, response: ServerResponse) => Promise<void> | void,
  options: Partial<OpenaiLanguageModelOptions> = {},
) {
  const server = await serveCompletions(answer);
  const model = createOpenaiLanguageModel({
    baseUrl: server.baseUrl,
    model: 'test',
    apiKey: 'key',
    contextTokens: 4096,
    ...options,
  });
  onTestFinished(async () => {
    await model[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  return { server, model };
}

const stream =
  (...parts: (string | Buffer)[]) =>
  async (_: AskedCompletion, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const part of parts) {
      response.write(part);
      // A packet of its own.
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };

describe('an OpenAI-compatible endpoint', () => {
  languageModelContract(async () => (await start(sayAlways(text))).model);

  it('is asked greedily, with its key, and to go on as vLLM has it', async () => {
    const { server, model } = await start(sayAlways(text));
    await say(model, { prefix: 'The capital' });
    expect(server.asked[0]).toMatchObject({
      authorization: 'Bearer key',
      model: 'test',
      temperature: 0,
      max_tokens: 24,
      stream: true,
      stream_options: { include_usage: true },
      continue_final_message: true,
      add_generation_prompt: false,
      messages: [{ role: 'system' }, { role: 'user' }, { role: 'assistant', content: 'The capital' }],
    });
  });

  it('that cannot go on is asked in words, once, and what it repeats is left out', async () => {
    const { server, model } = await start((asked, response) => {
      if (asked.continue_final_message !== undefined)
        return void response.writeHead(400).end('unknown parameter');
      return sayAlways(text)(asked, response);
    });
    expect((await say(model, { prefix: 'The capital of' })).text).toBe(' France is Paris, naturally.');
    expect(server.asked[1]!.messages.at(-1)).toMatchObject({ role: 'user' });
    await say(model, { prefix: 'The capital of' });
    expect(server.asked).toHaveLength(3);
  });

  it('may cut characters and lines anywhere, and keep the connection alive with comments', async () => {
    const body = Buffer.from(
      `: keep-alive\r\n\r\nevent: chunk\r\n${chunkOf('Grüße 👋 ')}:\n\n${chunkOf('aus Köln', 'stop')}${usageOf(5, 3)}data: [DONE]\n\n`,
    );
    const bytes = Array.from(body, (byte) => Buffer.from([byte]));
    const { model } = await start(stream(...bytes));
    expect(await say(model)).toMatchObject({
      text: 'Grüße 👋 aus Köln',
      end: { promptTokens: 5, completionTokens: 3 },
    });
  });

  it('that gives no usage has its tokens counted', async () => {
    const { model } = await start(stream(chunkOf('Paris it is'), chunkOf('', 'length')));
    const { end } = await say(model);
    expect(end.promptTokens).toBeGreaterThan(10);
    expect(end.completionTokens).toBeGreaterThanOrEqual(3);
  });

  it.each([
    ['ends too early', stream(chunkOf('Paris'))],
    ['says something that is no JSON', stream(chunkOf('Paris'), 'data: {"choices": [\n\n')],
    ['says something else', stream('data: {"choices": "Paris"}\n\n')],
    [
      'reports an error in the stream',
      stream(chunkOf('Paris'), 'data: {"error": {"message": "secret"}}\n\n'),
    ],
    ['sends bytes that are no text', stream(Buffer.from([0x64, 0xff, 0xfe]), chunkOf('', 'stop'))],
    [
      'breaks the connection',
      (_: AskedCompletion, response: ServerResponse) => {
        response.writeHead(200);
        response.write(chunkOf('Paris'), () => response.destroy());
      },
    ],
    ['fails', (_: AskedCompletion, response: ServerResponse) => void response.writeHead(500).end('secret')],
    [
      'refuses the key',
      (_: AskedCompletion, response: ServerResponse) => void response.writeHead(401).end('secret'),
    ],
    [
      'does not know the model',
      (_: AskedCompletion, response: ServerResponse) => void response.writeHead(404).end('secret'),
    ],
  ])('that %s is an upstream failure, with nothing of its own words', async (_, answer) => {
    const { model } = await start(answer);
    const failure = await say(model).catch((error) => error);
    expect(failure).toMatchObject({ code: 'UPSTREAM', service: 'language-model', retryable: true });
    expect(failure.publicMessage).not.toContain('secret');
  });

  it('that has too much to do says when to come back', async () => {
    const { model } = await start(
      (_, response) => void response.writeHead(429, { 'retry-after': '7' }).end(),
    );
    await expect(say(model)).rejects.toMatchObject({ code: 'BUSY', retryAfterMs: 7000 });
  });

  it('that does not go on in time is given up', async () => {
    const silent = (_: AskedCompletion, response: ServerResponse) => {
      response.writeHead(200);
      response.write(chunkOf('Paris'));
    };
    const { model, server } = await start(silent, { idleTimeoutMs: 50 });
    await expect(say(model)).rejects.toMatchObject({
      code: 'UPSTREAM',
      message: expect.stringContaining('50 ms'),
    });
    await eventually(() => server.brokenOff === 1);
    const { model: dumb } = await start(() => {}, { firstTokenTimeoutMs: 50 });
    await expect(say(dumb)).rejects.toMatchObject({ code: 'UPSTREAM' });
  });

  it('is hung up on when the answer is aborted or its reader leaves', async () => {
    const endless = async (_: AskedCompletion, response: ServerResponse) => {
      response.writeHead(200);
      while (!response.destroyed) {
        response.write(chunkOf('and '));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const { model, server } = await start(endless);
    const controller = new AbortController();
    const asked = { messages: [], maxTokens: 9, signal: controller.signal };
    for await (const _ of model.generate(asked)) break;
    await eventually(() => server.brokenOff === 1);
    const reason = new Error('enough');
    const reading = async () => {
      for await (const _ of model.generate(asked)) controller.abort(reason);
    };
    await expect(reading()).rejects.toBe(reason);
    await eventually(() => server.brokenOff === 2);
  });

  it('that is not there is an upstream failure', async () => {
    const { model, server } = await start(() => {});
    await server[Symbol.asyncDispose]();
    await expect(say(model)).rejects.toMatchObject({ code: 'UPSTREAM', service: 'language-model' });
  });
});
