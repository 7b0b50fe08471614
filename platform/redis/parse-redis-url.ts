/** Where Redis is, and how it is reached. */
export interface RedisAddress {
  /** One server, the master that Sentinels name, or a Cluster. */
  readonly kind: 'single' | 'sentinel' | 'cluster';
  /** The server, the Sentinels, or some nodes of the Cluster; at least one. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** What the Sentinels call the master; null where there are none. */
  readonly masterName: string | null;
  readonly username: string | null;
  readonly password: string | null;
  readonly sentinelUsername: string | null;
  readonly sentinelPassword: string | null;
  /** The number of the database; 0 in a Cluster, which has no other. */
  readonly database: number;
  /** Whether the connections are encrypted. */
  readonly tls: boolean;
}

const allowed =
  '`redis://user:password@host:6379/0`, `rediss://…` for the same with TLS, ' +
  '`redis+sentinel://user:password@host:26379,host:26379/name-of-the-master` or ' +
  '`redis+cluster://user:password@host:6379,host:6379`; the last two take `?tls=true`, and Sentinels ' +
  '`?sentinelUsername=…&sentinelPassword=…&db=…`';

const defaultPorts = { single: 6379, sentinel: 26_379, cluster: 6379 } as const;

const parameters = {
  single: [],
  sentinel: ['tls', 'db', 'sentinelUsername', 'sentinelPassword'],
  cluster: ['tls'],
} as const;

/**
 * Reads the address of a Redis.
 *
 * @throws Error that says what is wrong and what is allowed, without the password.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const scheme = /^(rediss?|redis\+sentinel|redis\+cluster):\/\//.exec(url)?.[1];
  if (scheme === undefined) throw wrong('its beginning is none that is known');
  const kind = scheme === 'redis+sentinel' ? 'sentinel' : scheme === 'redis+cluster' ? 'cluster' : 'single';
  // Several hosts are more than `URL` reads, so it is taken apart by hand.
  const [beforeQuery = '', query = ''] = splitOnce(url.slice(scheme.length + 3), '?');
  const at = beforeQuery.lastIndexOf('@');
  const [login, place] =
    at === -1 ? ['', beforeQuery] : [beforeQuery.slice(0, at), beforeQuery.slice(at + 1)];
  const [hosts = '', path = ''] = splitOnce(place, '/');
  const [username = '', password = ''] = splitOnce(login, ':');
  const search = new URLSearchParams(query);
  for (const name of search.keys()) {
    const known: readonly string[] = parameters[kind];
    if (!known.includes(name)) throw wrong(`it has the parameter \`${name}\``);
  }
  const nodes = hosts.split(',').map((host) => parseHost(host, defaultPorts[kind]));
  if (kind === 'single' && nodes.length > 1) throw wrong('it names several servers');
  if (kind === 'sentinel' && path === '') throw wrong('it lacks the name of the master');
  if (kind === 'cluster' && path !== '' && path !== '0') throw wrong('a Cluster has no database but 0');
  const tls = search.get('tls') ?? String(scheme === 'rediss');
  if (tls !== 'true' && tls !== 'false') throw wrong(`\`tls\` is ${JSON.stringify(tls)}`);
  return {
    kind,
    nodes,
    masterName: kind === 'sentinel' ? decode(path) : null,
    username: decode(username) || null,
    password: decode(password) || null,
    sentinelUsername: search.get('sentinelUsername'),
    sentinelPassword: search.get('sentinelPassword'),
    database: parseDatabase(kind === 'sentinel' ? (search.get('db') ?? '') : path),
    tls: tls === 'true',
  };
}

function parseHost(text: string, defaultPort: number): { readonly host: string; readonly port: number } {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/]+))(?::(\d{1,5}))?$/.exec(text.trim());
  const host = found?.[1] ?? found?.[2];
  if (host === undefined) throw wrong(`${JSON.stringify(text)} is not \`host:port\``);
  const port = found?.[3] === undefined ? defaultPort : Number(found[3]);
  if (port < 1 || port > 65_535) throw wrong(`${port} is no port`);
  return { host, port };
}

function parseDatabase(text: string): number {
  if (text === '') return 0;
  if (!/^\d{1,4}$/.test(text)) throw wrong(`${JSON.stringify(text)} is not the number of a database`);
  return Number(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('a `%` in the name, the password or the path is not written as `%25`');
  }
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const index = text.indexOf(separator);
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + separator.length)];
}

const wrong = (what: string) =>
  new Error(`TRIBUTARY_REDIS_URL cannot be read: ${what}. Allowed are ${allowed}.`);
