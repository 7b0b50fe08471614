import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { CommandFailure, exitCodes, failureOf } from './failure.ts';
import type { Operation } from './operations.generated.ts';

/** How to reach a server, and as whom. */
export interface ClientOptions {
  /** The server's origin, such as `http://localhost:4000`; a path is kept. */
  readonly url: string;
  /** An API key or a JSON Web Token. */
  readonly token?: string | undefined;
  /** Act in this tenant; only for callers with the scope `admin`. */
  readonly tenant?: string | undefined;
}

/** The connection went away before the server had said everything; subscribing again may help. */
export class ConnectionLost extends CommandFailure {
  constructor(message: string) {
    super(exitCodes.unreachable, message);
  }
}

const Answered = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).optional() }),
    )
    .optional(),
});

const subprotocolErrors: Readonly<Record<number, string>> = {
  4400: 'The server did not understand the request.',
  4401: 'The server does not know the caller.',
  4403: 'The caller may not do this.',
};

/** A client of one server: queries and mutations by HTTP, subscriptions by WebSocket. */
export class TributaryClient implements AsyncDisposable {
  readonly #options: ClientOptions;
  #socket: Client | undefined;

  constructor(options: ClientOptions) {
    if (!URL.canParse(options.url) || !/^https?:$/.test(new URL(options.url).protocol)) {
      throw new CommandFailure(
        exitCodes.usage,
        `"${options.url}" is not the address of a server. Give one such as http://localhost:4000 by --url or TRIBUTARY_URL.`,
      );
    }
    this.#options = { ...options, url: options.url.replace(/\/+$/, '').replace(/\/graphql$/, '') };
  }

  /** The server's address, without a trailing slash. */
  get url(): string {
    return this.#options.url;
  }

  /** Who asks, as headers. */
  get headers(): Record<string, string> {
    const { token, tenant } = this.#options;
    return {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(tenant === undefined ? {} : { 'tributary-tenant': tenant }),
    };
  }

  /** An address that the server gave, made absolute. */
  resolve(url: string): URL {
    return new URL(url, `${this.url}/`);
  }

