import { rejected } from '../../../platform/errors.ts';
import { sampleRate } from '../../../platform/ports/transcriber.ts';
import type { Readers } from '../extract.ts';
import { type Extracted, type Inspected, isGap, type Part, type Piece } from '../types.ts';
import { lacking } from './lacking.ts';
import { transcribeSound } from './transcribe-sound.ts';

/** How much sound is decoded at a time, in seconds. */
const partSeconds = 10;

/**
 * Reads a recording (WAV, MP3, FLAC, Ogg, M4A): what is said in it, and how it sounds, each with its time span. One that
 * gives nothing of both, such as an hour of silence, is still there to be found by its title.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `BROKEN_MEDIA`, `NO_SOUND` or `TOO_LONG`.
 */
export async function extractRecording(
  { bytes }: Inspected,
  readers: Readers,
  signal: AbortSignal,
): Promise<Extracted> {
  const { media = null } = readers;
  if (media === null) {
    return {
      title: null,
      author: null,
      parts: titleAlone(),
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
  const opened = await media.open(bytes, signal);
  const { probe } = opened;
  if (!probe.hasSound) {
    await opened[Symbol.asyncDispose]();
    throw rejected('NO_SOUND', 'The recording has no sound in it. Send a file with a track of sound.');
  }
  return {
    title: probe.title,
    author: probe.author,
    parts: partsOf(opened.sound({ seconds: partSeconds }, signal), readers, signal),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

async function* titleAlone(): AsyncGenerator<Part> {
  yield wholeOf(0);
  yield lacking('media-decoder', 'It cannot be listened to: there is no ffmpeg here.');
}

async function* partsOf(
  sound: AsyncIterable<Float32Array>,
  readers: Readers,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  let samples = 0;
  async function* counted(): AsyncGenerator<Float32Array> {
    for await (const part of sound) {
      samples += part.length;
      yield part;
    }
  }
  let isFound = false;
  for await (const part of transcribeSound(counted(), readers, { modality: 'AUDIO' }, signal)) {
    // Without words a window of sound is found by how it sounds alone, and not by the document's title.
    if (!isGap(part)) isFound ||= part.text !== null;
    yield part;
  }
  if (samples === 0) {
    throw rejected('NO_SOUND', 'The recording has no sound in it: it is empty. Send a file with sound.');
  }
  if (!isFound) yield wholeOf(Math.round((samples * 1000) / sampleRate));
}

/** A passage without words of its own, that the document is found by through its title. */
const wholeOf = (endMs: number): Piece => ({
  modality: 'AUDIO',
  locator: { kind: 'TimeSpan', startMs: 0, endMs },
  text: null,
  digest: null,
});
