import { mkdir } from 'node:fs/promises';
import { accepts } from './accepts.ts';
import { freePort } from './free-ports.ts';
import { installServers } from './install-servers.ts';
import { type RunningServer, runServer } from './run-server.ts';

export interface RedisServer extends RunningServer {
  readonly url: string;
  readonly port: number;
}

/** Starts Redis and waits until it accepts connections. What it holds is kept over `kill` and `start` only with `appendOnly`. */
export async function startRedisServer(options: {
  readonly directory: string;
  readonly port?: number;
  readonly password?: string;
  readonly appendOnly?: boolean;
  /** More of Redis's own options: `['--cluster-enabled', 'yes']`. */
  readonly arguments?: readonly string[];
}): Promise<RedisServer> {
  const { redis: program } = await installServers(['redis']);
  await mkdir(options.directory, { recursive: true });
  const port = options.port ?? (await freePort());
  const { password, appendOnly = false } = options;
  const server = await runServer({
    name: 'redis',
    command: program,
    arguments: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', options.directory, '--save', ''],
      ...['--appendonly', appendOnly ? 'yes' : 'no', '--daemonize', 'no'],
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...(options.arguments ?? []),
    ],
    workingDirectory: options.directory,
    isReady: (signal) => accepts(port, signal),
  });
  const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return Object.assign(server, { url: `redis://${login}127.0.0.1:${port}`, port });
}
