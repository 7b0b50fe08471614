import { Socket } from 'node:net';

/**
 * Ends a connection, in the place of the process, where whoever reads it throws at bytes that make no sense: the
 * parsers of some drivers do. Their error handling then finds a connection that has failed, as it does every day.
 *
 * @returns the same socket.
 */
export function guardSocket<S extends Socket>(socket: S): S {
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...values: unknown[]) => boolean;
  const guarded = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event !== 'data') return emit(event, ...values);
    // What was read before the nonsense has been dealt with; nothing behind it can be.
    if (socket.destroyed) return false;
    try {
      return emit(event, ...values);
    } catch (error) {
      socket.destroy(new Error('the other side sent what cannot be read', { cause: error }));
      return true;
    }
  };
  socket.emit = guarded as typeof socket.emit;
  return socket;
}

/** A new socket, not connected yet, that is guarded so. */
export const guardedSocket = (): Socket => guardSocket(new Socket());
