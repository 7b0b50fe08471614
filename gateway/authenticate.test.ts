import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigError } from '../platform/config/config.ts';
import { signIdentity } from '../platform/http/identity-token.ts';
import { readApiKeys } from './api-keys.ts';
import { noAuthentication, secret, startGateway } from './testing/start-gateway.ts';

const keys = [
  { key: 'key-of-ann-1234567890', tenant: 'acme', name: 'ann', scopes: ['documents:read'] },
  { key: 'key-of-root-123456789', tenant: 'acme', name: 'root', scopes: ['admin'] },
];
const apiKeys = JSON.stringify(keys);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('API keys', () => {
  it('say who asks, over HTTP and over WebSocket', async () => {
    const { ask, collect } = await startGateway({ mode: 'remote', identity: { apiKeys } });
    const { body } = await ask('{ whoami }', {}, bearer('key-of-ann-1234567890'));
    expect(body).toEqual({ data: { whoami: 'acme/ann/documents:read' } });
    const events = await collect(
      'subscription { answer(tokens: 1) { tenant } }',
      bearer('key-of-ann-1234567890'),
    );
    expect(events).toEqual([{ data: { answer: { tenant: 'acme' } } }]);
  });

  it('are asked for: without one, or with a wrong one, the answer is 401', async () => {
    const { ask, url, collect } = await startGateway({ identity: { apiKeys } });
    const none = await ask('{ whoami }');
    expect(none.status).toBe(401);
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
    expect(none.body.errors).toMatchObject([{ extensions: { code: 'DENIED', reason: 'UNAUTHENTICATED' } }]);
    expect((await ask('{ whoami }', {}, bearer('a-key-that-nobody-has'))).status).toBe(401);
    expect((await ask('{ whoami }', {}, { authorization: 'Basic YTpi' })).status).toBe(401);
    expect((await fetch(`${url}/v1/documents`, { method: 'POST', body: 'x' })).status).toBe(401);
    await expect(collect('subscription { answer(tokens: 1) { tenant } }')).rejects.toMatchObject({
      code: 4403,
      reason: expect.stringContaining('Authorization'),
    });
  });

  it('are not needed where the address is itself the secret', async () => {
    const { url } = await startGateway({ identity: { apiKeys } });
    expect(await (await fetch(`${url}/v1/contents/x`)).text()).toBe('content of x for anyone');
  });

  it('let an administrator act for another tenant, and nobody else', async () => {
    const { ask, collect } = await startGateway({ identity: { apiKeys } });
    const root = { ...bearer('key-of-root-123456789'), 'tributary-tenant': 'scratch_1' };
    expect((await ask('{ whoami }', {}, root)).body).toEqual({ data: { whoami: 'scratch_1/root/admin' } });
    const events = await collect('subscription { answer(tokens: 1) { tenant } }', root);
    expect(events).toEqual([{ data: { answer: { tenant: 'scratch_1' } } }]);
    const ann = { ...bearer('key-of-ann-1234567890'), 'tributary-tenant': 'other' };
    const refused = await ask('{ whoami }', {}, ann);
    expect(refused.status).toBe(403);
    expect(refused.body.errors).toMatchObject([{ extensions: { reason: 'MISSING_SCOPE' } }]);
    const wrong = await ask('{ whoami }', {}, { ...root, 'tributary-tenant': 'Not A Tenant' });
    expect(wrong.status).toBe(400);
  });

  it.each([
    ['not json', 'this is not JSON'],
    ['{}', 'the value: '],
    ['[]', 'there is no key in it'],
    [JSON.stringify([{ ...keys[0], key: 'short' }]), 'entry 1, key: must have at least 16 characters'],
    [JSON.stringify([{ ...keys[0], tenant: 'A b' }]), 'entry 1, tenant: must be 1 to 64 characters'],
    [
      JSON.stringify([{ ...keys[0], scopes: ['everything'] }]),
      'entry 1, scopes, 0: must be of: documents:read',
    ],
    [JSON.stringify([keys[0], keys[0]]), 'entry 2: the same key stands there twice'],
    ['@/nowhere/keys.json', 'the file /nowhere/keys.json cannot be read'],
  ])('are refused at start when they are wrong: %s', (setting, problem) => {
    expect(() => readApiKeys(setting)).toThrow(ConfigError);
    expect(() => readApiKeys(setting)).toThrow(`TRIBUTARY_API_KEYS: ${problem}`);
    expect(() => readApiKeys(setting)).not.toThrow('key-of-ann');
  });
});

