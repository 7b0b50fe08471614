import { createServer, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FetchUrlOptions, fetchUrl } from './fetch-url.ts';
import { isPublicAddress } from './is-public-address.ts';

let server: Server;
let port: number;
let requests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const target = new URL(request.url ?? '/', 'http://x').searchParams.get('to');
    if (request.url?.startsWith('/redirect') && target !== null) {
      response.writeHead(302, { location: target }).end();
    } else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (request.url === '/missing') response.writeHead(404).end('no');
    else if (request.url === '/never') response.write('begun');
    else response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('some text');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Names resolve to what the test says. */
const lookupOf =
  (names: Readonly<Record<string, readonly string[]>>): LookupFunction =>
  (name, _options, callback) => {
    const addresses = (names[name] ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    callback(null, addresses);
  };

async function outcomeOf(url: string, options: Partial<FetchUrlOptions> = {}): Promise<string> {
  requests = [];
  try {
    return await fetchUrl(
      url,
      { timeoutMs: 5000, privateHosts: [], ...options },
      new AbortController().signal,
      async ({ body }) => {
        const parts: Uint8Array[] = [];
        for await (const part of body) parts.push(part);
        return Buffer.concat(parts).toString();
      },
    );
  } catch (error) {
    return (error as { reason: string }).reason;
  }
}

describe('fetching a URL', () => {
  it.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0.0.0.0/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://100.64.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::1]/',
    'http://[::]/',
    'http://[fe80::1]/',
    'http://[fc00::1]/',
    'http://[ff02::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
  ])('refuses %s', async (url) => {
    expect(await outcomeOf(url)).toBe('PRIVATE_ADDRESS');
  });

  it.each([
    'ftp://example.com/a',
    'file:///etc/passwd',
    'not a url',
    'javascript:1',
    'http://user:pass@example.com/',
  ])('refuses %s', async (url) => {
    expect(await outcomeOf(url)).toBe('INVALID_URL');
  });

  it('refuses a name that leads to a private address, also beside a public one', async () => {
    const lookup = lookupOf({ 'inside.test': ['127.0.0.1'], 'both.test': ['93.184.215.14', '10.0.0.1'] });
    expect(await outcomeOf(`http://inside.test:${port}/`, { lookup })).toBe('PRIVATE_ADDRESS');
    expect(await outcomeOf(`http://both.test:${port}/`, { lookup })).toBe('PRIVATE_ADDRESS');
    expect(requests).toEqual([]);
  });

  it('refuses a redirect to a private address, by number and by name', async () => {
    const privateHosts = [`entry.test:${port}`];
    const lookup = lookupOf({ 'entry.test': ['127.0.0.1'], 'inside.test': ['127.0.0.1'] });
    for (const target of [`http://127.0.0.1:${port}/secret`, `http://inside.test:${port}/secret`]) {
      const url = `http://entry.test:${port}/redirect?to=${encodeURIComponent(target)}`;
      expect(await outcomeOf(url, { lookup, privateHosts })).toBe('PRIVATE_ADDRESS');
      expect(requests).toHaveLength(1);
    }
  });

  it('fetches from a private host that is allowed, by host and port, and follows redirects there', async () => {
    const privateHosts = [`127.0.0.1:${port}`];
    expect(await outcomeOf(`http://127.0.0.1:${port}/a.txt`, { privateHosts })).toBe('some text');
    expect(await outcomeOf(`http://127.0.0.1:${port}/redirect?to=/b.txt`, { privateHosts })).toBe(
      'some text',
    );
    expect(await outcomeOf('http://127.0.0.1:1/a.txt', { privateHosts })).toBe('PRIVATE_ADDRESS');
  });

  it('gives up on endless redirects, failures and slow answers', async () => {
    const privateHosts = [`127.0.0.1:${port}`];
    expect(await outcomeOf(`http://127.0.0.1:${port}/loop`, { privateHosts })).toBe('TOO_MANY_REDIRECTS');
    expect(requests).toHaveLength(6);
    expect(await outcomeOf(`http://127.0.0.1:${port}/missing`, { privateHosts })).toBe('FETCH_FAILED');
    expect(await outcomeOf(`http://127.0.0.1:${port}/never`, { privateHosts, timeoutMs: 100 })).toBe(
      'FETCH_FAILED',
    );
  });
});

describe('a public address', () => {
  it.each([
    ['93.184.215.14', true],
    ['2606:4700::1111', true],
    ['8.8.8.8', true],
    ['192.0.2.1', false],
    ['198.18.0.1', false],
    ['240.0.0.1', false],
    ['fec0::1', false],
    ['2001:db8::1', false],
    ['example.com', false],
  ])('%s: %s', (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });
});
