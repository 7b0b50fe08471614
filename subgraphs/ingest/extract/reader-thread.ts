import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Why a thread gave no answer: it took too long, or it died, mostly of too much memory. */
export class ReaderThreadError extends Error {
  override readonly name = 'ReaderThreadError';
}

/** Where TypeScript is run as it is written, a thread must be taught to read it, too. */
function entryOf(from: string, module: string): URL {
  if (!from.endsWith('.ts')) return new URL(`${module}.js`, from);
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')).href;
  const lines = [
    `import { register } from ${JSON.stringify(loader.replace(/\.cjs$/, '.mjs'))};`,
    'register();',
    `await import(${JSON.stringify(new URL(`${module}.ts`, from).href)});`,
  ];
  return new URL(`data:text/javascript,${encodeURIComponent(lines.join('\n'))}`);
}

/**
 * A thread that reads one document and is asked one thing at a time. Whatever a hostile document does to it, it does
 * to nothing else: it has a limit on memory, and every question one on time.
 */
export class ReaderThread<Request, Reply> implements AsyncDisposable {
  readonly #worker: Worker;
  #ended = false;

  /**
   * @param from the address of the module that asks (`import.meta.url`).
   * @param module the thread's own, seen from there, without its extension.
   */
  constructor(from: string, module: string, maxMemoryMb: number) {
    this.#worker = new Worker(entryOf(from, module), {
      resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb },
    });
    this.#worker.unref();
    this.#worker.once('exit', () => {
      this.#ended = true;
    });
    // It is heard of where an answer is waited for; without a listener it would end the process.
    this.#worker.on('error', () => {});
  }

  /** Whether it can be asked again. */
  get alive(): boolean {
    return !this.#ended;
  }

  /**
   * Asks, and waits for the answer; a thread that does not answer in time is ended.
   *
   * @throws ReaderThreadError; the signal's reason when aborted.
   */
  ask(request: Request, timeoutMs: number, signal: AbortSignal): Promise<Reply> {
    const worker = this.#worker;
    return new Promise<Reply>((resolve, reject) => {
      const end = (finish: () => void, kill: boolean) => {
        clearTimeout(timer);
        worker.off('message', onMessage);
        worker.off('error', onError);
        worker.off('exit', onExit);
        signal.removeEventListener('abort', onAbort);
        if (kill) void this[Symbol.asyncDispose]();
        finish();
      };
      const fail = (message: string, cause?: unknown) =>
        end(() => reject(new ReaderThreadError(message, { cause })), true);
      const onMessage = (reply: Reply) => end(() => resolve(reply), false);
      const onError = (error: unknown) => fail('it ended while it read', error);
      const onExit = () => fail('it ended while it read');
      const onAbort = () => end(() => reject(signal.reason), true);
      const timer = setTimeout(() => fail(`it took more than ${timeoutMs} ms`), timeoutMs);
      if (signal.aborted) return onAbort();
      if (this.#ended) return onExit();
      worker.once('message', onMessage);
      worker.once('error', onError);
      worker.once('exit', onExit);
      signal.addEventListener('abort', onAbort, { once: true });
      worker.postMessage(request);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#worker.terminate();
  }
}
