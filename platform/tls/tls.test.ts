import { appendFile, copyFile, readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readConfig } from '../config/config.ts';
import { DisposableStack } from '../disposable-stack.ts';
import { errorResponse } from '../http/error-response.ts';
import { sendResponse } from '../http/node-adapter.ts';
import { serveWebsocket } from '../http/serve-websocket.ts';
import { eventually } from '../testing/eventually.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { openTls } from './open-tls.ts';
import { connectOptions, createServiceFetch } from './service-client.ts';
import { assertTrusted, createServiceServer, isTrusted } from './service-server.ts';
import { type CertificateAuthority, makeAuthority } from './testing/certificate-authority.ts';
import { openTlsIdentity, type TlsFiles, type TlsIdentity } from './tls-identity.ts';

const pollMs = 20;

describe('services that prove to each other who they are', { timeout: 60_000 }, () => {
  const stack = new DisposableStack();
  let directory: string;
  let ours: CertificateAuthority;
  let foreign: CertificateAuthority;
  let url: string;
  let server: TlsIdentity;
  let serverFiles: TlsFiles;

  const open = async (files: TlsFiles) =>
    stack.use(await openTlsIdentity({ files, logger: silentLogger, pollMs }));

  beforeAll(async () => {
    directory = stack.use(await temporaryDirectory()).path;
    [ours, foreign] = await Promise.all([
      makeAuthority(directory, 'ours'),
      makeAuthority(directory, 'foreign'),
    ]);
    serverFiles = await ours.issue('server');
    server = await open(serverFiles);
    const listening = createServiceServer(server, {}, (request, response) => {
      try {
        if (request.url !== '/health') assertTrusted(request);
        response.end('hello');
      } catch (error) {
        void sendResponse(errorResponse(error, silentLogger), response);
      }
    });
    stack.defer(() => new Promise<void>((done) => listening.close(() => done())));
    stack.defer(() => listening.closeAllConnections());
    stack.use(
      serveWebsocket({
        server: listening,
        path: '/graphql',
        mayOpen: isTrusted,
        logger: silentLogger,
        maxPayloadBytes: 1000,
        maxBufferedBytes: 1000,
        options: {},
      }),
    );
    await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
    url = `https://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  /** The status of a request that a client with these connections sends, or why it failed. */
  async function ask(options: ConstructorParameters<typeof Pool>[1], path = '/'): Promise<number | string> {
    const pool = new Pool(url, options);
    try {
      const { statusCode, body } = await pool.request({ path, method: 'GET' });
      await body.dump();
      return statusCode;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    } finally {
      await pool.destroy();
    }
  }
  const subscribe = (options: object): Promise<string> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`${url.replace('https', 'wss')}/graphql`, 'graphql-transport-ws', options);
      socket.once('open', () => {
        socket.terminate();
        resolve('open');
      });
      socket.once('error', (error) => resolve(error.message));
    });

  it('lets a service in by its certificate, by HTTP and by WebSocket', async () => {
    const client = await open(await ours.issue('client'));
    expect(await ask(connectOptions(client))).toBe(200);
    expect(await subscribe(client.material())).toBe('open');
    const send = stack.use(createServiceFetch(client));
    const response = await send(new Request(`${url}/`, { method: 'POST', body: 'text' }));
    expect(await response.text()).toBe('hello');
  });

  it('refuses who shows no certificate, but for health', async () => {
    const { ca } = server.material();
    expect(await ask({ connect: { ca } })).toBe(403);
    expect(await ask({ connect: { ca } }, '/health')).toBe(200);
    expect(await subscribe({ ca })).toContain('403');
  });

  it.each([
    ['of another authority', () => foreign.issue('stranger')],
    ['that has expired', () => ours.issue('late', 0)],
  ])('refuses a certificate %s', async (_, issue) => {
    const files = await issue();
    const [cert, key] = await Promise.all([readFile(files.certificate, 'utf8'), readFile(files.key, 'utf8')]);
    const connect = { cert, key, ca: server.material().ca };
    // A certificate of one second ago is not over before this second is.
    await eventually(async () => expect(await ask({ connect })).toBe(403));
    expect(await subscribe(connect)).toContain('403');
  });

  it('talks to no server of another authority', async () => {
    const stranger = await open(await foreign.issue('stranger'));
    expect(await ask(connectOptions(stranger))).toMatch(/CERT|SIGNATURE|ISSUER/);
    expect(await subscribe(stranger.material())).toMatch(/certificate|issuer/);
  });

  it('takes another certificate of another authority while requests come in, and drops none', async () => {
    const clientFiles = await ours.issue('rotating');
    const client = await open(clientFiles);
    const pool = new Pool(url, { connections: 4, ...connectOptions(client) });
    // Kept connections would hide what is tried here.
    const one = async () => {
      const { statusCode, body } = await pool.request({
        path: '/',
        method: 'GET',
        headers: { connection: 'close' },
      });
      await body.dump();
      return statusCode;
    };
    let stopped = false;
    const statuses = new Map<number, number>();
    const load = Array.from({ length: 3 }, async () => {
      while (!stopped) {
        const status = await one();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    });
    // First everybody trusts both authorities, then the certificates change, then the old authority goes.
    const next = await makeAuthority(directory, 'next');
    const both = join(directory, 'both.crt');
    await copyFile(ours.file, both);
    await appendFile(both, await readFile(next.file, 'utf8'));
    const put = async (target: string, from: string) => writeFile(target, await readFile(from, 'utf8'));
    const count = () => statuses.get(200) ?? 0;
    const goesOn = async (change: () => Promise<void>, seen: () => boolean) => {
      await change();
      await eventually(seen);
      const before = count();
      await eventually(() => count() > before + 20);
    };
    const trusted = await readFile(both, 'utf8');
    await goesOn(
      () => put(ours.file, both),
      () => server.material().ca === trusted && client.material().ca === trusted,
    );
    const [newServer, newClient] = [await next.issue('new-server'), await next.issue('new-client')];
    const newCertificate = await readFile(newServer.certificate, 'utf8');
    await goesOn(
      async () => {
        for (const [old, fresh] of [
          [serverFiles, newServer],
          [clientFiles, newClient],
        ] as const) {
          // One file after the other: what does not fit together yet changes nothing.
          await put(old.certificate, fresh.certificate);
          await put(old.key, fresh.key);
        }
      },
      () => server.material().cert === newCertificate,
    );
    const onlyNext = await readFile(next.file, 'utf8');
    await goesOn(
      () => put(ours.file, next.file),
      () => server.material().ca === onlyNext && client.material().ca === onlyNext,
    );
    stopped = true;
    await Promise.all(load);
    await pool.destroy();
    expect([...statuses.keys()]).toEqual([200]);
    // What the old authority has signed is worth nothing any more.
    const old = await readFile(join(directory, 'client.crt'), 'utf8');
    const oldKey = await readFile(join(directory, 'client.key'), 'utf8');
    expect(await ask({ connect: { cert: old, key: oldKey, ca: onlyNext } })).toBe(403);
  });
});

describe('the settings of TLS', () => {
  const context = (environment: Record<string, string>, stack: DisposableStack) => ({
    ...{ config: readConfig(environment), logger: silentLogger, stack },
  });

  it('are none by default', async () => {
    await using stack = new DisposableStack();
    expect(await openTls(context({}, stack))).toBeNull();
  });

  it('belong together', async () => {
    await using stack = new DisposableStack();
    const opening = openTls(context({ TRIBUTARY_TLS_KEY: '/a/key' }, stack));
    await expect(opening).rejects.toThrow('set all three, or none');
  });

  it('need https addresses', async () => {
    await using stack = new DisposableStack();
    await using directory = await temporaryDirectory();
    const { certificate, key, ca } = await (await makeAuthority(directory.path, 'ours')).issue('service');
    const files = { TRIBUTARY_TLS_CERTIFICATE: certificate, TRIBUTARY_TLS_KEY: key, TRIBUTARY_TLS_CA: ca };
    await expect(openTls(context(files, stack), ['gatewayUrl'])).rejects.toThrow(
      /TRIBUTARY_GATEWAY_URL.*https/,
    );
    const https = { ...files, TRIBUTARY_GATEWAY_URL: 'https://gateway:4000' };
    expect(await openTls(context(https, stack), ['gatewayUrl'])).not.toBeNull();
  });

  it('are refused where the files cannot be used, and say so', async () => {
    await using stack = new DisposableStack();
    await using directory = await temporaryDirectory();
    const authority = await makeAuthority(directory.path, 'ours');
    const [one, other] = [await authority.issue('one'), await authority.issue('other')];
    const opening = openTls(
      context(
        {
          TRIBUTARY_TLS_CERTIFICATE: one.certificate,
          TRIBUTARY_TLS_KEY: other.key,
          TRIBUTARY_TLS_CA: one.ca,
        },
        stack,
      ),
    );
    await expect(opening).rejects.toThrow(/TRIBUTARY_TLS_CERTIFICATE.*mismatch.*Allowed/);
  });
});
