import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../platform/testing/eventually.ts';
import { seeded } from './seeded.ts';
import { type SpoiledProxy, startSpoiledProxy } from './spoiled-proxy.ts';

describe('a proxy that spoils what goes through it', () => {
  /** Says back what it hears. */
  const store = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  let proxy: SpoiledProxy;
  beforeAll(async () => {
    await once(store.listen(0, '127.0.0.1'), 'listening');
    proxy = await startSpoiledProxy((store.address() as AddressInfo).port, seeded(1));
  });
  afterEach(() => proxy.restore());
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await new Promise((done) => store.close(done));
  });

  const closing = (socket: Socket) => new Promise((done) => socket.once('close', done));
  async function open() {
    const socket = connect(proxy.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }
  async function echo(text: string): Promise<string> {
    const socket = await open();
    socket.write(text);
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return bytes.toString('latin1');
  }

  it('lets everything through', async () => {
    expect(await echo('hello')).toBe('hello');
  });

  it.each(['to-store', 'from-store'] as const)(
    'changes bytes %s, and not their number',
    async (direction) => {
      proxy.spoil({ kind: 'garbage', direction });
      const heard = await echo('hello, store');
      expect(heard).toHaveLength(12);
      expect(heard).not.toBe('hello, store');
      proxy.restore();
      expect(await echo('hello')).toBe('hello');
    },
  );

  it('says nothing, and breaks off when it is restored', async () => {
    proxy.spoil({ kind: 'silent', direction: 'from-store' });
    const socket = await open();
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes.toString();
    });
    socket.write('hello');
    // Restoring breaks a connection off as soon as something of it was swallowed.
    await eventually(() => {
      proxy.restore();
      proxy.spoil({ kind: 'silent', direction: 'from-store' });
      return socket.destroyed;
    });
    expect(heard).toBe('');
  });

  it('cuts connections, refuses new ones, and takes them again', async () => {
    const socket = await open();
    const closed = closing(socket);
    proxy.spoil({ kind: 'cut' });
    await closed;
    const refused = connect(proxy.port, '127.0.0.1');
    refused.on('error', () => undefined);
    await closing(refused);
    proxy.restore();
    expect(await echo('hello')).toBe('hello');
  });
});
