import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Stands before several processes of one service, as a load balancer does. */
export interface Spreader extends AsyncDisposable {
  /** Where it listens, on loopback. */
  readonly port: number;
}

/**
 * Hands each connection to the next one of several ports of the loopback interface; one that refuses is passed over.
 *
 * @param port where to listen; 0 picks a free one.
 */
export async function spreadConnections(targets: readonly number[], port = 0): Promise<Spreader> {
  const open = new Set<Socket>();
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    return socket;
  };
  let turn = 0;

  async function reach(): Promise<Socket | null> {
    const first = turn++;
    for (let tried = 0; tried < targets.length; tried++) {
      const target = keep(connect(targets[(first + tried) % targets.length] ?? 0, '127.0.0.1'));
      // A socket that is closed before it was connected has been refused.
      const reached = await Promise.race([
        once(target, 'connect').then(() => true),
        once(target, 'close').then(() => false),
      ]).catch(() => false);
      if (reached) return target;
    }
    return null;
  }

  const server = createServer({ pauseOnConnect: true }, async (client) => {
    keep(client);
    const target = await reach();
    if (target === null || client.destroyed) {
      client.resetAndDestroy();
      target?.destroy();
      return;
    }
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
    client.pipe(target).pipe(client);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
