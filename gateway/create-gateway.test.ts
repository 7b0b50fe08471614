import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { ListenError } from '../platform/http/listen.ts';
import { createLogger } from '../platform/logger.ts';
import { createGateway } from './create-gateway.ts';
import { composeLibrary } from './testing/library.ts';
import { limits, noAuthentication, secret, startGateway } from './testing/start-gateway.ts';

const hop = '{ search(text: "a", first: 10) { tenant hits { rank chunk { text document { title } } } } }';

describe.each(['in-process', 'remote'] as const)('the gateway, subgraphs %s', (mode) => {
  it('asks a subgraph once for all entities of a list, and its store once for each kind', async () => {
    const { ask, library } = await startGateway({ mode });
    const { body } = await ask(hop);
    const { hits } = (body.data as Record<string, unknown>).search as {
      hits: { rank: number; chunk: { text: string; document: { title: string } } }[];
    };
    expect(hits).toHaveLength(10);
    expect(hits[9]).toEqual({ rank: 10, chunk: { text: 'Text of c9', document: { title: 'Title of d0' } } });
    expect(library.entityBatches).toEqual([10]);
    expect(library.loads).toEqual([['d0', 'd1', 'd2']]);
  });

  it('keeps code, reason, field, service and retryAfterMs of an error, beside the data of others', async () => {
    const { ask } = await startGateway({ mode });
    const { status, body } = await ask('{ busy whoami }');
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ busy: null, whoami: expect.stringContaining('default') });
    expect(body.errors).toEqual([
      {
        message: 'The queue is full.',
        path: ['busy'],
        extensions: { code: 'BUSY', reason: 'QUEUE_FULL', service: 'retrieval', retryAfterMs: 1500 },
      },
    ]);
    const refused = await ask('{ search(text: "") { tenant } }');
    expect(refused.body.errors?.[0]?.extensions).toMatchObject({ reason: 'EMPTY_QUERY', field: 'text' });
  });

  it('masks a defect: neither addresses nor messages nor stacks come out', async () => {
    const { ask } = await startGateway({ mode });
    const { body } = await ask('{ defect search(text: "a", first: 1) { hits { chunk { broken } } } }');
    expect(body.errors).toHaveLength(2);
    for (const error of body.errors ?? []) {
      expect(error.extensions).toMatchObject({
        code: 'DEFECT',
        errorId: expect.stringMatching(/^[0-9a-f]{12}$/),
      });
    }
    expect(JSON.stringify(body)).not.toMatch(/hunter2|10\.0\.0\.1|secret of|stack/);
  });

  it('gives the first WebSocket client its events, with the identity of the connection', async () => {
    const { collect } = await startGateway({ mode });
    const events = await collect('subscription { answer(tokens: 3) { index text tenant } }', {
      'tributary-tenant': 'acme',
    });
    expect(events.map((event) => event.data?.answer)).toEqual([
      { index: 0, text: 't0', tenant: 'acme' },
      { index: 1, text: 't1', tenant: 'acme' },
      { index: 2, text: 't2', tenant: 'acme' },
    ]);
  });

  it('gives the same events over server-sent events', async () => {
    const { stream } = await startGateway({ mode });
    const { events, completed } = await stream('subscription { answer(tokens: 2) { text tenant } }', {
      'tributary-tenant': 'acme',
    });
    expect(events.map((event) => event.data?.answer)).toEqual([
      { text: 't0', tenant: 'acme' },
      { text: 't1', tenant: 'acme' },
    ]);
    expect(completed).toBe(true);
  });

  it('resolves the entities of every event from other subgraphs, anew each time', async () => {
    const { collect } = await startGateway({ mode });
    const events = await collect(
      'subscription { versions(id: "d1", count: 3) { number document { title } } }',
    );
    expect(events.map((event) => event.data?.versions)).toEqual(
      [1, 2, 3].map((number) => ({ number, document: { title: `version ${number}` } })),
    );
  });

  it('does not carry the errors of one event over to the next', async () => {
    const { collect } = await startGateway({ mode });
    const events = await collect(
      'subscription { hits(ids: ["a1", "gone", "a2"]) { chunk { text document { title } } } }',
    );
    expect(events).toHaveLength(3);
    expect(events[0]).toEqual({
      data: { hits: { chunk: { text: 'Text of a1', document: { title: 'Title of d1' } } } },
    });
    expect(events[1]).toMatchObject({
      data: { hits: { chunk: null } },
      errors: [{ extensions: { code: 'NOT_FOUND' } }],
    });
    expect(events[2]).toEqual({
      data: { hits: { chunk: { text: 'Text of a2', document: { title: 'Title of d2' } } } },
    });
  });

  it('ends a subscription whose source throws with one error, and repeats no event', async () => {
    const { collect, stream, library } = await startGateway({ mode });
    const query = 'subscription { failing { index } }';
    const { events } = await stream(query);
    for (const seen of [await collect(query), events]) {
      expect(seen.slice(0, 2).map((event) => event.data)).toEqual([
        { failing: { index: 0 } },
        { failing: { index: 1 } },
      ]);
      expect(seen).toHaveLength(3);
      expect(seen[2]?.errors).toHaveLength(1);
      expect(seen[2]?.errors?.[0]?.extensions).toMatchObject({ code: 'DEFECT', service: 'generation' });
      expect(JSON.stringify(seen)).not.toContain('10.0.0.1');
    }
    expect(library.begun).toBe(2);
  });

  it('refuses @defer, which neither executor gets right', async () => {
    const { ask } = await startGateway({ mode });
    const { body } = await ask('{ whoami ... @defer { answers } }');
    expect(body.errors).toMatchObject([{ message: 'Unknown directive "@defer".' }]);
  });

  it('runs a mutation once', async () => {
    const { ask, library } = await startGateway({ mode });
    expect((await ask('mutation { ask(question: "why") }')).body).toEqual({ data: { ask: 1 } });
    expect(library.asked).toBe(1);
  });

  it('passes a client’s cancel on to the subgraph: of a subscription, and of a query', async () => {
    const { websocket, library, endpoint } = await startGateway({ mode });
    const events = websocket().iterate({ query: 'subscription { silence { text } }' });
    await events.next();
    expect(library.signals[0]?.aborted).toBe(false);
    await events.return?.();
    await vi.waitFor(() => expect(library.signals[0]?.aborted).toBe(true));

    const controller = new AbortController();
    const asked = fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ slow }' }),
      signal: controller.signal,
    });
    await vi.waitFor(() => expect(library.signals).toHaveLength(2));
    controller.abort();
    await expect(asked).rejects.toThrow();
    await vi.waitFor(() => expect(library.signals[1]?.aborted).toBe(true));
  });

  it('passes the cancel of a client of server-sent events on, though the source is silent', async () => {
    const { library, endpoint } = await startGateway({ mode });
    const controller = new AbortController();
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { silence { text } }' }),
      signal: controller.signal,
    });
    expect(response.status).toBe(200);
    await vi.waitFor(() => expect(library.signals).toHaveLength(1));
    controller.abort();
    await vi.waitFor(() => expect(library.signals[0]?.aborted).toBe(true));
  });

  it('passes requests under /v1/ on to the subgraph that has them, and never a forged identity', async () => {
    const { url } = await startGateway({ mode });
    const response = await fetch(`${url}/v1/documents`, {
      method: 'POST',
      headers: { 'tributary-tenant': 'acme', 'tributary-identity': 'forged' },
      body: 'x'.repeat(500_000),
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-made')).toBe('yes');
    const answer = (await response.json()) as { forged: string | null };
    expect(answer).toMatchObject({ tenant: 'acme', bytes: 500_000 });
    expect(answer.forged).not.toBe('forged');
    expect(await (await fetch(`${url}/v1/contents/x`)).text()).toBe('content of x for default');
    expect((await fetch(`${url}/v1/nothing`)).status).toBe(404);
  });

  it('says whether all services are ready', async () => {
    const { url } = await startGateway({ mode });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const ready = await fetch(`${url}/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ ready: true, services: [{ name: 'ingest' }, {}, {}] });
  });
});

describe('a gateway whose subgraphs fail', () => {
  it('ends a subscription whose upstream is dropped with an error, and does not replay it', async () => {
    let opened = 0;
    let subscribed = 0;
    const dropping = createServer();
    const sockets = new WebSocketServer({ server: dropping, handleProtocols: () => 'graphql-transport-ws' });
    sockets.on('connection', (socket) => {
      opened += 1;
      socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as { type: string; id: string };
        if (message.type === 'connection_init') socket.send('{"type":"connection_ack"}');
        if (message.type !== 'subscribe') return;
        subscribed += 1;
        const payload = { data: { answer: { text: 'only', __typename: 'Token' } } };
        socket.send(JSON.stringify({ id: message.id, type: 'next', payload }), () => socket.terminate());
      });
    });
    await new Promise<void>((resolve) => dropping.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      sockets.close();
      dropping.close();
    });
    const url = `http://127.0.0.1:${(dropping.address() as AddressInfo).port}`;
    const { collect } = await startGateway({ sources: { generation: { kind: 'remote', url } } });
    const events = await collect('subscription { answer(tokens: 3) { text } }');
    expect(events).toHaveLength(2);
    expect(events[0]).toEqual({ data: { answer: { text: 'only' } } });
    expect(events[1]?.errors).toMatchObject([{ extensions: { code: 'UPSTREAM', service: 'generation' } }]);
    expect(JSON.stringify(events)).not.toContain(url);
    expect({ opened, subscribed }).toEqual({ opened: 1, subscribed: 1 });
  });

  /** A subgraph that counts what it is asked and answers as told. */
  async function upstream(answer: (count: number, response: import('node:http').ServerResponse) => void) {
    const seen = { count: 0 };
    const server = createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        seen.count += 1;
        answer(seen.count, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  it.each([
    ['breaks the connection', (response: import('node:http').ServerResponse) => response.destroy()],
    [
      'answers 503',
      (response: import('node:http').ServerResponse) => response.writeHead(503).end('overloaded'),
    ],
    [
      'answers 429',
      (response: import('node:http').ServerResponse) => response.writeHead(429, { 'retry-after': '0' }).end(),
    ],
  ])('never retries a mutation: the subgraph %s', async (_name, fail) => {
    const { seen, url } = await upstream((_count, response) => fail(response));
    const { ask } = await startGateway({ sources: { generation: { kind: 'remote', url } } });
    const { body, status } = await ask('mutation { ask(question: "why") }');
    expect(seen.count).toBe(1);
    expect(status).toBe(200);
    expect(body.errors).toMatchObject([{ extensions: { code: 'UPSTREAM', service: 'generation' } }]);
    expect(JSON.stringify(body)).not.toContain(url);
  });

  it('gives what others answered, with HTTP 200, when a subgraph takes too long', async () => {
    const { url } = await upstream(() => {});
    const { ask } = await startGateway({
      sources: { retrieval: { kind: 'remote', url } },
      limits: { upstreamTimeoutMs: 100 },
    });
    const { status, body } = await ask('{ slow documents(first: 1) { title } }');
    expect(status).toBe(200);
    expect(body.data).toEqual({ slow: null, documents: [{ title: 'Title of d0' }] });
    expect(body.errors).toMatchObject([
      { path: ['slow'], extensions: { code: 'UPSTREAM', service: 'retrieval' } },
    ]);
  });

  it('names a service that cannot be reached, and says in /ready that it does not answer', async () => {
    const { url } = await upstream(() => {});
    const gone = new URL(url);
    gone.port = '1';
    const gateway = await startGateway({ sources: { retrieval: { kind: 'remote', url: gone.origin } } });
    const { body } = await gateway.ask('{ busy }');
    expect(body.errors).toMatchObject([{ extensions: { code: 'UPSTREAM', service: 'retrieval' } }]);
    // The others go on.
    const ready = await fetch(`${gateway.url}/ready`);
    expect(ready.status).toBe(200);
    const { services } = (await ready.json()) as { services: { name: string; ready: boolean }[] };
    expect(services.find(({ name }) => name === 'retrieval')).toMatchObject({ ready: false });
  });

  it('is not ready where no service answers', async () => {
    const { url } = await upstream(() => {});
    const gone = new URL(url);
    gone.port = '1';
    const source = { kind: 'remote', url: gone.origin } as const;
    const gateway = await startGateway({
      sources: { ingest: source, retrieval: source, generation: source },
    });
    const ready = await fetch(`${gateway.url}/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ ready: false });
  });
});

describe('a gateway that starts and ends', () => {
  it('refuses a port in use with an error that says so', async () => {
    const { gateway, port } = await startGateway();
    const second = gateway.listen({ host: '127.0.0.1', port });
    await expect(second).rejects.toThrow(ListenError);
    await expect(second).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
  });

  it('lets a request under way end when it is disposed, and takes no more', async () => {
    const { gateway, endpoint, library, websocket } = await startGateway({ mode: 'remote', graceMs: 5000 });
    const events = websocket().iterate({ query: 'subscription { silence { text } }' });
    await events.next();
    const slow = createServer((request, response) => {
      request.resume();
      started();
      release = () => response.setHeader('content-type', 'application/json').end('{"data":{"answers":7}}');
    });
    let started = () => {};
    let release = () => {};
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      slow.close();
    });
    const other = await startGateway({
      sources: {
        generation: { kind: 'remote', url: `http://127.0.0.1:${(slow.address() as AddressInfo).port}` },
      },
      graceMs: 5000,
    });
    const asked = other.ask('{ answers }');
    await running;
    const disposed = other.gateway[Symbol.asyncDispose]();
    await vi.waitFor(() => expect(fetch(`${other.url}/health`)).rejects.toThrow());
    release();
    expect((await asked).body).toEqual({ data: { answers: 7 } });
    await disposed;

    await gateway[Symbol.asyncDispose]();
    await expect(events.next()).rejects.toMatchObject({ code: 1001 });
    await expect(fetch(endpoint)).rejects.toThrow();
    await vi.waitFor(() => expect(library.signals[0]?.aborted).toBe(true));
  });

  it('cuts server-sent events when it is disposed, without calling them complete', async () => {
    const { gateway, endpoint, library } = await startGateway({ graceMs: 60_000 });
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { silence { text } }' }),
    });
    await vi.waitFor(() => expect(library.signals).toHaveLength(1));
    const read = response.text();
    await Promise.all([gateway[Symbol.asyncDispose](), expect(read).rejects.toThrow()]);
    await vi.waitFor(() => expect(library.signals[0]?.aborted).toBe(true));
  });

  it('leaves the signals of the process to the process', async () => {
    const before = process.listenerCount('SIGTERM');
    await startGateway();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('needs a subgraph in process only when it is first asked for', async () => {
    const { library } = await startGateway();
    let made = false;
    const gateway = await createGateway({
      supergraph: composeLibrary(),
      subgraphs: {
        ingest: {
          kind: 'in-process',
          subgraph: () => {
            if (!made) throw new Error('too early');
            return library.subgraphs.ingest;
          },
        },
        retrieval: { kind: 'in-process', subgraph: () => library.subgraphs.retrieval },
        generation: { kind: 'in-process', subgraph: () => library.subgraphs.generation },
      },
      identity: noAuthentication,
      limits,
      secret,
      logger: createLogger('test', 'silent'),
    });
    onTestFinished(() => gateway[Symbol.asyncDispose]());
    made = true;
    const response = await gateway.fetch(
      new Request('http://localhost/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ whoami }' }),
      }),
    );
    expect(await response.json()).toMatchObject({
      data: { whoami: expect.stringContaining('default/anyone') },
    });
  });
});
