import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** A worker's process that waits to be told to begin: loading takes longer than most of what it then does. */
export class WorkerProcess implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(connectionString: string, directory: string) {
    const script = fileURLToPath(new URL('./crash-worker.ts', import.meta.url));
    this.#child = spawn(process.execPath, ['--import', 'tsx', script, connectionString, directory], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Resolves when it takes jobs. */
  async begin(): Promise<void> {
    await this.#says('loaded');
    this.#child.stdin.write('begin\n');
    await this.#says('ready');
  }

  /** Stops it where it stands, without its noticing, until it is continued. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  continue(): void {
    this.#child.kill('SIGCONT');
  }

  async #says(word: string): Promise<void> {
    const { value } = await this.#lines.next();
    if (value !== word) throw new Error(`The worker said ${JSON.stringify(value)} and not ${word}.`);
  }

  async kill(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
  }
}