describe('identities of our own services', () => {
  it('are taken for what they say, and only when signed with the same secret', async () => {
    const { ask } = await startGateway({ identity: { apiKeys } });
    const identity = { tenant: 'acme', subject: 'ann', scopes: ['documents:read'] as const };
    const { body } = await ask('{ whoami }', {}, bearer(await signIdentity(identity, secret)));
    expect(body).toEqual({ data: { whoami: 'acme/ann/documents:read' } });
    const forged = await signIdentity(identity, 'another-secret-of-thirty-two-characters!');
    expect((await ask('{ whoami }', {}, bearer(forged))).status).toBe(401);
  });

  it('are never read from a header that a client sends', async () => {
    const { ask } = await startGateway({ mode: 'remote', identity: { apiKeys } });
    const token = await signIdentity({ tenant: 'victim', subject: 'eve', scopes: ['admin'] }, secret);
    expect((await ask('{ whoami }', {}, { 'tributary-identity': token })).status).toBe(401);
    const both = await ask(
      '{ whoami }',
      {},
      { ...bearer('key-of-ann-1234567890'), 'tributary-identity': token },
    );
    expect(both.body).toEqual({ data: { whoami: 'acme/ann/documents:read' } });
  });
});

describe('JSON Web Tokens', () => {
  async function issuer() {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' };
    const server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    const sign = (claims: Record<string, unknown>, more: { audience?: string; expires?: number } = {}) =>
      new SignJWT({ tenant: 'acme', scope: 'documents:read openid', ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer('https://issuer.example')
        .setAudience(more.audience ?? 'tributary')
        .setSubject('bob')
        .setExpirationTime(more.expires ?? Math.floor(Date.now() / 1000) + 60)
        .sign(privateKey);
    return { identity: { jwksUrl, jwtIssuer: 'https://issuer.example' }, sign };
  }

  it('say who asks: tenant by claim, and those scopes that are ours', async () => {
    const { identity, sign } = await issuer();
    const { ask } = await startGateway({ identity });
    const { body } = await ask('{ whoami }', {}, bearer(await sign({})));
    expect(body).toEqual({ data: { whoami: 'acme/bob/documents:read' } });
  });

  it('are refused when expired, for another audience, without a tenant, or without a signature', async () => {
    const { identity, sign } = await issuer();
    const { ask } = await startGateway({ identity });
    const bad: [string, string][] = [
      [await sign({}, { expires: 1 }), 'has expired'],
      [await sign({}, { audience: 'another' }), 'claim "aud"'],
      [await sign({ tenant: undefined }), 'claim "tenant"'],
      [`${(await sign({})).split('.').slice(0, 2).join('.')}.AAAA`, 'not one that the issuer signed'],
      ['eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.', 'not one that the issuer signed'],
    ];
    for (const [token, message] of bad) {
      const { status, body } = await ask('{ whoami }', {}, bearer(token));
      expect(status).toBe(401);
      expect(body.errors?.[0]?.message).toContain(message);
    }
  });

  it('need an issuer to be configured', async () => {
    const start = startGateway({ identity: { jwksUrl: 'http://127.0.0.1:1/keys' } });
    await expect(start).rejects.toThrow('TRIBUTARY_JWT_ISSUER: it is not set.');
  });
});

describe('open access', () => {
  it('is for loopback only: another address is refused in one sentence', async () => {
    const { gateway } = await startGateway({ identity: noAuthentication });
    const listening = gateway.listen({ host: '0.0.0.0', port: 0 });
    await expect(listening).rejects.toThrow(ConfigError);
    await expect(listening).rejects.toThrow('Without API keys or JWT everyone who can reach 0.0.0.0');
  });

  it('is not for pages of other sites, nor under another name', async () => {
    const { port } = await startGateway();
    const { request } = await import('node:http');
    const send = (method: string, path: string, headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on('error', reject);
        sent.end(method === 'POST' ? '{"query":"{ whoami }"}' : undefined);
      });
    const json = { 'content-type': 'application/json', host: 'localhost' };
    expect(await send('POST', '/graphql', json)).toBe(200);
    expect(await send('POST', '/graphql', { ...json, origin: 'http://localhost:3000' })).toBe(200);
    expect(await send('POST', '/graphql', { ...json, origin: 'https://evil.example' })).toBe(403);
    expect(await send('POST', '/graphql', { ...json, origin: 'null' })).toBe(403);
    expect(await send('POST', '/graphql', { ...json, host: 'evil.example' })).toBe(403);
    expect(await send('POST', '/v1/documents', { host: 'localhost', origin: 'https://evil.example' })).toBe(
      403,
    );
    const image = { host: 'localhost', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect(await send('GET', '/graphql?query=%7Bwhoami%7D', image)).toBe(403);
    expect(await send('POST', '/graphql', { host: 'localhost', 'content-type': 'text/plain' })).toBe(415);
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    expect(
      await send('GET', '/graphql', { ...upgrade, host: 'localhost', origin: 'https://evil.example' }),
    ).toBe(403);
  });

  it('shows GraphiQL to a browser, with nothing to load from elsewhere', async () => {
    const { endpoint } = await startGateway();
    const response = await fetch(endpoint, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-type')).toContain('text/html');
    const page = await response.text();
    expect(page).toContain('GraphiQL');
    expect(page).not.toMatch(/<(script|link)[^>]+(src|href)="https?:/);
  });
});
