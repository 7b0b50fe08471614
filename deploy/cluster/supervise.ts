import type { RunningServer } from '../../platform/servers/run-server.ts';

/** A server or a service that is started again when it ends unasked. */
export interface Supervised extends RunningServer {
  /** Ends it as a crash does, and lets supervision start it again; resolves when the process is gone. */
  crash(): Promise<void>;
  /** How often it was started again so far. */
  readonly restarts: number;
}

const lookMs = 100;
const longestWaitMs = 5_000;
/** Who has lived so long is no longer taken for something that cannot get up. */
const healthyAfterMs = 30_000;

/**
 * Starts a server again whenever it ends without having been told to, at first at once and then after longer and
 * longer waits. After `kill` or `stop` it stays down until `start`. Everything else of the server is as it was.
 */
export function supervise<Server extends RunningServer>(
  server: Server,
  tell: (line: string) => void,
): Omit<Server, keyof RunningServer> & Supervised {
  let wanted = true;
  let starting = false;
  let restarts = 0;
  let failures = 0;
  let upSince = Date.now();
  let notBefore = 0;

  async function startAgain(): Promise<void> {
    starting = true;
    restarts++;
    failures = Date.now() - upSince > healthyAfterMs ? 1 : failures + 1;
    tell(`${server.name}: ended, and is started again`);
    try {
      await server.start();
      upSince = Date.now();
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
    } finally {
      notBefore = Date.now() + Math.min(longestWaitMs, 50 * 2 ** failures);
      starting = false;
    }
  }
  const timer = setInterval(() => {
    if (wanted && !starting && server.pid === null && Date.now() >= notBefore) void startAgain();
  }, lookMs);

  const ending = (end: () => Promise<void>) => async () => {
    wanted = false;
    await end();
  };
  const { kill, stop, start, [Symbol.asyncDispose]: dispose, ...rest } = server;
  return Object.defineProperties(rest as Omit<Server, keyof RunningServer> & Supervised, {
    pid: { get: () => server.pid },
    restarts: { get: () => restarts },
    crash: { value: kill },
    kill: { value: ending(kill) },
    stop: { value: ending(stop) },
    start: {
      value: async () => {
        if (server.pid === null && !starting) await start();
        wanted = true;
        upSince = Date.now();
      },
    },
    [Symbol.asyncDispose]: {
      value: async () => {
        wanted = false;
        clearInterval(timer);
        await dispose();
      },
    },
  });
}
