import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';

/** Where a server listens. */
export interface ListeningAddress {
  /** `http://host:port`, or `https`, without a trailing slash. */
  readonly url: string;
  readonly port: number;
}

/** The port or address cannot be listened on. The message says which, and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const wildcards: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function explain(code: string | undefined, host: string, port: number, error: Error): string {
  if (code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is in use: stop what listens there, or choose another port with PORT.`;
  }
  if (code === 'EACCES')
    return `Port ${port} on ${host} may not be used by this user: choose one above 1023 with PORT.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is not an address of this machine: check HOST.`;
  return `Cannot listen on ${host} port ${port}: ${error.message}`;
}

/**
 * Starts listening.
 *
 * @throws ListenError when the port is in use or the address is not ours.
 */
export function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<ListeningAddress> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      reject(new ListenError(explain(error.code, host, port, error), { cause: error }));
    server.once('error', failed);
    server.listen({ host, port }, () => {
      server.off('error', failed);
      const address = server.address() as AddressInfo;
      const shown = wildcards[host] ?? host;
      const scheme = 'setSecureContext' in server ? 'https' : 'http';
      const name = isIPv6(shown) ? `[${shown}]` : shown;
      resolve({ url: `${scheme}://${name}:${address.port}`, port: address.port });
    });
  });
}

/** Stops listening, lets what is under way end within `graceMs`, then cuts what is left. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A keep-alive connection becomes idle only once its response has ended, so it is looked at again and again.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
