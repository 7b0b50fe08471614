import { AsyncLocalStorage } from 'node:async_hooks';
import { type ConsistencyLevelEnum, MilvusClient } from '@zilliz/milvus2-sdk-node';
import { z } from 'zod';
import { raceAbort } from '../race-abort.ts';
import { asMilvusError, isAlreadyThere, isUnanswered, MilvusFailure } from './milvus-failure.ts';
import { MilvusHealth } from './milvus-health.ts';

// Every trap of the SDK (3.0.6) is handled here, and nowhere else:
//
// - Its retrying interceptor answers UNIMPLEMENTED with a resolved `{}`, gives each of its retries a deadline of its
//   own, and writes every message as JSON for a log that nobody reads, vectors and all. It is taken out.
// - Failures are answers, in two codes that need not agree: milvus-lite says `error_code: "Success"` beside a `code`
//   above 0. Any of the two counts.
// - A call cannot be cancelled, and a describing call before the real one has a deadline of its own. Ours travels
//   with the work instead, and cancels the call under way.
// - One client serves one call at a time, ten at most: more are made, all over one connection.
// - A connection that failed at first stays failed, and gRPC may wait for one for ever: it is made again
//   (`MilvusHealth`). Connections are shared by all clients with the same options, so that a new client would wait
//   for the same one: an option that means nothing tells them apart.
// - Some of its promises wait for others without a deadline: ours holds for those, too.
// - `ConsistencyLevelEnum.Strong` is 0, which a search takes for nothing said: levels are given by their names.
// - After a longer outage gRPC would wait two minutes before it tries again; a cut that nobody says anything about
//   (a lost machine) would be noticed after a quarter of an hour. milvus-lite in turn ends connections that are
//   kept alive.

/** Where Milvus is, and how to log in. */
export interface MilvusAddress {
  /** `http://host:port`, or `https://` for TLS. */
  readonly url: string;
  /** `user:password` or an API key. */
  readonly token: string | null;
  readonly database: string;
}

/** A call of the SDK. */
export type MilvusCall<T> = (client: MilvusClient) => Promise<T>;

/** What the calls of one piece of work share. */
interface CallScope {
  readonly deadlineMs: number;
  readonly calls: GrpcCall[];
}

/**
 * The level of consistency of a call: `Strong` waits until everything is seen that was written before, by whomever;
 * `Bounded` sees what is there. `Session`, which would be between the two, sees the writes of this client alone,
 * and here others write, too.
 */
export const consistencyLevel = (consistency: 'latest' | 'bounded'): ConsistencyLevelEnum =>
  // The wire takes names where the SDK's type knows numbers.
  (consistency === 'latest' ? 'Strong' : 'Bounded') as unknown as ConsistencyLevelEnum;

interface GrpcCall {
  cancelWithStatus(status: number, details: string): void;
}
interface GrpcOptions {
  readonly deadline?: Date | number;
}
type Interceptor = (options: GrpcOptions, next: (options: GrpcOptions) => GrpcCall) => GrpcCall;

const scopes = new AsyncLocalStorage<CallScope>();
const cancelled = 1;

/** Gives each call the deadline of the work that it belongs to. */
const holdToScope: Interceptor = (options, next) => {
  const scope = scopes.getStore();
  if (scope === undefined) return next(options);
  const call = next({ ...options, deadline: new Date(scope.deadlineMs) });
  scope.calls.push(call);
  return call;
};

const statusSchema = z.object({
  error_code: z.union([z.string(), z.number()]).optional(),
  code: z.coerce.number().optional(),
  reason: z.string().optional(),
});
const answerSchema = z.union([z.object({ status: statusSchema }), statusSchema]);

/** @throws MilvusFailure where an answer tells of one, or of nothing at all. */
function assertDone(answer: unknown): void {
  const parsed = answerSchema.safeParse(answer);
  const status = !parsed.success ? null : 'status' in parsed.data ? parsed.data.status : parsed.data;
  if (status === null || (status.error_code === undefined && status.code === undefined)) {
    throw new MilvusFailure('The server does not know this call.', { grpc: 12 });
  }
  const { error_code: name, code = 0, reason = '' } = status;
  const done = code === 0 && (name === undefined || name === 0 || name === '0' || name === 'Success');
  if (!done) throw new MilvusFailure(reason === '' ? `It failed with ${name}.` : reason, { code });
}

