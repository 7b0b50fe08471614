import { accepts } from './accepts.ts';
import { freePort } from './free-ports.ts';
import { installServers } from './install-servers.ts';
import { type RunningServer, runServer } from './run-server.ts';

/** A proxy in front of one server. */
export interface Proxy {
  readonly name: string;
  /** Where it listens. */
  readonly port: number;
  /** Makes the connections through it bad, in one direction, until the returned function is called. */
  poison(toxic: Toxic): Promise<() => Promise<void>>;
  /** Cuts every connection and refuses new ones, until `restore`. */
  cut(): Promise<void>;
  restore(): Promise<void>;
}

/** What is done to the bytes on their way; `downstream` is towards the client. */
export interface Toxic {
  readonly type: 'latency' | 'bandwidth' | 'timeout' | 'reset_peer' | 'slicer' | 'limit_data' | 'slow_close';
  readonly stream: 'upstream' | 'downstream';
  readonly attributes: Readonly<Record<string, number>>;
}

export interface ToxiproxyServer extends RunningServer {
  proxy(name: string, upstreamPort: number): Promise<Proxy>;
}

/** Starts toxiproxy, which stands between a client and a server and makes the way bad on demand. */
export async function startToxiproxyServer(): Promise<ToxiproxyServer> {
  const { toxiproxy: program } = await installServers(['toxiproxy']);
  const port = await freePort();
  const server = await runServer({
    name: 'toxiproxy',
    command: program,
    arguments: ['-host', '127.0.0.1', '-port', String(port)],
    isReady: (signal) => accepts(port, signal),
  });
  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
      // It refuses callers that look like a browser.
      headers: { 'user-agent': 'tributary', 'content-type': 'application/json' },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`toxiproxy: ${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }
  return Object.assign(server, {
    async proxy(name: string, upstreamPort: number): Promise<Proxy> {
      const listenPort = await freePort();
      await call('POST', '/proxies', {
        name,
        listen: `127.0.0.1:${listenPort}`,
        upstream: `127.0.0.1:${upstreamPort}`,
        enabled: true,
      });
      let toxics = 0;
      return {
        name,
        port: listenPort,
        async poison(toxic) {
          const toxicName = `${toxic.type}-${++toxics}`;
          await call('POST', `/proxies/${name}/toxics`, { name: toxicName, toxicity: 1, ...toxic });
          return async () => {
            await call('DELETE', `/proxies/${name}/toxics/${toxicName}`);
          };
        },
        cut: async () => void (await call('POST', `/proxies/${name}`, { enabled: false })),
        restore: async () => void (await call('POST', `/proxies/${name}`, { enabled: true })),
      };
    },
  });
}
