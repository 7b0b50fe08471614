import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServerCommand {
  /** What it is called in errors. */
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** The user and group to run as, where we are root and the server refuses to be. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** The signal that ends it in order; SIGTERM by default. */
  readonly stopSignal?: NodeJS.Signals;
  /** Whether it answers; asked until it says so. What it throws counts as no. */
  readonly isReady: (signal: AbortSignal) => Promise<boolean>;
  /** How long it may take to answer, in milliseconds; 120,000 by default. */
  readonly startTimeoutMs?: number;
  /** How long it may take to end in order, in milliseconds; 10,000 by default. */
  readonly stopTimeoutMs?: number;
  /** Gets what it prints, as it comes. */
  readonly onOutput?: (bytes: Buffer) => void;
}

/** A server ended by itself before it answered. The message says how, with what it printed. */
export class ServerEndedError extends Error {
  override readonly name = 'ServerEndedError';
}

type SpawnObserver = (name: string, pid: number) => void;
const spawnObservers = new Set<SpawnObserver>();

/**
 * Tells of every process that is started from now on, at once: who must find them again after having been killed
 * writes them down. @returns what ends it.
 */
export function observeSpawns(observer: SpawnObserver): () => void {
  spawnObservers.add(observer);
  return () => spawnObservers.delete(observer);
}

/** A real server as a process of ours, that can be killed and started again on the same port and folder. */
export interface RunningServer extends AsyncDisposable {
  readonly name: string;
  /** The process it is at present; null while it is down. */
  readonly pid: number | null;
  /** What it has printed last, at most 64 KiB. */
  output(): string;
  /** Ends it as a crash would, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it in order, and resolves when it is gone. */
  stop(): Promise<void>;
  /** Starts it again after `kill` or `stop`; resolves when it answers. */
  start(): Promise<void>;
}

const keptOutput = 64 * 1024;

/** What ends with this process, however it ends. */
const endings = new Set<() => void>();
process.once('exit', () => {
  for (const end of endings) end();
});

/**
 * Starts a server and waits until it answers. Disposing ends it: in order, and by force where that takes more than
 * ten seconds. It ends with this process in any case.
 *
 * @throws Error with what it printed, when it ends or does not answer in time.
 */
export async function runServer(server: ServerCommand): Promise<RunningServer> {
  let child: ChildProcess | null = null;
  let printed = '';

  const endWithUs = () => void child?.kill('SIGKILL');
  endings.add(endWithUs);

  async function start(): Promise<void> {
    if (child !== null) throw new Error(`${server.name} runs already.`);
    const started = spawn(server.command, server.arguments, {
      cwd: server.workingDirectory,
      env: { ...process.env, ...server.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A Ctrl-C in a terminal is for us alone: servers are told by us, in order.
      detached: true,
      ...server.user,
    });
    child = started;
    if (started.pid !== undefined) for (const observe of spawnObservers) observe(server.name, started.pid);
    let failure: Error | null = null;
    const keep = (bytes: Buffer) => {
      printed = (printed + bytes.toString()).slice(-keptOutput);
      server.onOutput?.(bytes);
    };
    started.stdout.on('data', keep);
    started.stderr.on('data', keep);
    started.once('error', (error) => {
      failure = error;
      child = null;
    });
    started.once('exit', (code, signal) => {
      failure ??= new ServerEndedError(`it ended with ${signal ?? code}`);
      if (child === started) child = null;
    });
    const deadline = Date.now() + (server.startTimeoutMs ?? 120_000);
    for (;;) {
      if (failure !== null) throw didNotStart(failure);
      const ready = await server.isReady(AbortSignal.timeout(2_000)).catch(() => false);
      if (ready && failure === null) return;
      if (Date.now() > deadline) {
        await end('SIGKILL');
        throw new Error(`${server.name} did not answer in time.\n${printed}`);
      }
      await delay(50);
    }
  }

  function didNotStart(failure: Error): Error {
    const message = `${server.name} did not start: ${failure.message}\n${printed}`;
    return failure instanceof ServerEndedError ? new ServerEndedError(message) : new Error(message);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    await new Promise<void>((done) => {
      const force = setTimeout(() => ending.kill('SIGKILL'), server.stopTimeoutMs ?? 10_000);
      ending.once('exit', () => {
        clearTimeout(force);
        done();
      });
      ending.kill(signal);
    });
  }

  await start().catch((error: unknown) => {
    endings.delete(endWithUs);
    throw error;
  });
  const stop = () => end(server.stopSignal ?? 'SIGTERM');
  return {
    name: server.name,
    get pid() {
      return child?.pid ?? null;
    },
    output: () => printed,
    kill: () => end('SIGKILL'),
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop();
      endings.delete(endWithUs);
    },
  };
}
