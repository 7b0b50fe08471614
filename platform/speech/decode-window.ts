import { deflateSync } from 'node:zlib';
import type { SpokenSegment } from '../ports/transcriber.ts';
import { applyDecodingRules } from './decoding-rules.ts';
import { splitSegments } from './split-segments.ts';
import type { EncodedSound, WhisperSession } from './whisper-session.ts';
import type { WhisperTokens } from './whisper-tokens.ts';

export interface DecodeWindowOptions {
  readonly tokens: WhisperTokens;
  readonly maxInitialTimestamp: number;
  /** The most tokens of one window, those of the start counted. */
  readonly maxTokens: number;
  /** The length of the window's own sound, in seconds. */
  readonly seconds: number;
  /** The code of the language, for a model that knows several; found out where it is null. */
  readonly language: string | null;
  /** Asked before every token; throws to end the work. */
  throwIfCancelled(): void;
}

/** What was said in one window. */
export interface DecodedWindow {
  /** Milliseconds from the beginning of the window. */
  readonly segments: SpokenSegment[];
  /** Where the next window begins. */
  readonly advanceSeconds: number;
}

/** So many seconds is one step of the times. */
const step = 0.02;

/** Text that deflates to less than one part in 2.4 repeats itself: the model is caught in a loop. */
const mostCompression = 2.4;
/** Below this mean, a token is a guess (natural logarithm). */
const leastLogProbability = -1;
const mostNoSpeech = 0.6;

interface Attempt {
  readonly written: readonly number[];
  readonly text: string;
  /** The mean over the tokens, of the natural logarithm. */
  readonly logProbability: number;
  readonly noSpeech: number;
}

/**
 * Writes down one window: the likeliest token each time, under the rules of OpenAI's decoding. A text that repeats
 * itself is written a second time with repetition forbidden, and left out where that is a guess too. Where the model
 * hears no speech, or guesses, there are no words.
 */
export async function decodeWindow(
  session: WhisperSession,
  sound: EncodedSound,
  options: DecodeWindowOptions,
): Promise<DecodedWindow> {
  const { tokens, seconds } = options;
  const length = Math.round(seconds / step);
  let attempt = await write(session, sound, options, 0);
  if (compressionOf(attempt.text) > mostCompression) attempt = await write(session, sound, options, 4);
  if (!isSpeech(attempt)) return { segments: [], advanceSeconds: seconds };
  const { segments, advance } = splitSegments(attempt.written, tokens.firstTimestamp, length);
  return {
    segments: segments.flatMap(({ start, end, tokens: said }) => {
      const text = tokens.decode(said).trim();
      const isWord = /[\p{L}\p{N}]/u.test(text);
      return isWord ? [{ startMs: Math.round(start * 20), endMs: Math.round(end * 20), text }] : [];
    }),
    advanceSeconds: advance > 0 ? advance * step : seconds,
  };
}

function isSpeech({ text, logProbability, noSpeech }: Attempt): boolean {
  if (logProbability < leastLogProbability) return false;
  // What the model takes for no speech must at least be read with certainty.
  if (noSpeech > mostNoSpeech && logProbability < leastLogProbability / 2) return false;
  return compressionOf(text) <= mostCompression;
}

function compressionOf(text: string): number {
  const bytes = Buffer.from(text);
  return bytes.length === 0 ? 0 : bytes.length / deflateSync(bytes).length;
}

async function write(
  session: WhisperSession,
  sound: EncodedSound,
  options: DecodeWindowOptions,
  repeatedRun: number,
): Promise<Attempt> {
  const { tokens, maxInitialTimestamp, seconds } = options;
  const { startOfTranscript, endOfText, multilingual, size } = tokens;
  const rules = { tokens, maxInitialTimestamp, lastTimestamp: Math.round(seconds / step), repeatedRun };
  const start = [startOfTranscript];
  if (multilingual !== null) {
    const language = await languageOf(session, sound, options);
    start.push(language, multilingual.transcribe);
  }
  options.throwIfCancelled();
  const run = await session.begin(sound);
  let logits = await run.step(start);
  const noSpeech = tokens.noSpeech === null ? 0 : probabilityOf(logits.subarray(0, size), tokens.noSpeech);

  const written: number[] = [];
  const most = Math.min(Math.floor(options.maxTokens / 2), options.maxTokens - start.length);
  let logProbability = 0;
  for (;;) {
    const row = logits.subarray(logits.length - size);
    applyDecodingRules(row, written, rules);
    const [token, itsLogProbability] = likeliest(row);
    logProbability += itsLogProbability;
    if (token === endOfText) break;
    written.push(token);
    if (written.length >= most) break;
    options.throwIfCancelled();
    logits = await run.step([token]);
  }
  const text = tokens.decode(written).trim();
  return { written, text, logProbability: logProbability / (written.length + 1), noSpeech };
}

/** The token of the language: the one that was asked for, or the likeliest one behind the start. */
async function languageOf(
  session: WhisperSession,
  sound: EncodedSound,
  { tokens, language }: DecodeWindowOptions,
): Promise<number> {
  const languages = tokens.multilingual?.languages ?? new Map<string, number>();
  const asked = language === null ? undefined : languages.get(language);
  if (asked !== undefined) return asked;
  const logits = await (await session.begin(sound)).step([tokens.startOfTranscript]);
  let best: number | undefined;
  for (const token of languages.values()) {
    if (best === undefined || (logits[token] ?? 0) > (logits[best] ?? 0)) best = token;
  }
  if (best === undefined) throw new Error('The model knows no languages.');
  return best;
}

/** The likeliest token, and the natural logarithm of its probability. */
function likeliest(logits: Float32Array): [number, number] {
  let best = 0;
  for (let token = 1; token < logits.length; token++) {
    if ((logits[token] as number) > (logits[best] as number)) best = token;
  }
  const highest = logits[best] as number;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  return [best, -Math.log(sum)];
}

function probabilityOf(logits: Float32Array, token: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) highest = Math.max(highest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  return Math.exp((logits[token] ?? Number.NEGATIVE_INFINITY) - highest) / sum;
}
