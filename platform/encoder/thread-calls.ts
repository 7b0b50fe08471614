import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';

/** What is sent to a thread that answers calls. */
export type ToThread<Request> =
  | { readonly kind: 'call'; readonly id: number; readonly request: Request }
  | { readonly kind: 'close' };

/** What such a thread says. */
export type FromThread<Ready, Result> =
  | { readonly kind: 'ready'; readonly ready: Ready }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly id: number; readonly result: Result }
  | { readonly kind: 'refused'; readonly id: number; readonly message: string };

/** A thread that answers calls. */
export interface ThreadCalls<Request, Ready, Result> extends AsyncDisposable {
  /** What it said when it had opened what it works with. */
  readonly ready: Ready;
  /** Whether it runs; one that has died stays dead. */
  readonly alive: boolean;
  /**
   * @param transfer buffers of the request that the caller gives away instead of having them copied.
   * @throws Error when the call failed or the thread has died.
   */
  call(request: Request, transfer?: ArrayBuffer[]): Promise<Result>;
}

interface Waiting<Result> {
  resolve(result: Result): void;
  reject(error: Error): void;
}

/**
 * The caller's side of a thread that runs `serveCalls`.
 *
 * @throws Error that says why the thread could not open what it works with.
 */
export async function openThreadCalls<Request, Ready, Result>(
  thread: Worker,
): Promise<ThreadCalls<Request, Ready, Result>> {
  const waiting = new Map<number, Waiting<Result>>();
  let closed: Error | null = null;
  const exited = once(thread, 'exit');
  const post = (message: ToThread<Request>, transfer: ArrayBuffer[] = []) =>
    thread.postMessage(message, transfer);
  const close = (error: Error) => {
    closed ??= error;
    for (const { reject } of waiting.values()) reject(closed);
    waiting.clear();
  };

  const ready = await new Promise<Ready>((resolve, reject) => {
    thread.on('message', (message: FromThread<Ready, Result>) => {
      if (message.kind === 'ready') resolve(message.ready);
      else if (message.kind === 'failed') reject(new Error(message.message));
      else {
        const call = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.kind === 'done') call?.resolve(message.result);
        else call?.reject(new Error(message.message));
      }
    });
    thread.on('error', (error) => {
      close(error);
      reject(error);
    });
    thread.on('exit', (code) => {
      close(new Error(`The encoder's thread has ended (code ${code}).`));
      reject(closed);
    });
  });

  let next = 0;
  return {
    ready,
    get alive() {
      return closed === null;
    },
    async call(request, transfer) {
      if (closed !== null) throw closed;
      const id = next++;
      return new Promise<Result>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        post({ kind: 'call', id, request }, transfer);
      });
    },
    async [Symbol.asyncDispose]() {
      if (closed === null) post({ kind: 'close' });
      await exited;
    },
  };
}
