import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { PdfReply, PdfRequest } from './pdf-protocol.ts';

/** Why a thread gave no answer: it took too long, or it died, mostly of too much memory. */
export class PdfThreadError extends Error {
  override readonly name = 'PdfThreadError';
}

/** Where TypeScript is run as it is written, a thread must be taught to read it, too. */
function entry(): URL {
  if (!import.meta.url.endsWith('.ts')) return new URL('./pdf-worker.js', import.meta.url);
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')).href;
  const lines = [
    `import { register } from ${JSON.stringify(loader.replace(/\.cjs$/, '.mjs'))};`,
    'register();',
    `await import(${JSON.stringify(new URL('./pdf-worker.ts', import.meta.url).href)});`,
  ];
  return new URL(`data:text/javascript,${encodeURIComponent(lines.join('\n'))}`);
}

/** One thread that reads PDFs. Whatever fails in it ends it; a new one is cheap. */
export class PdfThread implements AsyncDisposable {
  readonly #worker: Worker;
  #ended = false;

  constructor(maxMemoryMb: number) {
    this.#worker = new Worker(entry(), { resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb } });
    this.#worker.unref();
    this.#worker.once('exit', () => {
      this.#ended = true;
    });
  }

  /** Whether it can be asked again. */
  get alive(): boolean {
    return !this.#ended;
  }

  /**
   * Asks, and waits for the answer; a thread that does not answer in time is ended.
   *
   * @throws PdfThreadError; the signal's reason when aborted.
   */
  ask(request: PdfRequest, timeoutMs: number, signal: AbortSignal): Promise<PdfReply> {
    const worker = this.#worker;
    return new Promise<PdfReply>((resolve, reject) => {
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
        end(() => reject(new PdfThreadError(message, { cause })), true);
      const onMessage = (reply: PdfReply) => end(() => resolve(reply), false);
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
    // An error that comes after the end is nobody's any more.
    this.#worker.on('error', () => {});
    await this.#worker.terminate();
  }
}
