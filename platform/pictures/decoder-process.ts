import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  type DecoderReply,
  type DecoderRequest,
  outOfMemoryExitCode,
  type PictureLimits,
} from './decoder-protocol.ts';

/** Why a process gave no answer; the message goes on a sentence. */
export class DecoderProcessError extends Error {
  override readonly name = 'DecoderProcessError';
  readonly kind: 'too-slow' | 'out-of-memory' | 'died' | 'never-started';

  constructor(kind: DecoderProcessError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What the process gets of our environment: what its libraries need to find fonts, and no secrets. */
const passedOn =
  /^(?:PATH|HOME|LANG|LC_\w+|TZ|TMP|TEMP|TMPDIR|FONTCONFIG_\w+|XDG_\w+|LD_LIBRARY_PATH|DYLD_\w+|SystemRoot|windir|USERPROFILE|LOCALAPPDATA|APPDATA)$/i;

/** JavaScript itself needs little: the pictures are outside of its heap. */
const maxHeapMb = 256;
const heardOfErrors = 2000;

function start(limits: PictureLimits): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(`./decoder-main.${isSource ? 'ts' : 'js'}`, import.meta.url));
  return fork(entry, [JSON.stringify(limits)], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // From source, before a build: a process of its own has no loader for TypeScript.
    execArgv: [
      `--max-old-space-size=${maxHeapMb}`,
      ...(isSource ? ['--import', import.meta.resolve('tsx')] : []),
    ],
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name))),
      // Arenas of freed memory would be counted as held.
      MALLOC_ARENA_MAX: '2',
    },
  });
}

/** One process that decodes pictures. Whatever fails in it ends it; a new one is started instead. */
export class DecoderProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #ended = false;
  #ready = false;
  #errors = '';

  constructor(limits: PictureLimits) {
    this.#child = start(limits);
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', () => resolve());
      this.#child.once('error', () => resolve());
    });
    this.#child.once('message', () => {
      this.#ready = true;
    });
    this.#child.once('exit', () => {
      this.#ended = true;
    });
    this.#child.on('error', () => {
      this.#ended = true;
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString('utf8')).slice(-heardOfErrors);
    });
    // Nobody stays only because of a process that has nothing to do.
    this.#child.unref();
    this.#child.channel?.unref();
    (this.#child.stderr as { unref?(): void } | null)?.unref?.();
  }

  /** Whether it can be asked again. */
  get alive(): boolean {
    return !this.#ended;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Asks, and waits for the answer; a process that does not answer in time is ended, and so is one whose answer is not
   * wanted any more.
   *
   * @throws DecoderProcessError; the signal's reason when aborted.
   */
  ask(request: DecoderRequest, timeoutMs: number, signal?: AbortSignal): Promise<DecoderReply> {
    const child = this.#child;
    return new Promise<DecoderReply>((resolve, reject) => {
      const end = (finish: () => void, kill: boolean) => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('close', onClose);
        child.off('error', onError);
        signal?.removeEventListener('abort', onAbort);
        child.channel?.unref();
        if (kill) this.#kill();
        finish();
      };
      const fail = (kind: DecoderProcessError['kind'], message: string) =>
        end(() => reject(new DecoderProcessError(kind, message)), true);
      const onMessage = (message: unknown) => {
        const reply = message as DecoderReply;
        if (reply.kind !== 'ready') end(() => resolve(reply), false);
      };
      const died = () => (this.#ready ? 'died' : 'never-started');
      const onError = (error: Error) => fail(died(), `the process could not be asked: ${error.message}`);
      const onClose = (code: number | null, by: string | null) =>
        code === outOfMemoryExitCode
          ? fail('out-of-memory', 'it needs too much memory')
          : fail(died(), `the process ended (${by ?? code}): ${this.#errors.trim()}`);
      const onAbort = () => end(() => reject(signal?.reason), true);
      const timer = setTimeout(() => fail('too-slow', `it took more than ${timeoutMs} ms`), timeoutMs);
      if (signal?.aborted) return onAbort();
      if (this.#ended) return fail('died', 'the process had ended');
      child.on('message', onMessage);
      child.once('close', onClose);
      child.once('error', onError);
      signal?.addEventListener('abort', onAbort, { once: true });
      child.channel?.ref();
      child.send(request, (error) => {
        if (error !== null) onError(error);
      });
    });
  }

  #kill(): void {
    this.#ended = true;
    this.#child.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await this.#exited;
  }
}
