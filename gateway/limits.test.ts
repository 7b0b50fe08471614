import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startGateway } from './testing/start-gateway.ts';

const deep = '{ documents { chunks { document { chunks { text } } } } }';
const aliases = `{ ${Array.from({ length: 6 }, (_one, index) => `a${index}: whoami`).join(' ')} }`;
const long = `{ ${'whoami '.repeat(200)} }`;
const costly = '{ documents(first: 100) { chunks(first: 100) { text } } }';

describe('the limits of an operation', () => {
  const limits = { maxDepth: 4, maxAliases: 5, maxTokens: 150, maxCost: 500 };

  it.each([
    [deep, 'TOO_DEEP', 'The operation nests 5 levels deep; at most 4 are allowed.'],
    [aliases, 'TOO_MANY_ALIASES', 'The operation has 6 aliases; at most 5 are allowed.'],
    [long, 'TOO_MANY_TOKENS', 'The operation has more than 150 tokens'],
    [costly, 'TOO_COSTLY', 'The operation is estimated to cost 10100; at most 500 is allowed.'],
  ])('hold over HTTP and over WebSocket: %s', async (query, reason, message) => {
    const { ask, websocket } = await startGateway({ limits });
    const problem = {
      message: expect.stringContaining(message),
      extensions: { code: 'REJECTED_INPUT', reason },
    };
    const { body } = await ask(query);
    expect(body).toMatchObject({ errors: [problem] });
    expect(body).not.toHaveProperty('data');
    await expect(websocket().iterate({ query }).next()).rejects.toMatchObject([problem]);
  });

  it('count what fragments bring in, and what variables say', async () => {
    const { ask } = await startGateway({ limits });
    const hidden =
      'query { documents { ...a } } fragment a on Document { chunks { ...b } } fragment b on Chunk { document { chunks { text } } }';
    expect((await ask(hidden)).body.errors?.[0]?.extensions?.reason).toBe('TOO_DEEP');
    const query = 'query($n: Int = 2) { documents(first: $n) { chunks(first: 10) { text } } }';
    expect((await ask(query)).body).toHaveProperty('data');
    expect((await ask(query, { n: 90 })).body.errors?.[0]?.extensions?.reason).toBe('TOO_COSTLY');
  });

  it('let the introspection of tools through', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    const { ask } = await startGateway({ limits: { ...limits, maxTokens: 1000 } });
    expect((await ask(getIntrospectionQuery())).body).toHaveProperty('data.__schema');
  });

  it('do not run out in a long subscription', async () => {
    const { collect } = await startGateway({ limits });
    const ids = Array.from({ length: 600 }, (_one, index) => `"x${index}"`).join(' ');
    const { ask: _ask, collect: wide } = await startGateway({ limits: { ...limits, maxTokens: 5000 } });
    const events = await wide(`subscription { hits(ids: [${ids}]) { chunk { text } } }`);
    expect(events).toHaveLength(600);
    expect(events.every((event) => event.errors === undefined)).toBe(true);
    expect(await collect('subscription { answer(tokens: 1) { index } }')).toHaveLength(1);
  });
});

describe('the limits of a request', () => {
  it('refuse a body over the limit, of a known length or not', async () => {
    const { endpoint } = await startGateway({ limits: { maxBodyBytes: 1000 } });
    const body = JSON.stringify({ query: '{ whoami }', padding: 'x'.repeat(5000) });
    const headers = { 'content-type': 'application/json' };
    const known = await fetch(endpoint, { method: 'POST', headers, body });
    expect(known.status).toBe(413);
    expect(await known.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('1000 bytes'), extensions: { reason: 'TOO_LARGE' } }],
    });
    const stream = new Blob([body]).stream();
    const chunked = await fetch(endpoint, {
      method: 'POST',
      headers,
      body: stream,
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
    const small = new Blob([JSON.stringify({ query: '{ whoami }' })]).stream();
    const fits = await fetch(endpoint, {
      method: 'POST',
      headers,
      body: small,
      duplex: 'half',
    } as RequestInit);
    expect(await fits.json()).toHaveProperty('data.whoami');
  });
});

describe('the limits of a WebSocket', () => {
  it('refuse one subscription too many, and take it once another has ended', async () => {
    const { websocket } = await startGateway({ limits: { maxSubscriptionsPerSocket: 2 } });
    const client = websocket();
    const query = 'subscription { silence { text } }';
    const first = client.iterate({ query });
    const second = client.iterate({ query });
    await Promise.all([first.next(), second.next()]);
    await expect(client.iterate({ query }).next()).rejects.toMatchObject([
      {
        message: expect.stringContaining('2 operations'),
        extensions: { code: 'BUSY', reason: 'TOO_MANY_SUBSCRIPTIONS' },
      },
    ]);
    await first.return?.();
    const third = client.iterate({ query });
    expect((await third.next()).value).toEqual({ data: { silence: { text: 'first' } } });
  });

  it('close a socket that does not say who it is in time, or says too much at once', async () => {
    const { endpoint } = await startGateway({ limits: { connectionInitTimeoutMs: 50, maxBodyBytes: 1000 } });
    const open = () => new WebSocket(endpoint.replace('http', 'ws'), 'graphql-transport-ws');
    const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.on('close', resolve));
    expect(await closed(open())).toBe(4408);
    const talker = open();
    talker.on('open', () => talker.send(`{"type":"connection_init","payload":{"x":"${'x'.repeat(2000)}"}}`));
    expect(await closed(talker)).toBe(1009);
  });

  it.each(['in-process', 'remote'] as const)(
    'stop pulling from a source whose client does not read, %s',
    async (mode) => {
      const { endpoint, library } = await startGateway({ mode, limits: { maxBufferedBytes: 100_000 } });
      const socket = new WebSocket(endpoint.replace('http', 'ws'), 'graphql-transport-ws');
      await new Promise((resolve) => socket.once('open', resolve));
      socket.send('{"type":"connection_init"}');
      await new Promise((resolve) => socket.once('message', resolve));
      socket.pause();
      const query = 'subscription { endless(size: 50000) { text } }';
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      const before = await settled(() => library.pulled);
      expect(before).toBeGreaterThan(0);
      // Read again, the source goes on.
      socket.resume();
      await vi.waitFor(() => expect(library.pulled).toBeGreaterThan(before), { timeout: 5000 });
      socket.terminate();
      await vi.waitFor(() => expect(library.signals[0]?.aborted).toBe(true), { timeout: 5000 });
    },
  );
});

describe('server-sent events', () => {
  it.each(['in-process', 'remote'] as const)(
    'stop pulling from a source whose client does not read, %s',
    async (mode) => {
      const { endpoint, library } = await startGateway({ mode });
      const controller = new AbortController();
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query: 'subscription { endless(size: 50000) { text } }' }),
        signal: controller.signal,
      });
      const before = await settled(() => library.pulled);
      expect(before).toBeGreaterThan(0);
      const reader = response.body?.getReader();
      const reading = (async () => {
        while (!(await reader?.read())?.done);
      })().catch(() => {});
      await vi.waitFor(() => expect(library.pulled).toBeGreaterThan(before), { timeout: 5000 });
      controller.abort();
      await reading;
      await vi.waitFor(() => expect(library.signals[0]?.aborted).toBe(true), { timeout: 5000 });
    },
  );
});

/** The value once it has stopped growing; fails by the test's time limit when it never does. */
async function settled(read: () => number): Promise<number> {
  let last = -1;
  let same = 0;
  while (same < 20) {
    const now = read();
    same = now === last && now > 0 ? same + 1 : 0;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return last;
}