/** The SDK throws errors of gRPC, errors of its own, and answers. */
function asFailure(error: unknown): unknown {
  if (error instanceof MilvusFailure) return error;
  if (error instanceof Error) {
    const grpc = 'code' in error && typeof error.code === 'number' ? error.code : null;
    return grpc === null ? error : new MilvusFailure(error.message, { grpc }, error);
  }
  try {
    assertDone(error);
    return new MilvusFailure('It failed without saying why.', {}, error);
  } catch (failure) {
    return failure;
  }
}

/** Counts connections, so that no two have the same options. */
let connections = 0;

function createClient({ url, token, database }: MilvusAddress, keepAlive: boolean): MilvusClient {
  const client = new MilvusClient({
    address: url,
    ...(token === null ? {} : { token }),
    database,
    isGlobal: false,
    maxRetries: 0,
    pool: { min: 0, max: 256 },
    telemetry: { enabled: false },
    logLevel: 'error',
    channelOptions: {
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 2_000,
      'grpc.keepalive_time_ms': keepAlive ? 20_000 : 2_147_483_647,
      'grpc.keepalive_timeout_ms': 10_000,
      'grpc.keepalive_permit_without_calls': 0,
      'tributary.connection': ++connections,
    },
    __SKIP_CONNECT__: true,
  });
  const given: unknown = client.channelOptions.interceptors;
  // The last one is the one that retries.
  const kept = Array.isArray(given) ? given.slice(0, -1) : [];
  client.channelOptions.interceptors = [holdToScope, ...kept];
  return client;
}

/** How long making a connection may take, with all that is asked meanwhile. */
const connectTimeoutMs = 10_000;
/** After a connection could not be made, so long goes by before the next is tried: doubled up to the longest. */
const reopenAfterMs = { first: 100, longest: 1_000 };
/** A call that its caller gives up earlier says nothing about the connection. */
const patienceMs = 250;
/** How long calls under way are waited for when all ends, in milliseconds. */
const closeTimeoutMs = 5_000;

/** A connection that was made. */
interface Opened {
  readonly client: MilvusClient;
  readonly version: string;
  readonly health: MilvusHealth;
  /** How many calls are under way. */
  calls: number;
  /** Whether it takes no more calls: it is closed when the last has ended. */
  givenUp: boolean;
}

/**
 * A connection to Milvus that is made when it is first used, and again whenever that failed or nothing comes over it
 * any more.
 */
export class MilvusConnection implements AsyncDisposable {
  readonly #address: MilvusAddress;
  #connecting: Promise<Opened> | null = null;
  /** The last failure to connect: calls get it until it is time to try again. */
  #failed: { readonly error: unknown; readonly waitMs: number; readonly untilMs: number } | null = null;
  #closed = false;

  constructor(address: MilvusAddress) {
    this.#address = address;
  }

