import { startThread } from '../encoder/start-thread.ts';
import type {
  FromSpeechThread,
  SpeechReply,
  SpeechRequest,
  SpeechThreadOptions,
  ToSpeechThread,
} from './speech-messages.ts';

type ReplyTo<Kind extends SpeechRequest['kind']> = Extract<
  SpeechReply,
  { kind: { listen: 'heard'; decode: 'decoded'; encode: 'encoded' }[Kind] }
>;

/** A Whisper model on a thread of its own, which is started at the first request and anew after it has died. */
export interface SpeechRunner extends AsyncDisposable {
  /** What is really used; null before the first use. */
  readonly executionProvider: string | null;
  /**
   * Requests are answered one behind the other.
   *
   * @throws Error when the model fails or its thread has died; the signal's reason when aborted: then the work ends
   * before the next token.
   */
  ask<Request extends SpeechRequest>(
    request: Request,
    signal?: AbortSignal,
  ): Promise<ReplyTo<Request['kind']>>;
}

/** @param onRefused is told of each execution provider that cannot be used, and why. */
export function createSpeechRunner(
  options: SpeechThreadOptions,
  onRefused: (reason: string) => void,
): SpeechRunner {
  let thread: SpeechThread | null = null;
  let executionProvider: string | null = null;
  let isClosed = false;
  return {
    get executionProvider() {
      return executionProvider;
    },
    async ask(request, signal) {
      signal?.throwIfAborted();
      if (isClosed) throw new Error('The model is shut down.');
      if (thread?.alive !== true) {
        thread = new SpeechThread(options, (running) => {
          executionProvider = running.executionProvider;
          for (const reason of running.refused) onRefused(reason);
        });
      }
      return (await thread.ask(request, signal)) as ReplyTo<(typeof request)['kind']>;
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await thread?.[Symbol.asyncDispose]();
    },
  };
}

interface Waiting {
  readonly cancelled: Int32Array;
  resolve(reply: SpeechReply): void;
  reject(error: unknown): void;
}

class SpeechThread implements AsyncDisposable {
  readonly #worker;
  readonly #exited: Promise<unknown>;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #ended: Error | null = null;

  constructor(
    options: SpeechThreadOptions,
    onRunning: (message: Extract<FromSpeechThread, { kind: 'running' }>) => void,
  ) {
    this.#worker = startThread('speech-thread', options, import.meta.url);
    this.#exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.on('message', (message: FromSpeechThread) => {
      if (message.kind === 'running') {
        onRunning(message);
        return;
      }
      const call = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.kind === 'answered') call?.resolve(message.reply);
      else call?.reject(new Error(message.message));
    });
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', (code) => this.#end(new Error(`The model's thread has ended (code ${code}).`)));
    // It holds the process only while it works.
    this.#worker.unref();
  }

  get alive(): boolean {
    return this.#ended === null;
  }

  async ask(request: SpeechRequest, signal?: AbortSignal): Promise<SpeechReply> {
    if (this.#ended !== null) throw this.#ended;
    const id = this.#next++;
    const cancelled = new Int32Array(new SharedArrayBuffer(4));
    const message: ToSpeechThread = { kind: 'ask', id, request, cancelled };
    let onAbort: (() => void) | undefined;
    this.#worker.ref();
    try {
      return await new Promise<SpeechReply>((resolve, reject) => {
        this.#waiting.set(id, { cancelled, resolve, reject });
        onAbort = () => {
          Atomics.store(cancelled, 0, 1);
          this.#waiting.delete(id);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        // Copied: the caller keeps its sound.
        this.#worker.postMessage(message);
      });
    } finally {
      if (onAbort) signal?.removeEventListener('abort', onAbort);
      if (this.#waiting.size === 0) this.#worker.unref();
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { cancelled } of this.#waiting.values()) Atomics.store(cancelled, 0, 1);
    if (this.#ended !== null) return;
    this.#worker.ref();
    const message: ToSpeechThread = { kind: 'close' };
    this.#worker.postMessage(message);
    await this.#exited;
  }
}
