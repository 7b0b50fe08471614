import { mkdir } from 'node:fs/promises';
import { accepts } from './accepts.ts';
import { freePort } from './free-ports.ts';
import { installServers } from './install-servers.ts';
import type { MilvusServer } from './milvus-server.ts';
import { runServer } from './run-server.ts';

/** Starts the server of milvus-lite 3.2.2, which speaks Milvus's current protocol, and waits until it listens. */
export async function startMilvusLiteServer(options: {
  readonly directory: string;
  readonly port?: number;
}): Promise<MilvusServer> {
  const { 'milvus-lite': program } = await installServers(['milvus-lite']);
  await mkdir(options.directory, { recursive: true });
  const port = options.port ?? (await freePort());
  const server = await runServer({
    name: 'milvus-lite',
    command: program,
    // Without a host it would listen on every interface.
    arguments: ['server', '--data-dir', options.directory, '--host', '127.0.0.1', '--port', String(port)],
    workingDirectory: options.directory,
    isReady: (signal) => accepts(port, signal),
  });
  return Object.assign(server, { url: `http://127.0.0.1:${port}`, port });
}
