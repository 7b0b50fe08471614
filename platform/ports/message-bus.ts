/**
 * Carries small messages between the processes of one installation. A message that is sent while a listener's
 * connection is down is lost: then the listener is called with null, and must look for itself.
 */
export interface MessageBus extends AsyncDisposable {
  /** Sends a message to every process that listens, this one too. Never waits for any of them. */
  publish(channel: string, message: string): Promise<void>;
  /** Calls `listener` with every message from when this has resolved, until it is disposed of. */
  listen(channel: string, listener: (message: string | null) => void): Promise<AsyncDisposable>;
}
