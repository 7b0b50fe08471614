import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { busy, rejected } from '../errors.ts';
import type { Identity } from '../identity.ts';
import { createLogger } from '../logger.ts';
import type { HttpRoute, OperationContext, Subgraph } from '../subgraph.ts';
import { identityHeader, signIdentity } from './identity-token.ts';
import { ListenError } from './listen.ts';
import { serveSubgraph } from './serve-subgraph.ts';

const secret = 'a-secret-of-at-least-thirty-two-characters';
const identity: Identity = { tenant: 'acme', subject: 'ann', scopes: ['documents:read'] };
const logger = createLogger('test', 'silent');

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { tenant: String! busy: String defect: String forever: String }
  type Subscription { count(to: Int!): Int! silence: Int! failing: Int! }
`);

interface Seen {
  readonly signals: AbortSignal[];
}

async function* countTo(to: number) {
  for (let count = 1; count <= to; count++) yield { count };
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

function makeSubgraph(seen: Seen): Subgraph {
  const schema = buildSubgraphSchema([
    {
      typeDefs,
      resolvers: {
        Query: {
          tenant: (_: unknown, __: unknown, context: OperationContext) => context.identity.tenant,
          busy: () => {
            throw busy('QUEUE_FULL', 'The queue is full.', 2500);
          },
          defect: () => {
            throw new Error('password=hunter2');
          },
          forever: (_: unknown, __: unknown, context: OperationContext) => {
            seen.signals.push(context.signal);
            return untilAborted(context.signal);
          },
        },
        Subscription: {
          count: { subscribe: (_: unknown, { to }: { to: number }) => countTo(to) },
          silence: {
            subscribe: async function* (_: unknown, __: unknown, context: OperationContext) {
              seen.signals.push(context.signal);
              await untilAborted(context.signal);
              yield { silence: 1 };
            },
          },
          failing: {
            subscribe: async function* () {
              yield { failing: 1 };
              throw rejected('NO_MORE', 'There is no more.', { field: 'to' });
            },
          },
        },
      },
    },
  ]);
  const routes: HttpRoute[] = [
    {
      method: 'PUT',
      path: '/v1/echo/:name',
      handle: async (request, { name }, caller) =>
        new Response(request.body, { headers: { 'x-name': name ?? '', 'x-tenant': caller?.tenant ?? '' } }),
    },
    { method: 'GET', path: '/v1/open', open: true, handle: async () => new Response('open') },
  ];
  return {
    name: 'ingest',
    schema,
    routes,
    createContext: (operation) => operation,
    check: async () => [{ name: 'database', healthy: false, detail: 'It does not answer.' }],
    async [Symbol.asyncDispose]() {},
  };
}

async function start() {
  const seen: Seen = { signals: [] };
  const server = await serveSubgraph(makeSubgraph(seen), {
    host: '127.0.0.1',
    port: 0,
    secret,
    logger,
    maxBodyBytes: 10_000,
    graceMs: 200,
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const token = await signIdentity(identity, secret);
  const ask = async (query: string, headers: Record<string, string> = { [identityHeader]: token }) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { server, seen, token, ask };
}

function connect(url: string, token: string) {
  const client = createClient({
    url: url.replace('http', 'ws').concat('/graphql'),
    webSocketImpl: WebSocket,
    connectionParams: { [identityHeader]: token },
    retryAttempts: 0,
  });
  onTestFinished(() => client.dispose());
  return client;
}

describe('serveSubgraph', () => {
  it('answers a query as the tenant of the signed identity', async () => {
    const { ask } = await start();
    expect((await ask('{ tenant }')).body).toEqual({ data: { tenant: 'acme' } });
  });

  it('refuses a caller without an identity, or with one that another secret signed', async () => {
    const { ask } = await start();
    const none = await ask('{ tenant }', {});
    expect(none.status).toBe(401);
    expect(none.body).toMatchObject({
      errors: [{ extensions: { code: 'DENIED', reason: 'UNAUTHENTICATED' } }],
    });
    const forged = await signIdentity(identity, 'another-secret-of-thirty-two-characters!');
    const other = await ask('{ tenant }', { [identityHeader]: forged });
    expect(other.status).toBe(401);
    expect(other.body).toMatchObject({ errors: [{ extensions: { reason: 'IDENTITY_INVALID' } }] });
  });

  it('refuses an identity that has expired', async () => {
    const { ask } = await start();
    const old = await signIdentity(identity, secret, { lifetimeMs: -60_000 });
    const answer = await ask('{ tenant }', { [identityHeader]: old });
    expect(answer.body).toMatchObject({ errors: [{ extensions: { reason: 'IDENTITY_EXPIRED' } }] });
  });

  it('gives its schema to a composer without an identity, and nothing else', async () => {
    const { ask } = await start();
    expect((await ask('{ _service { sdl } }', {})).status).toBe(200);
    expect((await ask('{ _service { sdl } tenant }', {})).status).toBe(401);
  });

  it('says what the caller can do about a failure, and masks what only we can', async () => {
    const { ask } = await start();
    const { body } = await ask('{ busy defect }');
    expect(body).toMatchObject({
      errors: [
        {
          message: 'The queue is full.',
          path: ['busy'],
          extensions: { code: 'BUSY', reason: 'QUEUE_FULL', retryAfterMs: 2500 },
        },
        {
          path: ['defect'],
          extensions: { code: 'DEFECT', errorId: expect.stringMatching(/^[0-9a-f]{12}$/) },
        },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  it('refuses a body over the limit', async () => {
    const { ask } = await start();
    const answer = await ask(`{ tenant } # ${'x'.repeat(20_000)}`);
    expect(answer.status).toBe(413);
    expect(answer.body).toMatchObject({
      errors: [{ message: expect.stringContaining('10000 bytes'), extensions: { reason: 'TOO_LARGE' } }],
    });
  });

  it('aborts the signal of an operation when its caller goes', async () => {
    const { server, token, seen } = await start();
    const controller = new AbortController();
    const asked = fetch(`${server.url}/graphql`, {
      method: 'POST',
      signal: controller.signal,
      headers: { 'content-type': 'application/json', [identityHeader]: token },
      body: JSON.stringify({ query: '{ forever }' }),
    });
    await vi.waitFor(() => expect(seen.signals).toHaveLength(1));
    controller.abort();
    await expect(asked).rejects.toThrow();
    await vi.waitFor(() => expect(seen.signals[0]?.aborted).toBe(true));
  });

  it('serves subscriptions, with the identity of the connection', async () => {
    const { server, token } = await start();
    const counts: unknown[] = [];
    for await (const event of connect(server.url, token).iterate({
      query: 'subscription { count(to: 3) }',
    })) {
      counts.push(event.data?.count);
    }
    expect(counts).toEqual([1, 2, 3]);
  });

  it('refuses a WebSocket without an identity', async () => {
    const { server } = await start();
    const events = connect(server.url, 'not a token').iterate({ query: 'subscription { count(to: 3) }' });
    await expect(events.next()).rejects.toMatchObject({ code: 4403 });
  });

  it('ends a subscription whose source throws with an error that says what is wrong', async () => {
    const { server, token } = await start();
    const events = connect(server.url, token).iterate({ query: 'subscription { failing }' });
    expect((await events.next()).value).toEqual({ data: { failing: 1 } });
    await expect(events.next()).rejects.toMatchObject([
      {
        message: 'There is no more.',
        extensions: { code: 'REJECTED_INPUT', reason: 'NO_MORE', field: 'to' },
      },
    ]);
  });

  it('aborts the signal of a subscription when its reader leaves, though the source is silent', async () => {
    const { server, token, seen } = await start();
    const client = connect(server.url, token);
    const stop = client.subscribe(
      { query: 'subscription { silence }' },
      { next: () => {}, error: () => {}, complete: () => {} },
    );
    await vi.waitFor(() => expect(seen.signals).toHaveLength(1));
    expect(seen.signals[0]?.aborted).toBe(false);
    stop();
    await vi.waitFor(() => expect(seen.signals[0]?.aborted).toBe(true));
  });

  it('streams the bodies of its routes, with the identity and the values of the path', async () => {
    const { server, token } = await start();
    const body = 'x'.repeat(1_000_000);
    const response = await fetch(`${server.url}/v1/echo/a%20b`, {
      method: 'PUT',
      headers: { [identityHeader]: token },
      body,
    });
    expect(response.headers.get('x-name')).toBe('a b');
    expect(response.headers.get('x-tenant')).toBe('acme');
    expect(await response.text()).toBe(body);
  });

  it('asks for an identity at routes that are not open, and says which methods a path takes', async () => {
    const { server } = await start();
    expect(await (await fetch(`${server.url}/v1/open`)).text()).toBe('open');
    expect((await fetch(`${server.url}/v1/echo/a`, { method: 'PUT', body: 'x' })).status).toBe(401);
    const wrong = await fetch(`${server.url}/v1/open`, { method: 'DELETE' });
    expect(wrong.status).toBe(405);
    expect(await wrong.json()).toMatchObject({ error: { message: '/v1/open takes GET only.' } });
    expect((await fetch(`${server.url}/v1/nothing`)).status).toBe(404);
  });

  it('is alive though it is not ready, and says what it lacks', async () => {
    const { server } = await start();
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    const ready = await fetch(`${server.url}/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ ready: false, checks: [{ name: 'database' }] });
  });

  it('refuses to start on a port in use, and says so', async () => {
    const { server } = await start();
    const second = serveSubgraph(makeSubgraph({ signals: [] }), {
      host: '127.0.0.1',
      port: server.port,
      secret,
      logger,
      maxBodyBytes: 1000,
    });
    await expect(second).rejects.toThrow(ListenError);
    await expect(second).rejects.toThrow(`Port ${server.port} on 127.0.0.1 is in use`);
  });
});
