import { applyDecodingRules } from './decoding-rules.ts';
import type { EncodedSound, WhisperSession } from './whisper-session.ts';
import type { WhisperTokens } from './whisper-tokens.ts';

export interface WriteWindowOptions {
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

/** So many seconds is one step of the times. */
export const timeStep = 0.02;

/** What was written for one window, before it is judged. */
export interface WrittenWindow {
  /** The tokens behind those that a transcript starts with; without the one that ends it. */
  readonly written: readonly number[];
  readonly text: string;
  /** The mean over the tokens, of the natural logarithm. */
  readonly logProbability: number;
  /** How likely the model finds it that nobody speaks. */
  readonly noSpeech: number;
}

/**
 * Writes down one window: the likeliest token each time, under the rules of OpenAI's decoding.
 *
 * @param repeatedRun runs of so many words do not come twice; 0 for no such rule.
 */
export async function writeWindow(
  session: WhisperSession,
  sound: EncodedSound,
  options: WriteWindowOptions,
  repeatedRun: number,
): Promise<WrittenWindow> {
  const { tokens, maxInitialTimestamp, seconds } = options;
  const { startOfTranscript, endOfText, multilingual, size } = tokens;
  const rules = { tokens, maxInitialTimestamp, lastTimestamp: Math.round(seconds / timeStep), repeatedRun };
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
  { tokens, language }: WriteWindowOptions,
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
