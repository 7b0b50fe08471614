import { isIPv4 } from 'node:net';
import { ConfigError } from '../platform/config/config.ts';
import { denied } from '../platform/errors.ts';

const header = (headers: HeaderLike, name: string): string | null => {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
};

/** Node's headers of a request. */
export type HeaderLike = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Whether a host name or address, without a port, can only be this machine. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true;
  return isIPv4(name) && name.startsWith('127.');
}

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).hostname : null);

/**
 * Refuses to listen openly on anything but loopback.
 *
 * @throws ConfigError in one sentence that says what to do.
 */
export function assertMayListen(open: boolean, host: string): void {
  if (open && !isLoopback(host)) {
    throw new ConfigError(
      `Without API keys or JWT everyone who can reach ${host} could read and delete everything: set TRIBUTARY_API_KEYS or TRIBUTARY_JWKS_URL, or listen on 127.0.0.1.`,
    );
  }
}

/**
 * Keeps web pages away from a server that lets everyone in because it listens on loopback: a page that the user
 * happens to have open could otherwise send requests to it (cross-site request forgery), or be told that its own
 * name is our address (DNS rebinding). Pages from loopback itself, and programs, may.
 *
 * @throws TributaryError `DENIED` with reason `FOREIGN_HOST` or `FOREIGN_ORIGIN`.
 */
export function guardOpenAccess(method: string, headers: HeaderLike): void {
  const host = header(headers, 'host');
  const hostName = host === null ? null : hostOf(`http://${host}`);
  if (hostName === null || !isLoopback(hostName)) {
    throw denied('This server has no API keys and answers only under localhost.', 'FOREIGN_HOST');
  }
  const origin = header(headers, 'origin');
  const originHost = origin === null ? null : hostOf(origin);
  const foreign = origin !== null && (originHost === null || !isLoopback(originHost));
  const site = header(headers, 'sec-fetch-site');
  // A link to GraphiQL on another site may be followed: that only shows a page.
  const followed = method === 'GET' && header(headers, 'sec-fetch-mode') === 'navigate';
  if (foreign || (site === 'cross-site' && !followed)) {
    throw denied('This server has no API keys and takes nothing from other sites’ pages.', 'FOREIGN_ORIGIN');
  }
}

/** The CORS headers for a request: everyone who brings a key may come from anywhere; without keys, loopback may. */
export function corsHeaders(open: boolean, headers: HeaderLike): Record<string, string> {
  const origin = header(headers, 'origin');
  if (origin === null) return {};
  // There are no cookies, so credentials are never allowed: what lets a caller in is the header it sets itself.
  return {
    'access-control-allow-origin': open ? origin : '*',
    'access-control-expose-headers': 'retry-after',
    vary: 'origin',
  };
}

/** What is added to the answer to a preflight request. */
export const preflightHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'GET, POST, PUT, DELETE',
  'access-control-allow-headers': 'authorization, content-type, accept, tributary-tenant, range',
  'access-control-max-age': '86400',
};
