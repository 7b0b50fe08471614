import { createServer, type Server, Socket } from 'node:net';
import type { Seeded } from './seeded.ts';

/** Which bytes are spoiled: those that go to the store, or those that come back. */
export type Direction = 'to-store' | 'from-store';

/** What is done to the bytes on their way. */
export type Spoiling =
  /** Each piece comes so much later. */
  | { readonly kind: 'slow'; readonly delayMs: number; readonly direction: Direction }
  /** Nothing comes through, and nothing is said. */
  | { readonly kind: 'silent'; readonly direction: Direction }
  /** Bytes are changed. */
  | { readonly kind: 'garbage'; readonly direction: Direction }
  /** Connections are broken, and new ones refused. */
  | { readonly kind: 'cut' };

/** Stands between services and a store, and makes the way bad on demand. */
export interface SpoiledProxy extends AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
  spoil(spoiling: Spoiling): void;
  /** Lets everything through again; connections that bytes of were lost or changed are broken off. */
  restore(): void;
}

/** One byte of so many is changed, and at least one of each piece. */
const changedEvery = 40;

const listening = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

/** Starts a proxy before a port of the loopback interface. */
export async function startSpoiledProxy(storePort: number, random: Seeded): Promise<SpoiledProxy> {
  let spoiling: Spoiling | null = null;
  const pairs = new Set<{ readonly ends: readonly Socket[]; spoiled: boolean }>();

  const change = (bytes: Buffer): Buffer => {
    const changed = Buffer.from(bytes);
    for (let count = Math.ceil(bytes.length / changedEvery); count > 0; count--) {
      const at = random.below(bytes.length);
      changed[at] = ((changed[at] ?? 0) + 1 + random.below(255)) & 0xff;
    }
    return changed;
  };

  const server = createServer((client) => {
    if (spoiling?.kind === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const store = new Socket();
    const pair = { ends: [client, store], spoiled: false };
    pairs.add(pair);
    const carry = (from: Socket, to: Socket, direction: Direction) => {
      // What was sent earlier arrives earlier, also when the way gets quick again in between.
      let lastAt = 0;
      from.on('data', (bytes) => {
        const now = Date.now();
        const mine = spoiling !== null && spoiling.kind !== 'cut' && spoiling.direction === direction;
        if (mine && spoiling?.kind === 'silent') {
          pair.spoiled = true;
          return;
        }
        let sent: Buffer = bytes;
        if (mine && spoiling?.kind === 'garbage') {
          pair.spoiled = true;
          sent = change(bytes);
        }
        const delayMs = mine && spoiling?.kind === 'slow' ? spoiling.delayMs : 0;
        lastAt = Math.max(lastAt, now + delayMs);
        if (lastAt <= now) to.write(sent);
        else setTimeout(() => !to.destroyed && to.write(sent), lastAt - now);
      });
      from.on('end', () => setTimeout(() => to.end(), Math.max(0, lastAt - Date.now())));
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
    };
    carry(client, store, 'to-store');
    carry(store, client, 'from-store');
    store.connect(storePort, '127.0.0.1');
  });
  const breakOff = (which: (pair: { spoiled: boolean }) => boolean) => {
    for (const pair of [...pairs]) if (which(pair)) for (const end of pair.ends) end.resetAndDestroy();
  };
  const port = await listening(server);
  return {
    port,
    spoil(next) {
      spoiling = next;
      if (next.kind === 'cut') breakOff(() => true);
    },
    restore() {
      spoiling = null;
      breakOff(({ spoiled }) => spoiled);
    },
    async [Symbol.asyncDispose]() {
      breakOff(() => true);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
