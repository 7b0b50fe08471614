import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AskedCompletion {
  readonly authorization: string | undefined;
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly max_tokens: number;
  readonly temperature: number;
  readonly stream: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly continue_final_message?: boolean;
  readonly add_generation_prompt?: boolean;
}

export interface CompletionsServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly asked: AskedCompletion[];
  /** How many requests' connections were closed before their answer had ended. */
  readonly brokenOff: number;
}

/** A server that speaks `/v1/chat/completions`, each answer written by `answer`. */
export async function serveCompletions(
  answer: (asked: AskedCompletion, response: ServerResponse) => Promise<void> | void,
): Promise<CompletionsServer> {
  const asked: AskedCompletion[] = [];
  let brokenOff = 0;
  const server = createServer(async (request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) brokenOff++;
    });
    const body = JSON.parse(await read(request));
    asked.push({ ...body, authorization: request.headers.authorization });
    await answer(asked.at(-1) as AskedCompletion, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    get brokenOff() {
      return brokenOff;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

export const chunkOf = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;

export const usageOf = (prompt: number, completion: number): string =>
  `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: prompt, completion_tokens: completion } })}\n\n`;

/** Answers as a greedy model would that always says one text; a token is a word. */
export function sayAlways(text: string) {
  return async (asked: AskedCompletion, response: ServerResponse) => {
    const last = asked.messages.at(-1);
    const begun = asked.continue_final_message === true && last?.role === 'assistant' ? last.content : '';
    const words = (text.startsWith(begun) ? text.slice(begun.length) : text).match(/\s*\S+/g) ?? [];
    const said = words.slice(0, asked.max_tokens);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const word of said) {
      response.write(chunkOf(word));
      await new Promise((resolve) => setImmediate(resolve));
      if (response.destroyed) return;
    }
    response.end(`${chunkOf('', 'stop')}${usageOf(42, said.length)}data: [DONE]\n\n`);
  };
}
