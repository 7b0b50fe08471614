import { fork } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';

const cpuSchema = z.object({ user: z.number(), system: z.number() });

/** A program of the benchmark that runs in a process of its own, and answers one request at a time. */
export interface Child extends AsyncDisposable {
  /** What it said when it was ready. */
  readonly ready: unknown;
  /** Asks it to do something and resolves to its answer. @throws Error when it fails or ends. */
  ask(request: unknown): Promise<unknown>;
  /** The processor time that it has used so far, in milliseconds. */
  cpuMs(): Promise<number>;
}

interface Envelope {
  readonly request: unknown;
}

const replySchema = z.union([z.object({ answer: z.unknown() }), z.object({ failure: z.string() })]);

/**
 * Starts a program beside this one, with `input` as its first request, and waits until it is ready. It ends
 * when it is disposed of, and also when this process dies.
 *
 * @throws Error when it ends or fails before it is ready.
 */
export async function startChild(program: URL, input: unknown): Promise<Child> {
  const child = fork(program, {
    execArgv: [...process.execArgv],
    env: { ...process.env, NODE_ENV: 'production', NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const ask = async (request: unknown): Promise<unknown> => {
    const controller = new AbortController();
    const ended = exited.then(([code]) => {
      throw new Error(`${program.pathname} ended with ${code} before it answered.`);
    });
    child.send({ request } satisfies Envelope);
    try {
      const [message] = await Promise.race([once(child, 'message', controller), ended]);
      const reply = replySchema.parse(message);
      if ('failure' in reply) throw new Error(`${program.pathname}: ${reply.failure}`);
      return reply.answer;
    } finally {
      controller.abort();
    }
  };
  const end = async () => {
    if (child.connected) child.disconnect();
    const kill = setTimeout(() => child.kill('SIGKILL'), 5000);
    await exited;
    clearTimeout(kill);
  };
  try {
    const ready = await ask(input);
    return {
      ready,
      ask,
      async cpuMs() {
        const { user, system } = cpuSchema.parse(await ask('cpu'));
        return (user + system) / 1000;
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * The other side of `startChild`: `start` gets the first request and makes what answers the later ones; what
 * it returns as `ready` is the first answer.
 */
export function serveChild(
  start: (input: unknown) => Promise<{
    readonly ready: unknown;
    readonly answer?: (request: unknown) => Promise<unknown>;
  }>,
): void {
  process.once('disconnect', () => process.exit(0));
  let answer: ((request: unknown) => Promise<unknown>) | undefined;
  const handle = async (request: unknown): Promise<unknown> => {
    if (request === 'cpu') return process.cpuUsage();
    if (answer) return answer(request);
    const started = await start(request);
    answer = started.answer ?? (() => Promise.reject(new Error('It takes no requests.')));
    return started.ready;
  };
  process.on('message', (message: Envelope) => {
    handle(message.request).then(
      (value) => process.send?.({ answer: value ?? null }),
      (error: unknown) =>
        process.send?.({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}
