import { deflateSync } from 'node:zlib';
import type { SpokenSegment } from '../ports/transcriber.ts';
import { splitSegments } from './split-segments.ts';
import type { EncodedSound, WhisperSession } from './whisper-session.ts';
import { timeStep, type WriteWindowOptions, type WrittenWindow, writeWindow } from './write-window.ts';

/** What was said in one window. */
export interface DecodedWindow {
  /** Milliseconds from the beginning of the window. */
  readonly segments: SpokenSegment[];
  /** Where the next window begins. */
  readonly advanceSeconds: number;
}

/** Text that deflates to less than one part in 2.4 repeats itself: the model is caught in a loop. */
const mostCompression = 2.4;
/** Below this mean, a token is a guess (natural logarithm). */
const leastLogProbability = -1;
const mostNoSpeech = 0.6;

/**
 * Writes down one window: the likeliest token each time, under the rules of OpenAI's decoding. A text that repeats
 * itself is written a second time with repetition forbidden, and left out where that is a guess too. Where the model
 * hears no speech, or guesses, there are no words.
 */
export async function decodeWindow(
  session: WhisperSession,
  sound: EncodedSound,
  options: WriteWindowOptions,
): Promise<DecodedWindow> {
  const { tokens, seconds } = options;
  const length = Math.round(seconds / timeStep);
  let attempt = await writeWindow(session, sound, options, 0);
  if (compressionOf(attempt.text) > mostCompression) attempt = await writeWindow(session, sound, options, 4);
  if (!isSpeech(attempt)) return { segments: [], advanceSeconds: seconds };
  const { segments, advance } = splitSegments(attempt.written, tokens.firstTimestamp, length);
  return {
    segments: segments.flatMap(({ start, end, tokens: said }) => {
      const text = tokens.decode(said).trim();
      const isWord = /[\p{L}\p{N}]/u.test(text);
      return isWord ? [{ startMs: Math.round(start * 20), endMs: Math.round(end * 20), text }] : [];
    }),
    advanceSeconds: advance > 0 ? advance * timeStep : seconds,
  };
}

function isSpeech({ text, logProbability, noSpeech }: WrittenWindow): boolean {
  if (logProbability < leastLogProbability) return false;
  // What the model takes for no speech must at least be read with certainty.
  if (noSpeech > mostNoSpeech && logProbability < leastLogProbability / 2) return false;
  return compressionOf(text) <= mostCompression;
}

function compressionOf(text: string): number {
  const bytes = Buffer.from(text);
  return bytes.length === 0 ? 0 : bytes.length / deflateSync(bytes).length;
}