  /**
   * Asks by HTTP.
   *
   * @throws CommandFailure where no server answers.
   */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    try {
      return await fetch(this.resolve(path), init);
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw this.#unreachable(error);
    }
  }

  /**
   * Executes a query or mutation.
   *
   * @throws CommandFailure where no server answers, or where it answers with an error.
   */
  async execute<Result, Variables>(
    operation: Operation<Result, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<Result> {
    const { name, text } = operation;
    return (await this.executeText(name, text, variables, signal)) as Result;
  }

  /** Executes a query or mutation that is only known as text. */
  async executeText(
    operationName: string,
    query: string,
    variables: unknown,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const response = await this.fetch('graphql', {
      method: 'POST',
      headers: {
        ...this.headers,
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
      },
      body: JSON.stringify({ operationName, query, variables }),
      ...(signal === undefined ? {} : { signal }),
    });
    const body = await response.text();
    const parsed = Answered.safeParse(parseJson(body));
    if (!parsed.success) {
      throw new CommandFailure(
        response.status === 401 || response.status === 403 ? exitCodes.denied : exitCodes.failed,
        `${this.url} answered with status ${response.status}, and not as a Tributary server does. Check --url.`,
      );
    }
    const [error] = parsed.data.errors ?? [];
    if (error !== undefined) throw this.#failure(error, response.status);
    return parsed.data.data;
  }

  /**
   * Follows a subscription; leaving the loop, or aborting the signal, ends it.
   *
   * @throws ConnectionLost where the connection breaks; CommandFailure where there is none to be had, or where
   *   the server answers with an error.
   */
  async *subscribe<Result, Variables extends object>(
    operation: Operation<Result, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): AsyncGenerator<Result, void, undefined> {
    signal?.throwIfAborted();
    const client = (this.#socket ??= this.#connect());
    const payload = {
      operationName: operation.name,
      query: operation.text,
      variables: variables as Record<string, unknown>,
    };
    const results = client.iterate<Result>(payload);
    const leave = () => void results.return?.();
    signal?.addEventListener('abort', leave);
    try {
      for await (const { data, errors } of results) {
        const [error] = errors ?? [];
        if (error !== undefined) {
          throw this.#failure({ message: error.message, extensions: { code: codeOf(error.extensions) } });
        }
        if (data !== null && data !== undefined) yield data;
      }
    } catch (error) {
      throw this.#subscriptionFailure(error);
    } finally {
      signal?.removeEventListener('abort', leave);
    }
    signal?.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket?.dispose();
  }

  #connect(): Client {
    const headers = this.headers;
    let pongMissing: NodeJS.Timeout | undefined;
    const client: Client = createClient({
      url: this.resolve('graphql').href.replace(/^http/, 'ws'),
      webSocketImpl: class extends WebSocket {
        constructor(url: string, protocols: string) {
          super(url, protocols, { headers });
        }
      },
      connectionParams: headers,
      // Whoever subscribes decides how to go on: repeating a subscription by itself could double its events.
      retryAttempts: 0,
      shouldRetry: () => false,
      keepAlive: 10_000,
      on: {
        ping: (received) => {
          if (!received) pongMissing = setTimeout(() => client.terminate(), 10_000).unref();
        },
        pong: (received) => {
          if (received) clearTimeout(pongMissing);
        },
        closed: () => clearTimeout(pongMissing),
      },
    });
    return client;
  }

  #failure(error: GraphQLFailure, status?: number): CommandFailure {
    const code =
      error.extensions?.code ?? (status === 401 || status === 403 ? 'DENIED' : 'INTERNAL_SERVER_ERROR');
    return failureOf(code, sentence(error.message));
  }

  #subscriptionFailure(error: unknown): unknown {
    if (error instanceof CommandFailure) return error;
    if (Array.isArray(error)) {
      const [first] = error as { message: string; extensions?: Record<string, unknown> }[];
      return this.#failure({
        message: first?.message ?? 'The server ended the subscription with an error.',
        extensions: { code: codeOf(first?.extensions) },
      });
    }
    if (isCloseEvent(error)) {
      const known = subprotocolErrors[error.code];
      if (known === undefined) return new ConnectionLost(`The connection to ${this.url} was lost.`);
      const message = sentence(error.reason === '' ? known : error.reason);
      return new CommandFailure(error.code === 4400 ? exitCodes.failed : exitCodes.denied, message);
    }
    return this.#unreachable(error);
  }

  #unreachable(error: unknown): CommandFailure {
    return new CommandFailure(
      exitCodes.unreachable,
      `Cannot reach a Tributary server at ${this.url} (${reasonOf(error)}). Start it with \`npm start\`, or say where it is by --url or TRIBUTARY_URL.`,
      { cause: error },
    );
  }
}

interface GraphQLFailure {
  readonly message: string;
  readonly extensions?: { readonly code?: string | undefined } | undefined;
}

const codeOf = (extensions: Readonly<Record<string, unknown>> | undefined): string | undefined =>
  typeof extensions?.code === 'string' ? extensions.code : undefined;

const isCloseEvent = (value: unknown): value is { code: number; reason: string } =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  typeof value.code === 'number' &&
  'reason' in value;

const sentence = (message: string): string => message.trim().replace(/\s+/g, ' ');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why a connection failed, in a few words. */
function reasonOf(error: unknown): string {
  const seen: unknown[] = [];
  for (let at: unknown = error; at instanceof Object && !seen.includes(at); ) {
    seen.push(at);
    if ('code' in at && typeof at.code === 'string') return words[at.code] ?? at.code;
    at =
      'errors' in at && Array.isArray(at.errors)
        ? at.errors[0]
        : 'cause' in at
          ? at.cause
          : 'error' in at
            ? at.error
            : undefined;
  }
  return error instanceof Error ? error.message : 'the connection failed';
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  ECONNRESET: 'the connection was reset',
  ETIMEDOUT: 'it did not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time',
};
