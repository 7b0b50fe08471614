import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, type RedisOptions } from 'ioredis';

type NodeAddress = { readonly host: string; readonly port: number };

/**
 * Connects to another node of a Cluster each time, for what every node can do alike: a subscription does not end
 * with the node that it was made on.
 *
 * @param nodes the nodes as they are known when a connection is made; at least one.
 */
export function anyNodeConnector(
  nodes: () => readonly NodeAddress[],
  tls: boolean,
): NonNullable<RedisOptions['Connector']> {
  return class extends AbstractConnector {
    constructor() {
      // How long a connection may take to close in order, in milliseconds.
      super(2_000);
    }

    async connect() {
      const all = nodes();
      const node = all[Math.floor(Math.random() * all.length)];
      if (node === undefined) throw new Error('No node of the Redis Cluster is known.');
      const { host, port } = node;
      const stream = tls ? connectTls({ host, port, servername: host }) : connectTcp({ host, port });
      this.stream = stream;
      stream.once('error', (error: Error) => {
        this.firstError = error;
      });
      return stream;
    }
  };
}
