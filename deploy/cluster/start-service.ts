import { get } from 'node:http';
import { join } from 'node:path';
import { projectFile } from '../../platform/project-file.ts';
import { runServer } from '../../platform/servers/run-server.ts';
import { type Supervised, supervise } from './supervise.ts';

/** One of our own processes. */
export interface Service extends Supervised {
  /** Where it listens; the gateway alone is for clients. */
  readonly port: number;
  readonly url: string;
  /** Where its metrics are read. */
  readonly metricsUrl: string;
}

export interface ServiceCommand {
  readonly name: string;
  /** The built file that it runs, below `dist`: `gateway/main.js`. */
  readonly main: string;
  readonly port: number;
  /** Its metrics are served on a port of their own. */
  readonly metricsPort: number;
  readonly host: string;
  /** The folder of the built program; the project's own `dist` by default. */
  readonly dist?: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
  /** Gets what it logs. */
  readonly onOutput?: (bytes: Buffer) => void;
}

const ownDist = () => join(projectFile('package.json'), '..', 'dist');

/** Starts one service and waits until it is alive; whether what it needs is there is another question. */
export async function startService(command: ServiceCommand): Promise<Service> {
  const { name, main, port, metricsPort, host, tell, onOutput } = command;
  const asked = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const url = `http://${asked}:${port}`;
  const server = await runServer({
    name,
    command: process.execPath,
    arguments: [join(command.dist ?? ownDist(), main)],
    environment: {
      ...command.settings,
      ...{ PORT: String(port), HOST: host, TRIBUTARY_METRICS_PORT: String(metricsPort) },
    },
    stopTimeoutMs: 30_000,
    isReady: (signal) => answersOk(`${url}/health`, signal),
    ...(onOutput && { onOutput }),
  });
  return Object.defineProperties(supervise(server, tell), {
    port: { value: port },
    url: { value: url },
    metricsUrl: { value: `http://${asked}:${metricsPort}/metrics` },
  }) as Service;
}

/** Whether a service says that everything it needs can be reached. */
export const isReady = ({ url }: Service): Promise<boolean> =>
  answersOk(`${url}/ready`, AbortSignal.timeout(5_000));

/** Over a connection of its own: one that were kept would be waited for when the service ends. */
const answersOk = (url: string, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    get(url, { agent: false, signal }, (response) => {
      response.resume().once('close', () => resolve(response.statusCode === 200));
    }).once('error', () => resolve(false));
  });
