import { once } from 'node:events';
import { startThread } from '../encoder/start-thread.ts';
import type { Pixels } from '../ports/pixels.ts';
import type { ReadLine } from '../ports/text-reader.ts';
import type {
  FromTextReading,
  TextReadingOptions,
  TextReadingReady,
  ToTextReading,
} from './text-reading-messages.ts';

/** A detector and a recogniser that run on a thread of their own. */
export interface TextReading extends AsyncDisposable {
  readonly executionProvider: string;
  readonly refused: readonly string[];
  /** Whether its thread runs; one that has died stays dead. */
  readonly alive: boolean;
  /**
   * The lines of a picture, in reading order. Pictures are read one behind the other.
   *
   * @throws Error when a model fails or the thread has died; the signal's reason when aborted.
   */
  read(picture: Pixels, signal?: AbortSignal): Promise<readonly ReadLine[]>;
}

interface Waiting {
  resolve(lines: readonly ReadLine[]): void;
  reject(error: unknown): void;
}

/**
 * Loads both models on a thread of their own.
 *
 * @throws Error that says why they could not be loaded.
 */
export async function startTextReading(options: TextReadingOptions): Promise<TextReading> {
  const thread = startThread('text-reading-thread', options, import.meta.url);
  const waiting = new Map<number, Waiting>();
  let closed: Error | null = null;
  const exited = once(thread, 'exit');
  const post = (message: ToTextReading, transfer: ArrayBuffer[] = []) =>
    thread.postMessage(message, transfer);
  const close = (error: Error) => {
    closed ??= error;
    for (const { reject } of waiting.values()) reject(closed);
    waiting.clear();
  };

  const ready = await new Promise<TextReadingReady>((resolve, reject) => {
    thread.on('message', (message: FromTextReading) => {
      if (message.kind === 'ready') resolve(message);
      else if (message.kind === 'failed') reject(new Error(message.message));
      else {
        const call = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.kind === 'lines') call?.resolve(message.lines);
        else call?.reject(new Error(message.message));
      }
    });
    thread.on('error', (error) => {
      close(error);
      reject(error);
    });
    thread.on('exit', (code) => {
      close(new Error(`The text reader's thread has ended (code ${code}).`));
      reject(closed);
    });
  });

  let next = 0;
  return {
    executionProvider: ready.executionProvider,
    refused: ready.refused,
    get alive() {
      return closed === null;
    },
    async read({ width, height, data }, signal) {
      signal?.throwIfAborted();
      if (closed !== null) throw closed;
      const id = next++;
      // A copy, for it goes over to the thread: whose pixels these are goes on using them.
      const copy = Uint8Array.from(data);
      const { promise, resolve, reject } = withResolvers();
      const onAbort = () => {
        waiting.delete(id);
        if (closed === null) post({ kind: 'cancel', id });
        reject(signal?.reason);
      };
      waiting.set(id, { resolve, reject });
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        post({ kind: 'read', id, width, height, data: copy }, [copy.buffer]);
        return await promise;
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
    async [Symbol.asyncDispose]() {
      if (closed === null) post({ kind: 'close' });
      await exited;
    },
  };
}

function withResolvers(): Waiting & { readonly promise: Promise<readonly ReadLine[]> } {
  let resolve: Waiting['resolve'] = () => {};
  let reject: Waiting['reject'] = () => {};
  const promise = new Promise<readonly ReadLine[]>((onLines, onError) => {
    resolve = onLines;
    reject = onError;
  });
  return { promise, resolve, reject };
}
