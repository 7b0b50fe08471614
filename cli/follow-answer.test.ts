import { describe, expect, it } from 'vitest';
import { collect } from '../platform/testing/collect.ts';
import { TributaryClient } from './client.ts';
import { exitCodes } from './failure.ts';
import { followAnswer } from './follow-answer.ts';
import { type LocalServer, serveLocally } from './testing/local-server.ts';

interface AnswerArguments {
  readonly input?: { readonly question: string; readonly idempotencyKey: string };
  readonly id?: string;
  readonly after?: string;
}

const words = ['Every ', '500 ', 'operating ', 'hours.'];
const log = [
  { __typename: 'AnswerStarted', model: 'extractive', style: 'EXTRACTIVE' },
  ...words.map((text) => ({ __typename: 'TokenDelta', text })),
  { __typename: 'AnswerFailed', code: 'UPSTREAM', retryable: true, message: 'The end.' },
].map((event, index) => ({ ...event, sequence: index + 1, cursor: `c${index + 1}`, answerId: 'ans_1' }));

/** Serves the log, and breaks the connection off once behind the event with the sequence `dropBehind`. */
async function serveAnswer(dropBehind: number) {
  const asked: AnswerArguments[] = [];
  let server: LocalServer | undefined;
  server = await serveLocally({
    async *answer(given: AnswerArguments) {
      asked.push(given);
      const from = given.after === undefined ? 0 : Number(given.after.slice(1));
      for (const event of log.slice(from)) {
        if (asked.length === 1 && event.sequence === dropBehind + 1) {
          server?.dropConnections();
          await new Promise(() => undefined);
        }
        // What the client has seen already is sent again: it must not be doubled.
        yield { answer: event };
      }
    },
  });
  return { server, asked };
}

const input = { question: 'How often?', idempotencyKey: 'key-1' };

describe('following an answer', () => {
  it('gives every event once, in order', async () => {
    const { server, asked } = await serveAnswer(99);
    await using _ = server;
    await using client = new TributaryClient({ url: server.url, token: 'secret', tenant: 'library' });
    const events = await collect(followAnswer(client, { input }));
    expect(events).toEqual(log);
    expect(asked).toEqual([{ input: { ...input, passages: 8 } }]);
    expect(server.callers).toEqual([{ authorization: 'Bearer secret', 'tributary-tenant': 'library' }]);
  });

  it('goes on behind the last event where the connection breaks', async () => {
    const { server, asked } = await serveAnswer(3);
    await using _ = server;
    await using client = new TributaryClient({ url: server.url });
    const reconnects: string[] = [];
    const events = await collect(
      followAnswer(
        client,
        { input },
        { firstDelayMs: 1, onReconnect: ({ message }) => reconnects.push(message) },
      ),
    );
    expect(events).toEqual(log);
    expect(asked.slice(1)).toEqual([{ id: 'ans_1', after: 'c3' }]);
    expect(reconnects).toEqual([`The connection to ${server.url} was lost.`]);
  });

  it('asks again with the same key where it breaks before the first event', async () => {
    const { server, asked } = await serveAnswer(0);
    await using _ = server;
    await using client = new TributaryClient({ url: server.url });
    expect(await collect(followAnswer(client, { input }, { firstDelayMs: 1 }))).toEqual(log);
    expect(asked.map(({ input: given }) => given?.idempotencyKey)).toEqual(['key-1', 'key-1']);
  });

  it('fails at once where nothing listens', async () => {
    const { server } = await serveAnswer(99);
    await server[Symbol.asyncDispose]();
    await using client = new TributaryClient({ url: server.url });
    await expect(collect(followAnswer(client, { input }))).rejects.toMatchObject({
      exitCode: exitCodes.unreachable,
      message: expect.stringContaining('nothing listens there'),
    });
  });

  it('gives up where the server does not come back', async () => {
    const { server } = await serveAnswer(2);
    await using client = new TributaryClient({ url: server.url });
    const seen: number[] = [];
    let ending: Promise<void> | undefined;
    const following = (async () => {
      for await (const { sequence } of followAnswer(client, { input }, { attempts: 2, firstDelayMs: 1 })) {
        seen.push(sequence);
        if (sequence === 2) ending = Promise.resolve(server[Symbol.asyncDispose]());
      }
    })();
    await expect(following).rejects.toMatchObject({ exitCode: exitCodes.unreachable });
    expect(seen).toEqual([1, 2]);
    await ending;
  });
});
