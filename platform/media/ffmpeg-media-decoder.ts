import { rejected, type TributaryError } from '../errors.ts';
import type { Frame, MediaDecoder, OpenMedia } from '../ports/media-decoder.ts';
import { sampleRate } from '../ports/transcriber.ts';
import { cutStream } from './cut-stream.ts';
import { type FfmpegProcess, FfmpegStalled, startFfmpeg } from './ffmpeg-process.ts';
import type { FfmpegProgram } from './find-ffmpeg.ts';
import { type ParsedProbe, parseProbe } from './parse-probe.ts';
import { sweepTemporaryFiles, type TemporaryFile, writeTemporaryFile } from './temporary-file.ts';

export interface FfmpegMediaDecoderOptions {
  readonly program: FfmpegProgram;
  /** The longest recording or film that is taken; a day by default. */
  readonly maxDurationMs?: number;
  /** The most pixels of one frame; 40 million by default. */
  readonly maxPixels?: number;
}

type Limits = Required<FfmpegMediaDecoderOptions>;

/** What is taken, by the program's names: nothing that refers to other files, such as playlists. */
const demuxers = 'mov,matroska,wav,mp3,flac,ogg';

/** No single piece of memory that the program takes may be larger. */
const maxAllocationBytes = 256 * 1024 * 1024;

/** The processor time that decoding may take: so much at least, and so many seconds for each second of the film. */
const decodingSeconds = { atLeast: 600, perSecond: 4 };

/** By so much frames may be later than it was meant. */
const startRoundingSeconds = 0.04;

/** By so much the end of a film may be said to be later than it is. */
const endRoundingMs = 100;

/** What the program says of a file; a file that says more of itself has nothing that is wanted. */
const maxProbeBytes = 1024 * 1024;

/**
 * Decodes with ffmpeg, one process for each stream that is read, its output through a pipe: what is not read yet is
 * not decoded. A process has limits on its memory, its time and the size of pictures, reads this one file, and
 * opens no other and no network address, whatever the file says.
 */
export async function createFfmpegMediaDecoder(options: FfmpegMediaDecoderOptions): Promise<MediaDecoder> {
  const limits: Limits = { maxDurationMs: 24 * 3_600_000, maxPixels: 40_000_000, ...options };
  await sweepTemporaryFiles();
  return {
    description: { program: `ffmpeg ${options.program.version}` },
    async open(bytes, signal) {
      const file = await writeTemporaryFile(bytes, signal);
      try {
        return openMedia(file, await probe(file, limits, signal), limits);
      } catch (error) {
        await file[Symbol.asyncDispose]();
        throw error;
      }
    },
  };
}

const common = [
  '-nostdin',
  '-hide_banner',
  '-protocol_whitelist',
  'file,pipe',
  '-format_whitelist',
  demuxers,
];

/** The arguments that come before the output's. */
const inputOf = ({ path }: TemporaryFile, { maxPixels }: Limits): string[] => [
  ...common,
  ...['-threads', '1', '-max_pixels', String(maxPixels), '-max_alloc', String(maxAllocationBytes)],
  // The name is one of ours, and never taken for an address.
  ...['-i', `file:${path}`],
];

async function probe(file: TemporaryFile, limits: Limits, signal?: AbortSignal): Promise<ParsedProbe> {
  // Without an output it says what the file holds, and ends.
  await using process = startFfmpeg({
    ...{ program: limits.program.path, args: inputOf(file, limits), signal },
    ...{ maxCpuSeconds: 30, maxMessageBytes: maxProbeBytes },
  });
  // It writes nothing; once that has ended, so has it.
  try {
    for await (const _nothing of process.output());
  } catch (error) {
    throw asRefusal(error);
  }
  const parsed = parseProbe((await process.ended).messages);
  if (parsed === null) throw brokenMedia('it cannot be opened');
  const { durationMs, film, refusedSize } = parsed;
  if (durationMs !== null && durationMs > limits.maxDurationMs) throw tooLong(limits);
  const size = film ?? refusedSize;
  if (size !== null && size.width * size.height > limits.maxPixels) {
    throw rejected(
      'TOO_MANY_PIXELS',
      `The film has frames of ${size.width} × ${size.height} pixels; at most ${limits.maxPixels} are taken. Send it in a lower resolution.`,
    );
  }
  return parsed;
}

