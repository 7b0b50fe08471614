import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { guardedSocket } from './guard-socket.ts';

it('ends the connection, and not the process, where its reader throws', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('nonsense');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = guardedSocket();
  socket.on('data', (bytes) => {
    throw new Error(`cannot read ${bytes}`);
  });
  const failed = new Promise<Error>((resolve) => socket.once('error', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
  const error = await failed;
  expect(error.message).toBe('the other side sent what cannot be read');
  expect((error.cause as Error).message).toBe('cannot read nonsense');
  await closed;
  expect(socket.destroyed).toBe(true);
  await new Promise((done) => server.close(done));
});
