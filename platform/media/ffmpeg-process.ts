import {
  type ChildProcessByStdio,
  type SpawnOptionsWithStdioTuple,
  type StdioNull,
  type StdioPipe,
  spawn,
} from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';

export interface FfmpegRun {
  readonly program: string;
  readonly args: readonly string[];
  /** The most processor time that it may take; it is killed behind that. */
  readonly maxCpuSeconds: number;
  /** The most of its messages that is kept. */
  readonly maxMessageBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** How it has ended. */
export interface FfmpegEnd {
  /** Null where it was killed. */
  readonly exitCode: number | null;
  /** The first of its messages. */
  readonly messages: string;
}

export interface FfmpegProcess extends AsyncDisposable {
  /**
   * What it writes, read as it is asked for: while nobody asks, it waits. Leaving the loop ends it.
   *
   * @throws FfmpegStalled where it writes nothing for too long; the signal's reason when aborted.
   */
  output(): AsyncGenerator<Buffer>;
  readonly ended: Promise<FfmpegEnd>;
}

/** The program wrote nothing for too long while it was waited for. */
export class FfmpegStalled extends Error {
  override readonly name = 'FfmpegStalled';
}

/** So long it may be silent while it is waited for. */
const maxSilenceMs = 120_000;

/** The address space that it may have, in KiB: eight frames of the most pixels that are taken, and the program itself. */
const maxMemoryKib = 3 * 1024 * 1024;

const shell = '/bin/sh';
const hasShell = process.platform !== 'win32' && existsSync(shell);

/**
 * Sets the limits of the process that becomes the program: no file that it writes may have a byte, and the kernel
 * ends it where it takes too much processor time or memory. (macOS knows no limit on the address space.)
 */
const limited = (maxCpuSeconds: number): string => {
  const limits = ['ulimit -f 0', 'ulimit -c 0', `ulimit -t ${Math.ceil(maxCpuSeconds)}`];
  if (process.platform === 'linux') limits.push(`ulimit -v ${maxMemoryKib}`);
  // One that cannot be set is stricter already.
  return [...limits.map((limit) => `${limit} 2>/dev/null`), 'exec "$0" "$@"'].join('; ');
};

/**
 * Starts ffmpeg, on files only, without standard input. It is ended when the signal is aborted, and when it is
 * disposed of.
 */
export function startFfmpeg(run: FfmpegRun): FfmpegProcess {
  const { program, args, signal, maxCpuSeconds, maxMessageBytes } = run;
  signal?.throwIfAborted();
  const options: SpawnOptionsWithStdioTuple<StdioNull, StdioPipe, StdioPipe> = {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(),
    windowsHide: true,
  };
  const child: ChildProcessByStdio<null, Readable, Readable> = hasShell
    ? spawn(shell, ['-c', limited(maxCpuSeconds), program, ...args], options)
    : spawn(program, args, options);

  let messages = Buffer.alloc(0);
  child.stderr.on('data', (bytes: Buffer) => {
    const room = maxMessageBytes - messages.length;
    if (room > 0) messages = Buffer.concat([messages, bytes.subarray(0, room)]);
  });
  // A program that cannot be started has no exit code, and says so with an error before it closes.
  child.on('error', () => undefined);
  child.stdout.on('error', () => undefined);
  const ended = new Promise<FfmpegEnd>((resolve) => {
    child.on('close', (exitCode) => resolve({ exitCode, messages: messages.toString('utf8') }));
  });
  const kill = () => void child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  void ended.then(() => signal?.removeEventListener('abort', kill));

  async function* output(): AsyncGenerator<Buffer> {
    let stalled = false;
    let isWhole = false;
    const onSilence = () => {
      stalled = true;
      kill();
    };
    let timer = setTimeout(onSilence, maxSilenceMs);
    try {
      for await (const bytes of child.stdout as AsyncIterable<Buffer>) {
        clearTimeout(timer);
        yield bytes;
        timer = setTimeout(onSilence, maxSilenceMs);
      }
      isWhole = true;
    } catch (error) {
      // A pipe that breaks off is the end of what there is.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    } finally {
      clearTimeout(timer);
      if (!isWhole) kill();
    }
    signal?.throwIfAborted();
    if (stalled) throw new FfmpegStalled(`ffmpeg wrote nothing for ${maxSilenceMs} ms`);
  }

  return {
    output,
    ended,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) kill();
      // What it had written still, and nobody reads any more, would keep it from closing.
      child.stdout.destroy();
      await ended;
    },
  };
}

/** No setting of ours, and no secret, goes to the program; it needs to find its libraries. */
function environment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LD_LIBRARY_PATH', 'SystemRoot', 'TEMP', 'TMP'];
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}
