import { createHash } from 'node:crypto';
import { rejected, TributaryError } from '../../../platform/errors.ts';
import type { Frame, OpenMedia } from '../../../platform/ports/media-decoder.ts';
import type { EncodedPicture, Pixels } from '../../../platform/ports/pixels.ts';
import { sampleRate } from '../../../platform/ports/transcriber.ts';
import { shrinkPixels } from '../../../platform/resize-pixels.ts';
import type { Readers } from '../extract.ts';
import type { Extracted, Gap, Inspected, Part, Piece, Share } from '../types.ts';
import { cutShots, type Shot } from './cut-shots.ts';
import { extractRecording } from './extract-recording.ts';
import { lacking } from './lacking.ts';
import { mergeByStart } from './merge-by-start.ts';
import { digestOf } from './picture-pieces.ts';
import { readLines } from './read-lines.ts';
import { transcribeSound } from './transcribe-sound.ts';

/** One frame a second; in this size text in it can be read, and it can be shown. */
const framesPerSecond = 1;
const readSide = 640;
/** More than encoders of pictures look at. */
const encodedSide = 336;
const previewSide = 512;
/** How much sound is decoded at a time, in seconds. */
const soundSeconds = 10;
/** The vector of the whole film is the mean of no more shots than this. */
const mostOfWhole = 512;
/** A file that ends earlier than it says by more than this has broken off. */
const toleratedMs = 3000;

/**
 * Reads a film (MP4, WebM, MKV, MOV): its shots, each a passage with its time span that is found by what it shows and by
 * what is written in it; what is said and heard in it, on the same timeline; and the film as a whole, which is found by
 * its title. Shots and sound are read at the same time, in two passes over the file, and given in the order in which they
 * begin; the whole comes last, since it is known last.
 *
 * A file with sound and no moving picture is read as a recording.
 *
 * Gaps: a tool is missing; the file breaks off (`BREAKS_OFF`); its moving picture or its sound cannot be decoded
 * (`PICTURE_UNREADABLE`, `SOUND_UNREADABLE`).
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `BROKEN_MEDIA`, `TOO_LONG`, `TOO_MANY_PIXELS` or `TOO_SLOW`.
 */
