import { WebSocket } from 'ws';

/** A message of the protocol `graphql-transport-ws`, as far as these tests look at it. */
interface Message {
  readonly type: string;
  readonly payload?: { readonly data?: unknown; readonly errors?: unknown };
}

/** What a subscription over a connection of its own ended with. */
export type End =
  /** The server said that there is nothing more. */
  | { readonly kind: 'complete' }
  /** The server sent errors instead of an event. */
  | { readonly kind: 'errors'; readonly errors: unknown }
  /** The connection is gone, or there never was one. */
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string };

/**
 * Subscribes by the wire protocol itself, and hands over each event as the very characters that came. Every
 * subscription has the same id, so that the same event is the same message. `take` returns false to hang up.
 */
export function subscribeRaw(
  url: string,
  subscription: { readonly query: string; readonly variables: Record<string, unknown> },
  take: (message: string) => boolean,
  connectionParams: Record<string, unknown> = {},
): Promise<End> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  let end: End | undefined;
  socket.on('open', () =>
    socket.send(JSON.stringify({ type: 'connection_init', payload: connectionParams })),
  );
  socket.on('message', (bytes) => {
    if (end !== undefined) return;
    const text = bytes.toString();
    const { type, payload } = JSON.parse(text) as Message;
    if (type === 'connection_ack')
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: subscription }));
    else if (type === 'ping') socket.send(JSON.stringify({ type: 'pong' }));
    else if (type === 'error') end = { kind: 'errors', errors: payload };
    else if (type === 'complete') end = { kind: 'complete' };
    else if (type === 'next') {
      if (payload?.errors !== undefined) end = { kind: 'errors', errors: payload.errors };
      else if (take(text) === false) end = { kind: 'complete' };
    }
    if (end !== undefined) socket.terminate();
  });
  // What cannot be reached is closed, too.
  socket.on('error', () => {});
  return new Promise((resolve) => {
    socket.once('close', (code, reason) =>
      resolve(end ?? { kind: 'closed', code, reason: reason.toString() }),
    );
  });
}