function openMedia(file: TemporaryFile, parsed: ParsedProbe, limits: Limits): OpenMedia {
  const { soundStream, filmStream, refusedSize: _refused, ...shown } = parsed;
  const running = new Set<FfmpegProcess>();
  const seconds = Math.min(parsed.durationMs ?? limits.maxDurationMs, limits.maxDurationMs) / 1000;

  /** What the program writes for one stream, in pieces of the same size. */
  async function* decode(
    stream: number,
    output: readonly string[],
    bytes: number,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    await using process = startFfmpeg({
      program: limits.program.path,
      args: ['-loglevel', 'error', ...inputOf(file, limits), '-map', `0:${stream}`, ...output, 'pipe:1'],
      signal,
      maxCpuSeconds: decodingSeconds.atLeast + decodingSeconds.perSecond * seconds,
      maxMessageBytes: 4096,
    });
    running.add(process);
    try {
      let isEmpty = true;
      for await (const piece of cutStream(process.output(), bytes)) {
        isEmpty = false;
        yield piece;
      }
      const { exitCode } = await process.ended;
      signal?.throwIfAborted();
      if (exitCode === null) throw tooSlow();
      // What breaks off later gives what there was before.
      if (exitCode !== 0 && isEmpty) throw brokenMedia('nothing of it can be decoded');
    } catch (error) {
      throw asRefusal(error);
    } finally {
      running.delete(process);
    }
  }

  return {
    probe: shown,

    async *sound({ seconds: stretch }, signal) {
      if (soundStream === null) return;
      // Sound that begins later than the film gets silence before it, so that both have one timeline.
      const filters = 'aresample=async=1:first_pts=0';
      const output = ['-af', filters, '-f', 'f32le', '-ac', '1', '-ar', String(sampleRate)];
      let samples = 0;
      for await (const piece of decode(soundStream, output, Math.round(stretch * sampleRate) * 4, signal)) {
        const heard = new Float32Array(piece.buffer, piece.byteOffset, Math.floor(piece.byteLength / 4));
        samples += heard.length;
        if (samples / sampleRate > limits.maxDurationMs / 1000) throw tooLong(limits);
        if (heard.length > 0) yield heard;
      }
    },

    async *frames({ perSecond, maxSide }, signal): AsyncGenerator<Frame> {
      if (filmStream === null || shown.film === null) return;
      const { width, height } = fitInto(shown.film, maxSide);
      // At each point of the grid the frame that is seen then: the last one that is not later.
      // Containers delay the film by some milliseconds beside the sound, and round; that moves no frame to the next point.
      const grid = `setpts=PTS-${startRoundingSeconds}/TB,fps=${perSecond}:start_time=0:round=up`;
      const filters = `${grid},scale=${width}:${height}:flags=area,format=rgb24`;
      const output = ['-vf', filters, '-f', 'rawvideo'];
      const bytes = width * height * 3;
      let count = 0;
      /** Held back until it is known whether another one follows. */
      let last: Frame | null = null;
      for await (const data of decode(filmStream, output, bytes, signal)) {
        // What breaks off in the middle of a frame is none.
        if (data.length < bytes) break;
        const atMs = Math.round((count++ * 1000) / perSecond);
        if (atMs > limits.maxDurationMs) throw tooLong(limits);
        if (last !== null) yield last;
        last = { atMs, pixels: { width, height, data } };
      }
      // Times that a container rounds up let the end reach the next point of the grid: the last frame, once more.
      const isBeyond =
        last !== null && last.atMs > 0 && last.atMs >= (shown.durationMs ?? Infinity) - endRoundingMs;
      if (last !== null && !isBeyond) yield last;
    },

    async [Symbol.asyncDispose]() {
      await Promise.all([...running].map((process) => process[Symbol.asyncDispose]()));
      await file[Symbol.asyncDispose]();
    },
  };
}

/** The size made smaller, where its longer side is longer than that. */
function fitInto(size: { readonly width: number; readonly height: number }, maxSide: number) {
  const factor = Math.min(1, maxSide / Math.max(size.width, size.height));
  const scaled = (side: number) => Math.max(1, Math.round(side * factor));
  return { width: scaled(size.width), height: scaled(size.height) };
}

const brokenMedia = (why: string, cause?: unknown): TributaryError =>
  rejected(
    'BROKEN_MEDIA',
    `The recording or film is broken: ${why}. Save or export it anew, and send that.`,
    { cause },
  );

const tooLong = ({ maxDurationMs }: Limits): TributaryError =>
  rejected(
    'TOO_LONG',
    `The recording or film is longer than the ${maxDurationMs / 3_600_000} hours that are taken as one document, or says so. Split it.`,
  );

const tooSlow = (cause?: unknown): TributaryError =>
  rejected(
    'TOO_SLOW',
    'Decoding the recording or film takes too much time or memory. Send it in a lower resolution, or in another format.',
    { cause },
  );

const asRefusal = (error: unknown): unknown => (error instanceof FfmpegStalled ? tooSlow(error) : error);
