import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { TLSSocket } from 'node:tls';
import { denied } from '../errors.ts';
import type { TlsIdentity } from './tls-identity.ts';

/**
 * A server of a service, not listening yet: by TLS where the service has an identity, which it then asks the other
 * side for too. Whether what a request wants needs one is the listener's to say, by `assertTrusted`: a health probe
 * brings none. A certificate that changes holds for connections from then on.
 */
export function createServiceServer(
  identity: TlsIdentity | null | undefined,
  options: ServerOptions,
  listener: RequestListener,
): Server {
  if (!identity) return createHttpServer(options, listener);
  const server = createHttpsServer(
    {
      ...options,
      ...identity.material(),
      minVersion: 'TLSv1.2',
      requestCert: true,
      rejectUnauthorized: false,
    },
    listener,
  );
  const ignore = identity.onChange((material) =>
    server.setSecureContext({ ...material, minVersion: 'TLSv1.2' }),
  );
  server.once('close', ignore);
  return server;
}

/** Whether a request comes from one of our services: always so where they need not prove it. */
export const isTrusted = ({ socket }: IncomingMessage): boolean =>
  !(socket instanceof TLSSocket) || socket.authorized;

/**
 * Refuses who does not show a certificate that our authority has signed and that is valid.
 *
 * @throws TributaryError `DENIED` with reason `CERTIFICATE`.
 */
export function assertTrusted(request: IncomingMessage): void {
  if (isTrusted(request)) return;
  throw denied(
    'This is for services that show a certificate of the authority that is trusted here.',
    'CERTIFICATE',
  );
}
