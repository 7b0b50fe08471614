import { Agent, buildConnector, fetch as fetchByUndici } from 'undici';
import type { TlsIdentity } from './tls-identity.ts';

type Connector = ReturnType<typeof buildConnector>;

/** How connections to other services are made: with what holds when each is made. Spread into an undici pool. */
export function connectOptions(identity: TlsIdentity | null | undefined): { readonly connect?: Connector } {
  if (!identity) return {};
  // A connector remembers TLS sessions: with another certificate there is another one.
  let made = { material: identity.material(), connector: buildConnector({ ...identity.material() }) };
  return {
    connect: (options, callback) => {
      const material = identity.material();
      if (material !== made.material) made = { material, connector: buildConnector({ ...material }) };
      made.connector(options, callback);
    },
  };
}

/** `fetch` to other services, showing who we are; the ordinary one where services need not. */
export function createServiceFetch(
  identity: TlsIdentity | null,
): ((request: Request) => Promise<Response>) & AsyncDisposable {
  if (!identity) {
    return Object.assign((request: Request) => fetch(request), { [Symbol.asyncDispose]: async () => {} });
  }
  const dispatcher = new Agent({ keepAliveTimeout: 30_000, ...connectOptions(identity) });
  const send = async (request: Request): Promise<Response> => {
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
    const response = await fetchByUndici(request.url, {
      method: request.method,
      headers: [...request.headers],
      body: hasBody ? await request.arrayBuffer() : null,
      signal: request.signal,
      dispatcher,
    });
    return response as unknown as Response;
  };
  return Object.assign(send, { [Symbol.asyncDispose]: () => dispatcher.destroy() });
}
