import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode, type Context, handleProtocols, makeServer, type ServerOptions } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Logger } from '../logger.ts';
import { type Metrics, noMetrics } from '../ports/metrics.ts';

/** What is known of one WebSocket. */
export interface SocketExtra extends Record<PropertyKey, unknown> {
  readonly socket: WebSocket;
  /** The request that opened it. */
  readonly request: IncomingMessage;
}

export interface ServeWebsocketOptions {
  readonly server: Server;
  /** The path that sockets are opened at; others are refused. */
  readonly path: string;
  readonly options: ServerOptions<Record<string, unknown>, SocketExtra>;
  /** The most bytes of one message of the client. */
  readonly maxPayloadBytes: number;
  /** Above this many bytes that the client has not taken, nothing more is pulled from its subscriptions. */
  readonly maxBufferedBytes: number;
  /** Whether a socket may be opened; false answers 403. */
  readonly mayOpen?: (request: IncomingMessage) => boolean;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

type Connection = Context<Record<string, unknown>, SocketExtra>;

const keepAliveMs = 12_000;

/** Pings until the other side stops answering, then ends the socket. @returns what stops it. */
function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    return socket.ping();
  }, keepAliveMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Sends one message; resolves once the client's backlog is below the mark again, so that its source waits. */
function send(socket: WebSocket, data: string, maxBufferedBytes: number): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    let written = false;
    // The callback comes once the bytes have left for the kernel; a gone client fails it, and ends everything.
    socket.send(data, () => {
      written = true;
      resolve();
    });
    if (!written && socket.bufferedAmount <= maxBufferedBytes) resolve();
    return undefined;
  });
}

/**
 * Serves the `graphql-transport-ws` protocol on a Node server. Disposing closes every socket with 1001 and
 * waits until they are gone.
 */
export function serveWebsocket(settings: ServeWebsocketOptions): AsyncDisposable {
  const { server, path, options, logger, maxBufferedBytes, metrics = noMetrics } = settings;
  const connections = new Map<WebSocket, Connection>();
  const protocol = makeServer({
    ...options,
    onConnect: (connection) => {
      connections.set(connection.extra.socket, connection);
      return options.onConnect?.(connection);
    },
  });
  const watching = metrics.watch('tributary_subscriptions', () => {
    const under = [...connections.values()].flatMap(({ subscriptions }) => Object.values(subscriptions));
    return [{ labels: {}, value: under.filter((operation) => operation !== null).length }];
  });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: settings.maxPayloadBytes,
    handleProtocols,
  });

  const upgrade = (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
    const refuse = (status: string) => {
      duplex.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    };
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== path) return refuse('404 Not Found');
    if (settings.mayOpen?.(request) === false) return refuse('403 Forbidden');
    return sockets.handleUpgrade(request, duplex, head, (socket) => open(socket, request));
  };

  const open = (socket: WebSocket, request: IncomingMessage) => {
    const stopPinging = keepAlive(socket);
    socket.on('error', (error) => logger.debug({ err: error }, 'a WebSocket failed'));
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => send(socket, data, maxBufferedBytes),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) => {
          socket.on('message', (data) => {
            handle(String(data)).catch((error: unknown) => {
              logger.error({ err: error }, 'a WebSocket message failed');
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            });
          });
        },
      },
      { socket, request },
    );
    socket.once('close', (code, reason) => {
      stopPinging();
      connections.delete(socket);
      Promise.resolve(closed(code, String(reason))).catch((error: unknown) =>
        logger.error({ err: error }, 'a WebSocket did not close cleanly'),
      );
    });
  };

  server.on('upgrade', upgrade);
  return {
    async [Symbol.asyncDispose]() {
      server.off('upgrade', upgrade);
      watching[Symbol.dispose]();
      const gone = [...sockets.clients].map(
        (socket) =>
          new Promise<void>((resolve) => {
            socket.once('close', () => resolve());
            socket.close(1001, 'Going away');
            // A client that does not answer the closing handshake is not waited for.
            setTimeout(() => socket.terminate(), 1000).unref();
          }),
      );
      await Promise.all(gone);
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
    },
  };
}
