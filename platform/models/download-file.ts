import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { EnvHttpProxyAgent, fetch, type Response } from 'undici';

export interface DownloadOptions {
  readonly url: string;
  /** Where the bytes go; what is there already is the beginning, and is kept. */
  readonly path: string;
  /** How many bytes there must be in the end. */
  readonly bytes: number;
  /** How long to wait before trying anew the first time; then twice as long each time. */
  readonly retryDelayMs?: number;
  readonly signal?: AbortSignal;
  /** Called with the number of bytes that are there. */
  onBytes?(bytes: number): void;
}

/** A download that trying again would not mend. The message is for people. */
class FinalFailure extends Error {
  override readonly name = 'FinalFailure';
}

const attempts = 5;
const agentOf = (connectTimeoutMs: number) =>
  // Proxies are those of the usual environment variables, as for npm and pip.
  new EnvHttpProxyAgent({
    connect: { timeout: connectTimeoutMs },
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
  });
const agent = agentOf(10_000);
const quickAgent = agentOf(3_000);

/**
 * Downloads a file over HTTP. A connection that breaks is taken up again where it broke, a server that is
 * busy is asked again; both up to five times without progress.
 *
 * @throws Error that says what failed; what has arrived stays, for the next time. The signal's reason when
 * aborted.
 */
export async function downloadFile(options: DownloadOptions): Promise<void> {
  const { path, bytes, retryDelayMs = 500, signal } = options;
  let failures = 0;
  for (;;) {
    const before = await sizeOf(path);
    if (before === bytes) return;
    if (before > bytes) await rm(path, { force: true });
    try {
      await attempt(options, before > bytes ? 0 : before);
      if ((await sizeOf(path)) === bytes) return;
      throw new Error('the connection broke off');
    } catch (error) {
      signal?.throwIfAborted();
      if (isFinal(error)) throw error;
      failures = (await sizeOf(path)) > before ? 1 : failures + 1;
      if (failures >= attempts) throw new Error(reasonOf(error), { cause: error });
      await delay(retryDelayMs * 2 ** (failures - 1), undefined, { signal });
    }
  }
}

async function attempt({ url, path, bytes, signal, onBytes }: DownloadOptions, start: number): Promise<void> {
  const response = await fetch(url, {
    dispatcher: agent,
    headers: start > 0 ? { range: `bytes=${start}-` } : {},
    ...(signal ? { signal } : {}),
  });
  try {
    const resumed = response.status === 206 && startOf(response) === start;
    if (response.status === 416 || (response.status === 206 && !resumed)) {
      await rm(path, { force: true });
      throw new Error('the server could not go on where the download had stopped');
    }
    if (!response.ok || response.body === null) {
      const message = `it answered with status ${response.status}`;
      throw response.status >= 500 || response.status === 429
        ? new Error(message)
        : new FinalFailure(message);
    }
    let received = resumed ? start : 0;
    const { body } = response;
    await pipeline(
      body,
      async function* (pieces: AsyncIterable<Uint8Array>) {
        for await (const piece of pieces) {
          received += piece.byteLength;
          if (received > bytes) throw new FinalFailure(`it sent more than the ${bytes} bytes expected`);
          onBytes?.(received);
          yield piece;
        }
      },
      createWriteStream(path, { flags: resumed ? 'a' : 'w' }),
    );
  } finally {
    if (!response.bodyUsed) await response.body?.cancel().catch(() => undefined);
  }
}

/**
 * Whether an address can be reached and has something, found out within a few seconds.
 *
 * @returns null where it does, else what is wrong.
 */
export async function probe(url: string, signal?: AbortSignal): Promise<string | null> {
  const limit = AbortSignal.timeout(5_000);
  try {
    const { status, ok } = await fetch(url, {
      method: 'HEAD',
      dispatcher: quickAgent,
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    return ok ? null : `it answered with status ${status}`;
  } catch (error) {
    signal?.throwIfAborted();
    return reasonOf(error);
  }
}

const sizeOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

const startOf = (response: Response) =>
  Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1]);

const isFinal = (error: unknown) =>
  error instanceof FinalFailure || (error instanceof Error && 'code' in error && error.code === 'ENOSPC');

/** What is wrong, in a few words: undici hides it in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'it did not answer in time';
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