  /** What the server calls its version. @throws TributaryError `UPSTREAM`. */
  async version(signal?: AbortSignal): Promise<string> {
    const { version } = await raceAbort(signal, () => this.#connect());
    return version;
  }

  /**
   * One call. Its answer was looked at: what comes back has succeeded.
   *
   * @throws MilvusFailure as it came; `run` makes one of our errors of it. The signal's reason when aborted.
   */
  async call<T>(
    work: MilvusCall<T>,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<T> {
    const opened = await raceAbort(signal, () => this.#connect());
    const begunAt = performance.now();
    opened.calls++;
    try {
      const answer = await inScope(() => work(opened.client), timeoutMs, signal);
      opened.health.answered();
      return answer;
    } catch (error) {
      const waitedInVain = signal?.aborted === true && error === signal.reason;
      if (waitedInVain ? performance.now() - begunAt >= patienceMs : isUnanswered(error)) {
        if (opened.health.failed()) this.#giveUp(opened);
      } else if (error instanceof MilvusFailure) {
        opened.health.answered();
      }
      throw error;
    } finally {
      opened.calls--;
      closeIfUnused(opened);
    }
  }

  #connect(): Promise<Opened> {
    if (this.#closed) {
      return Promise.reject(new MilvusFailure('The connection was closed.', { grpc: 14 }));
    }
    if (this.#connecting !== null) return this.#connecting;
    if (this.#failed !== null && performance.now() < this.#failed.untilMs) {
      return Promise.reject(this.#failed.error);
    }
    const connecting = this.#open().then(
      (opened) => {
        this.#failed = null;
        return opened;
      },
      (error: unknown) => {
        const { first, longest } = reopenAfterMs;
        const waitMs = this.#failed === null ? first : Math.min(longest, 2 * this.#failed.waitMs);
        this.#failed = { error, waitMs, untilMs: performance.now() + waitMs };
        this.#connecting = null;
        throw error;
      },
    );
    this.#connecting = connecting;
    return connecting;
  }

  /** The next call makes another. */
  #giveUp(opened: Opened): void {
    if (opened.givenUp) return;
    opened.givenUp = true;
    this.#connecting = null;
  }

  async #open(): Promise<Opened> {
    const signal = AbortSignal.timeout(connectTimeoutMs);
    try {
      return await openWithin(this.#address, signal);
    } catch (error) {
      throw signal.aborted ? new MilvusFailure('It did not answer in time.', { grpc: 4 }, error) : error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const opened = await this.#connecting?.catch(() => null);
    if (!opened) return;
    await raceAbort(AbortSignal.timeout(closeTimeoutMs), () => opened.client.closeConnection()).catch(
      () => undefined,
    );
  }
}

async function openWithin(address: MilvusAddress, signal: AbortSignal): Promise<Opened> {
  const { database } = address;
  // Not in the database at once: it may have to be made.
  const first = createClient({ ...address, database: 'default' }, false);
  let version: string;
  try {
    version = await connect(first, signal);
    if (database !== 'default') await makeDatabase(first, database, signal);
  } finally {
    close(first);
  }
  const client = createClient(address, !isMilvusLite(version));
  try {
    await connect(client, signal);
  } catch (error) {
    close(client);
    throw error;
  }
  return { client, version, health: new MilvusHealth(), calls: 0, givenUp: false };
}

/** Closes a client; nobody waits for what is under way over it, which ends at its own deadline. */
const close = (client: MilvusClient): void => void client.closeConnection().catch(() => undefined);

const closeIfUnused = ({ givenUp, calls, client }: Opened): void => {
  if (givenUp && calls === 0) close(client);
};

/** Whether it is the small server in Python and not the real one, whose packaged build calls itself "lite", too. */
export const isMilvusLite = (version: string): boolean => /^milvus[_-]?lite/i.test(version);

/** How long after its deadline work is ended that does not end by itself, in milliseconds. */
const graceMs = 100;

async function inScope<T>(work: () => Promise<T>, timeoutMs: number, signal?: AbortSignal): Promise<T> {
  const scope: CallScope = { deadlineMs: Date.now() + timeoutMs, calls: [] };
  const limit = new AbortController();
  const late = new MilvusFailure('It did not end in time.', { grpc: 4 });
  const timer = setTimeout(() => limit.abort(late), timeoutMs + graceMs);
  const ended = signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]);
  // Ending a call that has ended does nothing.
  const cancel = () => {
    for (const call of scope.calls) call.cancelWithStatus(cancelled, 'nobody waits for it');
  };
  ended.addEventListener('abort', cancel, { once: true });
  try {
    const answer = await raceAbort(ended, () => scopes.run(scope, work));
    assertDone(answer);
    return answer;
  } catch (error) {
    throw signal?.aborted === true && error === signal.reason ? error : asFailure(error);
  } finally {
    clearTimeout(timer);
    ended.removeEventListener('abort', cancel);
  }
}

async function connect(client: MilvusClient, signal: AbortSignal): Promise<string> {
  await inScope(
    () => {
      client.connect(MilvusClient.sdkInfo.version);
      return client.connectPromise as Promise<unknown>;
    },
    connectTimeoutMs,
    signal,
  );
  const { version } = await inScope(() => client.getVersion(), connectTimeoutMs, signal);
  return version;
}

async function makeDatabase(client: MilvusClient, name: string, signal: AbortSignal): Promise<void> {
  const { db_names: names } = await inScope(() => client.listDatabases(), connectTimeoutMs, signal);
  if (names.includes(name)) return;
  await inScope(() => client.createDatabase({ db_name: name }), connectTimeoutMs, signal).catch(
    (error: unknown) => {
      if (!isAlreadyThere(error)) throw error;
    },
  );
}

/** Work of one or more calls whose failures are ours to tell: see `asMilvusError`. */
export const runOnMilvus = <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> =>
  raceAbort(signal, () =>
    work().catch((error: unknown) => {
      signal?.throwIfAborted();
      throw asMilvusError(error);
    }),
  );
