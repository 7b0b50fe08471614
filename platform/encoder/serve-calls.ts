import { type MessagePort, parentPort } from 'node:worker_threads';
import type { FromThread, ToThread } from './thread-calls.ts';

/** What a thread works with. */
export interface CallServer<Request, Ready, Result> {
  readonly ready: Ready;
  /** @returns the result, and the buffers of it that are given away instead of being copied. */
  answer(request: Request): Promise<{ readonly result: Result; readonly transfer?: ArrayBuffer[] }>;
  /** Lets go of what it holds. */
  close(): Promise<void>;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * The thread's side of `openThreadCalls`: opens what it works with, says so, and answers calls until it is closed.
 * To be called by the entry of a worker thread.
 */
export function serveCalls<Request, Ready, Result>(
  open: () => Promise<CallServer<Request, Ready, Result>>,
): void {
  const port = parentPort;
  if (port === null) throw new Error('This file is the entry of a worker thread.');
  const send = (message: FromThread<Ready, Result>, transfer: ArrayBuffer[] = []) =>
    port.postMessage(message, transfer);
  open().then(
    (server) => listen(port, server, send),
    (error: unknown) => {
      send({ kind: 'failed', message: messageOf(error) });
      port.close();
    },
  );
}

function listen<Request, Ready, Result>(
  port: MessagePort,
  server: CallServer<Request, Ready, Result>,
  send: (message: FromThread<Ready, Result>, transfer?: ArrayBuffer[]) => void,
): void {
  port.on('message', (message: ToThread<Request>) => {
    if (message.kind === 'close') {
      void server.close().finally(() => port.close());
      return;
    }
    server.answer(message.request).then(
      ({ result, transfer }) => send({ kind: 'done', id: message.id, result }, transfer),
      (error: unknown) => send({ kind: 'refused', id: message.id, message: messageOf(error) }),
    );
  });
  send({ kind: 'ready', ready: server.ready });
}
