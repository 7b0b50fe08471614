import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The ingest API, or a worker, as a process of its own. */
export interface IngestProcess extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Where its metrics are. */
  readonly metricsUrl: string;
  signal(name: NodeJS.Signals): void;
  /** Resolves with its exit code when it has ended. */
  readonly ended: Promise<number | null>;
}

/** Starts `main.ts` or `worker-main.ts` from its source, and waits until it serves. */
export async function startIngestProcess(
  program: 'main.ts' | 'worker-main.ts',
  settings: Readonly<Record<string, string>>,
): Promise<IngestProcess> {
  const script = fileURLToPath(new URL(`../${program}`, import.meta.url));
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('TRIBUTARY_') || name === 'TRIBUTARY_MODELS',
  );
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', script], {
    env: { ...Object.fromEntries(inherited), PORT: '0', TRIBUTARY_METRICS_PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  let printed = '';
  const served = new Promise<{ url: string; metricsUrl: string }>((resolve, reject) => {
    const read = (bytes: Buffer) => {
      printed += bytes.toString();
      const url = /^(?:ingest|worker): (http:\/\/[^/\s]+)\//m.exec(printed)?.[1];
      const metricsUrl = /^metrics: (\S+)/m.exec(printed)?.[1];
      if (url !== undefined && metricsUrl !== undefined) resolve({ url, metricsUrl });
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    void ended.then((code) => reject(new Error(`${program} ended with ${code}:\n${printed}`)));
  });
  return {
    ...(await served),
    ended,
    signal: (name) => void child.kill(name),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}
