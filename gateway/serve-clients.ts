import { setMaxListeners } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { rejected } from '../platform/errors.ts';
import { errorResponse, graphqlErrorResponse } from '../platform/http/error-response.ts';
import {
  clientSignal,
  discardBody,
  readBody,
  sendResponse,
  toRequest,
} from '../platform/http/node-adapter.ts';
import type { Logger } from '../platform/logger.ts';
import { createServiceServer } from '../platform/tls/service-server.ts';
import type { TlsIdentity } from '../platform/tls/tls-identity.ts';
import type { CallerContext } from './caller.ts';
import type { FederatedRuntime, ServerContext } from './create-runtime.ts';
import type { HeaderLike } from './guard-origin.ts';
import { preflightHeaders } from './guard-origin.ts';

export interface ServeClientsOptions {
  readonly runtime: FederatedRuntime;
  /** Who asks, from the headers of a request; throws what is to be told when that is wrong. */
  readonly identify: (headers: HeaderLike) => Promise<Omit<CallerContext, 'signal'>>;
  /** Refuses a request for where it comes from, by throwing. */
  readonly guard: (method: string, headers: HeaderLike) => void;
  /** Refuses a request that only a service of ours may send, by throwing. */
  readonly admit?: (request: IncomingMessage) => void;
  /** The gateway's certificate; plain HTTP without it. */
  readonly tls?: TlsIdentity | null;
  /** The CORS headers of an answer. */
  readonly cors: (headers: HeaderLike) => Record<string, string>;
  /** Everything but GraphQL. */
  readonly handleOther: (request: Request) => Promise<Response>;
  /** The most bytes of one GraphQL request. */
  readonly maxBodyBytes: number;
  readonly logger: Logger;
}

/** Documents, uploads and answers may take long to come in; nothing may take longer than this, in milliseconds. */
const longestRequestMs = 30 * 60_000;

const wantsPage = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.accept?.includes('text/html') === true;

/** The server that clients talk to, not listening yet. */
export interface ClientServer {
  readonly server: Server;
  /**
   * Cuts the server-sent events that are under way, which would never end by themselves. Clients see a connection
   * that broke, not a stream that is complete, and subscribe again elsewhere.
   */
  dropStreams(): void;
}

/** Makes the server that clients talk to by HTTP: GraphQL (with server-sent events), GraphiQL and all other paths. */
export function createClientServer(options: ServeClientsOptions): ClientServer {
  const { runtime, logger, maxBodyBytes } = options;
  const streams = new Set<ServerResponse>();

  async function graphql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const signal = clientSignal(response);
    setMaxListeners(0, signal);
    // The page itself holds nothing that is worth a key; what it asks for does.
    const caller = wantsPage(request)
      ? { identity: null, authorization: null, signal }
      : { ...(await options.identify(request.headers)), signal };
    const context: ServerContext = { caller };
    if (request.headers.accept?.includes('text/event-stream') === true) {
      streams.add(response);
      response.once('close', () => streams.delete(response));
    }
    if (request.method !== 'POST') return runtime.handle(request, response, context);
    if (!request.headers['content-type']?.trimStart().toLowerCase().startsWith('application/json')) {
      // Forms and plain text are what a page of another site can send without asking first.
      throw rejected(
        'UNSUPPORTED_MEDIA_TYPE',
        'A GraphQL request is sent with `content-type: application/json`.',
      );
    }
    const length = request.headers['content-length'];
    if (length !== undefined && Number(length) <= maxBodyBytes) {
      return runtime.handle(request, response, context);
    }
    // Too long, or of unknown length: it is read here, up to the limit.
    const body = await readBody(request, maxBodyBytes);
    const whole = new Request(new URL(request.url ?? '/', 'http://localhost'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: request.headers.accept ?? '*/*' },
      body: new Uint8Array(body),
      signal,
    });
    return sendResponse(await runtime.fetch(whole, context), response);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    const isGraphql = url === '/graphql' || url.startsWith('/graphql?');
    try {
      options.guard(request.method ?? 'GET', request.headers);
      options.admit?.(request);
      for (const [name, value] of Object.entries(options.cors(request.headers)))
        response.setHeader(name, value);
      if (request.method === 'OPTIONS') {
        response.writeHead(204, preflightHeaders).end();
        return;
      }
      if (isGraphql) return await graphql(request, response);
      return await sendResponse(
        await options.handleOther(toRequest(request, clientSignal(response))),
        response,
      );
    } catch (error) {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      discardBody(request);
      const refusal = isGraphql ? graphqlErrorResponse(error, logger) : errorResponse(error, logger);
      await sendResponse(refusal, response);
    }
  }

  const server = createServiceServer(
    options.tls,
    { requestTimeout: longestRequestMs },
    (request, response) => {
      handle(request, response).catch((error: unknown) => {
        logger.debug({ err: error }, 'a response broke off');
        response.destroy();
      });
    },
  );
  server.keepAliveTimeout = 65_000;
  return {
    server,
    dropStreams() {
      for (const response of streams) response.destroy();
    },
  };
}
