import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';

/** A running Tributary, reached as its users reach it: by HTTP and WebSocket. */
export interface System extends AsyncDisposable {
  /** The gateway's origin: `http://127.0.0.1:43123`. */
  readonly url: string;
  /** What it has printed so far. */
  output(): string;
  /** Executes a query or mutation; fails the test where there are errors. */
  query<T>(
    document: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<T>;
  /** Executes a query or mutation and returns the response as it is. */
  execute(
    document: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<GraphQLResponse>;
  /** Subscribes over WebSocket; leaving the loop closes the subscription. */
  subscribe<T>(
    document: string,
    variables?: Record<string, unknown>,
    token?: string,
  ): AsyncIterableIterator<T>;
}

export interface GraphQLResponse {
  readonly status: number;
  readonly data: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
}

const project = fileURLToPath(new URL('..', import.meta.url));

/** A built file of this project, and the words that it is started with behind a space. */
type Program = string;

/** Starts a program and waits until it prints where its GraphQL endpoint is. */
export async function startSystem(program: Program, settings: Record<string, string> = {}): Promise<System> {
  const data = await temporaryDirectory();
  const system = await startOn(data.path, program, settings);
  return {
    ...system,
    [Symbol.asyncDispose]: async () => {
      await system[Symbol.asyncDispose]();
      await data[Symbol.asyncDispose]();
    },
  };
}

/** The same, on a data folder that outlives the system. */
export async function startOn(
  dataDirectory: string,
  program: Program,
  settings: Record<string, string> = {},
): Promise<System & { readonly process: ChildProcess }> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('TRIBUTARY_') || name === 'TRIBUTARY_MODELS',
  );
  const child = spawn(process.execPath, program.split(' '), {
    cwd: project,
    env: {
      ...Object.fromEntries(inherited),
      PORT: '0',
      TRIBUTARY_DATA: dataDirectory,
      TRIBUTARY_SAMPLES: 'false',
      TRIBUTARY_LANGUAGE_MODEL: 'smollm2-135m-instruct-q4_1',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const url = await new Promise<string>((done, fail) => {
    const read = (bytes: Buffer) => {
      printed += bytes.toString();
      const found = /GraphQL\s+(http:\/\/\S+)\/graphql/.exec(printed)?.[1];
      if (found !== undefined) done(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', fail);
    child.once('exit', (code, signal) =>
      fail(new Error(`${program} ended with ${signal ?? code}:\n${printed}`)),
    );
  });

  const execute: System['execute'] = async (document, variables = {}, headers = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...headers,
      },
      body: JSON.stringify({ query: document, variables }),
    });
    return { status: response.status, ...((await response.json()) as Omit<GraphQLResponse, 'status'>) };
  };

  return {
    url,
    process: child,
    output: () => printed,
    execute,
    async query<T>(document: string, variables?: Record<string, unknown>, headers?: Record<string, string>) {
      const { data, errors } = await execute(document, variables, headers);
      if (errors !== undefined) throw new Error(`unexpected errors: ${JSON.stringify(errors)}\n${printed}`);
      return data as T;
    },
    async *subscribe<T>(document: string, variables: Record<string, unknown> = {}, token?: string) {
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        ...(token === undefined ? {} : { connectionParams: { authorization: `Bearer ${token}` } }),
      });
      try {
        for await (const { data, errors } of client.iterate<T>({ query: document, variables })) {
          if (errors !== undefined)
            throw new Error(`unexpected errors: ${JSON.stringify(errors)}\n${printed}`);
          if (data !== null && data !== undefined) yield data;
        }
      } finally {
        await client.dispose();
      }
    },
    [Symbol.asyncDispose]: () =>
      new Promise((done) => {
        if (child.exitCode !== null || child.signalCode !== null) return done();
        child.once('exit', () => done());
        child.kill('SIGTERM');
      }),
  };
}

export { collect } from '../platform/testing/collect.ts';
