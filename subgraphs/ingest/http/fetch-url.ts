import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, request } from 'undici';
import { rejected, TributaryError } from '../../../platform/errors.ts';
import { isPublicAddress } from './is-public-address.ts';

export interface FetchUrlOptions {
  readonly timeoutMs: number;
  /** `host:port` of hosts at private addresses that may be fetched from all the same. */
  readonly privateHosts: readonly string[];
  /** How names are resolved; the system's way by default. */
  readonly lookup?: LookupFunction;
}

/** What was fetched; the body is a stream that must be read or destroyed. */
export interface Fetched {
  readonly body: AsyncIterable<Uint8Array>;
  readonly mediaType: string | null;
  readonly fileName: string | null;
}

const maxRedirects = 5;

/**
 * Fetches a public http or https address. Every address that is connected to is checked as it is connected
 * to: that of the URL, of every redirect, and whatever a name resolves to at that moment, so that neither a
 * redirect nor a name that changes its mind leads inside.
 *
 * @param use reads the body; the connection is closed behind it.
 * @throws TributaryError `REJECTED_INPUT` with reason `INVALID_URL`, `PRIVATE_ADDRESS`, `TOO_MANY_REDIRECTS` or
 * `FETCH_FAILED`.
 */
export async function fetchUrl<T>(
  url: string,
  options: FetchUrlOptions,
  signal: AbortSignal,
  use: (fetched: Fetched) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const both = AbortSignal.any([signal, timeout]);
  const agents: Agent[] = [];
  let body: Dispatcher.ResponseData['body'] | undefined;
  try {
    let address = parseUrl(url);
    for (let redirects = 0; ; redirects++) {
      const agent = agentFor(address, options);
      agents.push(agent);
      const response = await request(address, {
        dispatcher: agent,
        signal: both,
        headers: { 'user-agent': 'tributary', accept: 'text/html,application/pdf,text/*;q=0.9,*/*;q=0.5' },
      });
      body = response.body;
      const { statusCode, headers } = response;
      const location = headers.location;
      if ([301, 302, 303, 307, 308].includes(statusCode) && typeof location === 'string') {
        if (redirects === maxRedirects) {
          throw refused('TOO_MANY_REDIRECTS', `The address redirects more than ${maxRedirects} times.`);
        }
        await body.dump();
        address = parseUrl(location, address);
        continue;
      }
      if (statusCode < 200 || statusCode > 299) {
        throw refused(
          'FETCH_FAILED',
          `The address answered with status ${statusCode} instead of a document.`,
        );
      }
      const mediaType = headers['content-type'];
      return await use({
        body,
        mediaType: typeof mediaType === 'string' ? mediaType : null,
        fileName: fileNameOf(address),
      });
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : asRefusal(error, timeout, options.timeoutMs);
  } finally {
    body?.on('error', () => {}).destroy();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }
}

function parseUrl(text: string, base?: URL): URL {
  let url: URL;
  try {
    url = new URL(text, base);
  } catch {
    throw refused('INVALID_URL', 'This is not an address.');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refused('INVALID_URL', `Only http and https addresses are fetched, not ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw refused('INVALID_URL', 'The address holds a user name or a password; give one without.');
  }
  return url;
}

/** An agent for one host: it connects to public addresses only, unless the host is one that may be private. */
function agentFor(url: URL, options: FetchUrlOptions): Agent {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const mayBePrivate = options.privateHosts.includes(`${url.hostname}:${port}`);
  // A host that is an address already is not looked up, so it is checked here.
  if (!mayBePrivate && /^[\d.]+$|:/.test(host) && !isPublicAddress(host)) throw privateAddress(url.hostname);
  const resolve = options.lookup ?? (systemLookup as LookupFunction);
  const lookup: LookupFunction = (name, lookupOptions, callback) => {
    resolve(name, { ...lookupOptions, all: true }, (error, found, family) => {
      if (error) return callback(error, '', 0);
      const addresses = typeof found === 'string' ? [{ address: found, family: family ?? 4 }] : found;
      if (!mayBePrivate && !addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(privateAddress(name), '', 0);
      }
      const [first] = addresses;
      if (first === undefined) return callback(new Error(`${name} has no address`), '', 0);
      if (lookupOptions.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  return new Agent({ connect: { lookup, timeout: options.timeoutMs }, connections: 1 });
}

const refused = (reason: string, message: string, cause?: unknown) =>
  rejected(reason, `${message} Give a public http or https address of a document.`, { field: 'url', cause });

const privateAddress = (host: string) =>
  refused('PRIVATE_ADDRESS', `${host} is at a private or reserved address, which is not fetched from.`);

function asRefusal(error: unknown, timeout: AbortSignal, timeoutMs: number): unknown {
  if (error instanceof TributaryError) return error;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof TributaryError) return cause;
  }
  if (timeout.aborted) return refused('FETCH_FAILED', `The address took more than ${timeoutMs} ms.`, error);
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return refused('FETCH_FAILED', `The address could not be fetched${code}.`, error);
}

function fileNameOf(url: URL): string | null {
  const last = url.pathname.split('/').pop() ?? '';
  try {
    return decodeURIComponent(last) || null;
  } catch {
    return last || null;
  }
}