export async function extractFilm(
  inspected: Inspected,
  readers: Readers,
  signal: AbortSignal,
): Promise<Extracted> {
  const { media = null } = readers;
  if (media === null) {
    return { title: null, author: null, parts: titleAlone(), [Symbol.asyncDispose]: async () => undefined };
  }
  const opened = await media.open(inspected.bytes, signal);
  try {
    const { probe } = opened;
    const frames = await firstOf(opened, signal);
    if (frames === null) {
      await opened[Symbol.asyncDispose]();
      if (probe.hasSound) {
        const recording = await extractRecording(inspected, readers, signal);
        return probe.film === null
          ? recording
          : { ...recording, parts: withGap(recording.parts, pictureUnreadable) };
      }
      throw rejected(
        'BROKEN_MEDIA',
        'The film has neither a moving picture nor sound that can be decoded. Save or export it anew, and send that.',
      );
    }
    return {
      title: probe.title,
      author: probe.author,
      parts: partsOf(opened, frames, readers, signal),
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    };
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

async function* titleAlone(): AsyncGenerator<Part> {
  yield { modality: 'VIDEO', locator: { kind: 'TimeSpan', startMs: 0, endMs: 0 }, text: null, digest: null };
  yield lacking('media-decoder', 'It cannot be watched or listened to: there is no ffmpeg here.');
}

/** The frames, where there is one; null where the file has no moving picture, whatever it says. */
async function firstOf(media: OpenMedia, signal: AbortSignal): Promise<AsyncIterable<Frame> | null> {
  if (media.probe.film === null) return null;
  const frames = media.frames({ perSecond: framesPerSecond, maxSide: readSide }, signal);
  const iterator = frames[Symbol.asyncIterator]();
  try {
    const first = await iterator.next();
    if (first.done === true) return null;
    return withFirst(first.value, iterator);
  } catch (error) {
    if (isBroken(error)) return null;
    throw error;
  }
}

async function* withFirst(first: Frame, rest: AsyncIterator<Frame>): AsyncGenerator<Frame> {
  try {
    yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

const isBroken = (error: unknown): error is TributaryError =>
  error instanceof TributaryError && error.reason === 'BROKEN_MEDIA';

/** How far each pass has come. */
interface Progress {
  filmMs: number;
  soundMs: number;
}

async function* partsOf(
  opened: OpenMedia,
  frames: AsyncIterable<Frame>,
  readers: Readers,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  const { durationMs, hasSound } = opened.probe;
  const progress: Progress = { filmMs: 0, soundMs: 0 };
  const whole = createWhole();
  const streams: AsyncIterable<Part>[] = [shotPieces(frames, whole, progress, durationMs, readers, signal)];
  if (hasSound) streams.push(heard(opened, progress, readers, signal));
  yield* mergeByStart(streams);
  yield whole.piece(progress.filmMs);
  if (readers.textReader === null || readers.textReader === undefined) {
    yield lacking('text-reader', 'What is written in it was not read: nothing that reads it is loaded.');
  }
  const endMs = Math.max(progress.filmMs, progress.soundMs);
  if (durationMs !== null && endMs + toleratedMs < durationMs) {
    const seconds = (ms: number) => Math.round(ms / 1000);
    yield {
      code: 'BREAKS_OFF',
      message: `It breaks off: it says that it lasts ${seconds(durationMs)} seconds, and has ${seconds(endMs)}.`,
      locator: { kind: 'TimeSpan', startMs: endMs, endMs: durationMs },
    };
  }
}

async function* shotPieces(
  frames: AsyncIterable<Frame>,
  whole: Whole,
  progress: Progress,
  durationMs: number | null,
  readers: Readers,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const stepMs = 1000 / framesPerSecond;
  for await (const shot of cutShots(frames, stepMs)) {
    // The last one ends with the film, and not with the next point of the grid of frames.
    const isLast = durationMs !== null && shot.endMs > durationMs && shot.endMs - durationMs < stepMs;
    const endMs = isLast ? durationMs : shot.endMs;
    progress.filmMs = endMs;
    const pictures = distinct(shot.frames).map((frame) => shrinkPixels(frame, encodedSide));
    const [preview, text] = await Promise.all([
      readers.pictures?.preview(shot.key, { maxSide: previewSide }, signal) ?? null,
      written(shot, readers, signal),
    ]);
    const digest = digestOfAll(pictures);
    whole.add({ digest, weight: shot.frames.length }, preview);
    yield {
      modality: 'VIDEO',
      locator: { kind: 'TimeSpan', startMs: shot.startMs, endMs },
      ...{ text, digest, pictures, preview },
      // Without words of its own it is found by what it shows; by the title the whole film is.
      searchable: text !== null,
    };
  }
}

/** Where nothing moves at all, one frame has the mean of all of them. */
function distinct(frames: readonly Pixels[]): readonly Pixels[] {
  const [first] = frames;
  if (first === undefined) return frames;
  return frames.every(({ data }) => Buffer.compare(data, first.data) === 0) ? [first] : frames;
}

/** What is written in the frame that stands for a shot. */
async function written(
  { key }: Shot,
  { textReader = null, derivations }: Readers,
  signal: AbortSignal,
): Promise<string | null> {
  if (textReader === null) return null;
  const lines = await readLines(digestOf(key), async () => key, { textReader, derivations }, signal);
  return lines.length === 0 ? null : [...new Set(lines.map(({ text }) => text))].join('\n');
}

/** What is said and heard. That nobody speaks is no fault of a film. */
async function* heard(
  opened: OpenMedia,
  progress: Progress,
  readers: Readers,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  async function* timed(): AsyncGenerator<Float32Array> {
    for await (const samples of opened.sound({ seconds: soundSeconds }, signal)) {
      progress.soundMs += samples.length / samplesPerMs;
      yield samples;
    }
  }
  try {
    for await (const part of transcribeSound(timed(), readers, { modality: 'VIDEO' }, signal)) {
      if (!('code' in part && part.code === 'NO_SPEECH')) yield part;
    }
  } catch (error) {
    if (!isBroken(error)) throw error;
    yield soundUnreadable;
  }
}

async function* withGap(parts: AsyncIterable<Part>, gap: Gap): AsyncGenerator<Part> {
  yield* parts;
  yield gap;
}

const samplesPerMs = sampleRate / 1000;

const pictureUnreadable: Gap = {
  code: 'PICTURE_UNREADABLE',
  message: 'Its moving picture cannot be decoded.',
  locator: null,
};

const soundUnreadable: Gap = {
  code: 'SOUND_UNREADABLE',
  message: 'Its sound cannot be decoded.',
  locator: null,
};

/** The film as one passage, from what is seen of it on the way. */
interface Whole {
  add(shot: Share, preview: EncodedPicture | null): void;
  piece(endMs: number): Piece;
}

/**
 * What the whole shows is the mean of its shots, each counting by its length, and of every second, fourth and so on of
 * them where there are many. Shown of it is what is shown of the longest one.
 */
function createWhole(): Whole {
  let kept: Share[] = [];
  let every = 1;
  let count = 0;
  let longest: { readonly preview: EncodedPicture | null; readonly weight: number } | null = null;
  return {
    add(shot, preview) {
      if (longest === null || shot.weight > longest.weight) longest = { preview, weight: shot.weight };
      if (count++ % every !== 0) return;
      kept.push(shot);
      if (kept.length <= mostOfWhole) return;
      kept = kept.filter((_, index) => index % 2 === 0);
      every *= 2;
    },
    piece: (endMs) => ({
      modality: 'VIDEO',
      locator: { kind: 'TimeSpan', startMs: 0, endMs },
      text: null,
      preview: longest?.preview ?? null,
      // A film of one shot has the vector of that already.
      ...(count > 1 ? { digest: digestOfWhole(kept), meanOf: kept } : { digest: null }),
    }),
  };
}

const digestOfWhole = (shots: readonly Share[]): string =>
  createHash('sha256')
    .update(JSON.stringify(shots.map(({ digest, weight }) => [digest, weight])))
    .digest('hex');

function digestOfAll(pictures: readonly Pixels[]): string {
  const hash = createHash('sha256');
  for (const picture of pictures) hash.update(digestOf(picture));
  return hash.digest('hex');
}
