import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { installServers } from './install-servers.ts';
import { type RunningServer, runServer, type ServerCommand, ServerEndedError } from './run-server.ts';

export interface MilvusServerOptions {
  /** Everything that it keeps is here. */
  readonly directory: string;
  /** The port to listen on; a free one by default. */
  readonly port?: number;
  /** Whether users must log in; then there is `root` with the password `Milvus`. */
  readonly authorization?: boolean;
  /** Settings of Milvus's own, by their paths in `milvus.yaml`: `dataCoord.segment.maxSize`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
}

export interface MilvusServer extends RunningServer {
  readonly url: string;
  readonly port: number;
}

/** Writes the server's configuration as its own package does; the ports are ours. */
const writeConfiguration = `
import json, sys
from milvus import MilvusServerConfig
given = json.load(sys.stdin)
config = MilvusServerConfig(data_dir=given['directory'], **given['ports'])
config.resolve_storage()
for name, value in given['settings'].items():
    config.set(name, value)
config.set('authorization_enabled', given['authorization'])
config.resolve()
`;

function configure(python: string, given: object): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(python, ['-c', writeConfiguration], { stdio: ['pipe', 'ignore', 'pipe'] });
    let printed = '';
    child.stderr.on('data', (bytes: Buffer) => {
      printed += bytes.toString();
    });
    child.once('error', fail);
    child.once('close', (code) =>
      code === 0 ? done() : fail(new Error(`Milvus could not be configured:\n${printed}`)),
    );
    child.stdin.end(JSON.stringify(given));
  });
}

const portNames = [
  'proxy_port',
  'proxy_internal_port',
  'etcd_port',
  'root_coord_port',
  'query_coord_port',
  'query_node_port',
  'index_coord_port',
  'index_node_port',
  'data_coord_port',
  'data_node_port',
] as const;

/**
 * Gives the etcd inside of Milvus addresses of its own: without that every Milvus of a machine wants the ports 2379 and
 * 2380, whatever its own settings say.
 */
async function configureEtcd(directory: string, clientPort: number, peerPort: number): Promise<void> {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const etcd = join(directory, 'configs', 'etcd.yaml');
  await writeFile(
    etcd,
    [
      'name: default',
      `data-dir: ${join(directory, 'data', 'etcd.data')}`,
      `listen-client-urls: ${client}`,
      `advertise-client-urls: ${client}`,
      `listen-peer-urls: ${peer}`,
      `initial-advertise-peer-urls: ${peer}`,
      `initial-cluster: default=${peer}`,
      '',
    ].join('\n'),
  );
  const milvus = join(directory, 'configs', 'milvus.yaml');
  const written = await readFile(milvus, 'utf8');
  await writeFile(milvus, written.replace(/^etcd:\n/m, `etcd:\n  config:\n    path: ${etcd}\n`));
}

/** Starts Milvus 2.3.5, the standalone server from PyPI, and waits until it says that it is healthy. */
export async function startMilvusServer(options: MilvusServerOptions): Promise<MilvusServer> {
  const { directory, settings = {}, authorization = false } = options;
  const { milvus: program } = await installServers(['milvus']);
  await mkdir(directory, { recursive: true });
  const [healthPort = 0, peerPort = 0, ...rest] = await freePorts(portNames.length + 2);
  const ports = Object.fromEntries(portNames.map((name, index) => [name, rest[index]]));
  if (options.port !== undefined) ports.proxy_port = options.port;
  const port = ports.proxy_port ?? 0;
  await configure(join(dirname(program), '..', '..', 'bin', 'python'), {
    directory,
    ports,
    settings,
    authorization,
  });
  await configureEtcd(directory, ports.etcd_port ?? 0, peerPort);
  const libraries = dirname(program);
  const command: ServerCommand = {
    name: 'milvus',
    command: program,
    arguments: ['run', 'standalone'],
    workingDirectory: directory,
    environment: {
      DEPLOY_MODE: 'STANDALONE',
      METRICS_PORT: String(healthPort),
      MILVUS_RUN_DIR: join(directory, 'run'),
      MILVUSCONF: join(directory, 'configs'),
      LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    },
    isReady: async (signal) => {
      const response = await fetch(`http://127.0.0.1:${healthPort}/healthz`, { signal });
      return response.ok && (await response.text()).includes('OK');
    },
  };
  // On a busy machine 2.3.5 has crashed in its own code while starting. It is started once more from the same folder;
  // a crash that has another cause comes again, and is told.
  const server = await runServer(command).catch((error: unknown) => {
    if (!(error instanceof ServerEndedError)) throw error;
    return runServer(command);
  });
  return Object.assign(server, { url: `http://127.0.0.1:${port}`, port });
}
