import { rejected, upstream } from '../errors.ts';
import type { DecodedPicture, PictureDecoder } from '../ports/picture-decoder.ts';
import type { EncodedPicture, Pixels } from '../ports/pixels.ts';
import { DecoderProcess, DecoderProcessError } from './decoder-process.ts';
import type { DecoderReply, DecoderRequest } from './decoder-protocol.ts';
import { maxPicturePixels, tooManyPixels } from './picture-refusals.ts';
import { pictureSize } from './picture-size.ts';

export interface SharpPictureDecoderOptions {
  /** How many pictures are decoded at once; each has a process. */
  readonly processes: number;
  /** How long one picture may take. */
  readonly timeoutMs: number;
  readonly maxPixels: number;
  /** The most memory of one process. */
  readonly maxMemoryBytes: number;
  /** A process that was not asked for so long is ended. */
  readonly idleMs: number;
}

const usual: SharpPictureDecoderOptions = {
  processes: 2,
  timeoutMs: 20_000,
  maxPixels: maxPicturePixels,
  maxMemoryBytes: 1536 * 1024 * 1024,
  idleMs: 60_000,
};

/** How long a first picture waits for its process to be there, beside its own time. */
const startMs = 20_000;

/**
 * Decodes pictures with sharp (libvips and librsvg) in up to `processes` processes, which are started when they are first
 * needed, replaced when they die, and ended when nobody asks any more.
 */
export function createSharpPictureDecoder(
  options: Partial<SharpPictureDecoderOptions> = {},
): PictureDecoder & { /** The processes that there are now. */ pids(): number[] } {
  const { processes, timeoutMs, maxPixels, maxMemoryBytes, idleMs } = { ...usual, ...options };
  const all = new Set<DecoderProcess>();
  const idle: DecoderProcess[] = [];
  const fresh = new WeakSet<DecoderProcess>();
  const waiting: (() => void)[] = [];
  let held = 0;
  let disposed = false;
  let resting: NodeJS.Timeout | undefined;

  async function ask(request: DecoderRequest, signal?: AbortSignal): Promise<DecoderReply> {
    await enter(signal);
    try {
      for (let attempt = 1; ; attempt++) {
        const child = take();
        try {
          const reply = await child.ask(request, timeoutMs + (fresh.delete(child) ? startMs : 0), signal);
          idle.push(child);
          return reply;
        } catch (error) {
          all.delete(child);
          if (!(error instanceof DecoderProcessError)) throw error;
          if (error.kind === 'too-slow') throw tooSlow(timeoutMs, error);
          if (error.kind === 'out-of-memory') throw tooMuchMemory(maxMemoryBytes, error);
          if (error.kind === 'never-started') throw cannotRun(error);
          // Once it may have been something else that ended it; twice it is the picture.
          if (disposed || attempt === 2) throw killed(request, error);
        }
      }
    } finally {
      leave();
    }
  }

  function take(): DecoderProcess {
    clearTimeout(resting);
    for (let child = idle.pop(); child !== undefined; child = idle.pop()) {
      if (child.alive) return child;
      all.delete(child);
    }
    const child = new DecoderProcess({ maxPixels, maxMemoryBytes });
    all.add(child);
    fresh.add(child);
    return child;
  }

  async function enter(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (disposed) throw new Error('The decoder of pictures is closed.');
    if (held < processes) {
      held++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const admit = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = () => {
        waiting.splice(waiting.indexOf(admit), 1);
        reject(signal?.reason);
      };
      waiting.push(admit);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** The place goes to the first who waits. */
  function leave(): void {
    const next = waiting.shift();
    if (next) {
      next();
      return;
    }
    held--;
    if (held > 0 || disposed) return;
    clearTimeout(resting);
    resting = setTimeout(() => void end(idle.splice(0)), idleMs).unref();
  }

  async function end(children: readonly DecoderProcess[]): Promise<void> {
    for (const child of children) all.delete(child);
    await Promise.all(children.map((child) => child[Symbol.asyncDispose]()));
  }

  return {
    pids: () => [...all].flatMap(({ alive, pid }) => (alive && pid !== undefined ? [pid] : [])),
    async decode(bytes, { maxSide }, signal): Promise<DecodedPicture> {
      // What its header says of it is enough to refuse it, and costs no process.
      const size = pictureSize(bytes);
      const refusal = size && tooManyPixels(size.width, size.height, maxPixels);
      if (refusal) throw refusal;
      const reply = await ask({ kind: 'decode', bytes, maxSide }, signal);
      if (reply.kind === 'decoded') return reply.picture;
      throw refused(reply);
    },
    async edges(pixels, { always }, signal): Promise<Pixels | null> {
      const reply = await ask({ kind: 'edges', pixels, always }, signal);
      if (reply.kind === 'edges') return reply.edges;
      throw refused(reply);
    },
    async preview(pixels: Pixels, { maxSide }, signal): Promise<EncodedPicture> {
      const reply = await ask({ kind: 'preview', pixels, maxSide }, signal);
      if (reply.kind === 'preview') return reply.picture;
      throw refused(reply);
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      clearTimeout(resting);
      await end([...all]);
    },
  };
}

const refused = (reply: DecoderReply): Error =>
  reply.kind === 'refused'
    ? rejected(reply.reason, reply.message)
    : new TypeError(`The process that decodes pictures answered with ${reply.kind}.`);

const tooSlow = (timeoutMs: number, cause: unknown) =>
  rejected(
    'TOO_SLOW',
    `Decoding the picture took more than ${timeoutMs / 1000} seconds. Send a smaller or simpler copy of it.`,
    { cause },
  );

const tooMuchMemory = (maxBytes: number, cause: unknown) =>
  rejected(
    'TOO_MANY_PIXELS',
    `Decoding the picture takes more than ${Math.round(maxBytes / 1024 / 1024)} MiB of memory. Send a smaller copy of it.`,
    { cause },
  );

const killed = (request: DecoderRequest, cause: unknown) =>
  request.kind === 'decode'
    ? rejected(
        'BROKEN_PICTURE',
        'The picture ends the program that decodes it. Save or export it anew, and send that.',
        { cause },
      )
    : cannotRun(cause);

const cannotRun = (cause: unknown) =>
  upstream('picture-decoder', 'The program that decodes pictures cannot be run.', cause);
