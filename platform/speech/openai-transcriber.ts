import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { TributaryError, upstream } from '../errors.ts';
import { type SpokenSegment, sampleRate, type Transcriber } from '../ports/transcriber.ts';
import { encodeWav } from './encode-wav.ts';
import { findSpeech, judgeByLoudness } from './voice-activity.ts';
import { fingerprintOf } from './whisper-files.ts';

export interface OpenaiTranscriberOptions {
  /** Where the interface is, such as `https://host/v1`. */
  readonly baseUrl: string;
  /** The model to ask for. */
  readonly model: string;
  /** Sent as a bearer token; null for none. */
  readonly apiKey: string | null;
  /** The code of the language that is spoken; found out by the service by default. */
  readonly language?: string | null;
  /** How long one answer may take, in milliseconds; 120,000 by default. */
  readonly timeoutMs?: number;
  /** How long to wait before the second attempt, in milliseconds, then twice as long each time; 1,000 by default. */
  readonly retryDelayMs?: number;
}

const service = 'transcriber';
const attempts = 4;
const mostDelayMs = 60_000;
/** So much is sent at once, well below the 25 MB that the original takes. */
const partSamples = 300 * sampleRate;

const answerSchema = z.object({
  text: z.string().nullish(),
  segments: z
    .array(
      z.looseObject({
        start: z.number(),
        end: z.number(),
        text: z.string(),
        avg_logprob: z.number().nullish(),
        no_speech_prob: z.number().nullish(),
      }),
    )
    .nullish(),
});

/** A failure that asking again may mend. */
class Passing extends Error {
  override readonly name = 'Passing';
  readonly waitMs: number | null;

  constructor(message: string, waitMs: number | null, cause?: unknown) {
    super(message, { cause });
    this.waitMs = waitMs;
  }
}

/**
 * Any endpoint that speaks `POST /audio/transcriptions` as OpenAI, faster-whisper's servers and many others do. Sound in
 * which nothing is louder than the rest is not sent; a service that is busy (429) or fails (5xx) is asked up to four
 * times. Nothing it says of itself, and no key, is in a message.
 */
export function createOpenaiTranscriber(options: OpenaiTranscriberOptions): Transcriber {
  const { baseUrl, model, language = null } = options;
  const closing = new AbortController();
  return {
    description: {
      model,
      fingerprint: fingerprintOf(['openai', baseUrl, model, language]),
      executionProvider: 'remote',
    },
    async transcribe(samples, signal) {
      const signals = signal === undefined ? [closing.signal] : [closing.signal, signal];
      const either = AbortSignal.any(signals);
      const segments: SpokenSegment[] = [];
      for (let start = 0; start < samples.length; start += partSamples) {
        either.throwIfAborted();
        const part = samples.subarray(start, start + partSamples);
        if (findSpeech(judgeByLoudness(part), part.length).length === 0) continue;
        const offsetMs = (start * 1000) / sampleRate;
        for (const segment of await ask(part, options, either)) {
          const { startMs, endMs, text } = segment;
          segments.push({ startMs: offsetMs + startMs, endMs: offsetMs + endMs, text });
        }
      }
      return segments;
    },
    async [Symbol.asyncDispose]() {
      closing.abort(upstream(service, 'The service is shutting down. Please try again.'));
    },
  };
}

async function ask(
  samples: Float32Array,
  options: OpenaiTranscriberOptions,
  signal: AbortSignal,
): Promise<SpokenSegment[]> {
  const { model, retryDelayMs = 1_000 } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await request(samples, options, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TributaryError) throw error;
      const passing = error instanceof Passing ? error : null;
      if (attempt === attempts) {
        const why = passing?.message ?? 'cannot be reached: check TRIBUTARY_TRANSCRIPTION_URL';
        throw upstream(service, `The transcription model ${model} ${why}.`, error);
      }
      const waitMs = passing?.waitMs ?? retryDelayMs * 2 ** (attempt - 1);
      await delay(Math.min(waitMs, mostDelayMs), undefined, { signal });
    }
  }
}

async function request(
  samples: Float32Array,
  { baseUrl, model, apiKey, language = null, timeoutMs = 120_000 }: OpenaiTranscriberOptions,
  signal: AbortSignal,
): Promise<SpokenSegment[]> {
  const form = new FormData();
  form.set('file', new Blob([encodeWav(samples, sampleRate)], { type: 'audio/wav' }), 'sound.wav');
  form.set('model', model);
  form.set('response_format', 'verbose_json');
  form.set('temperature', '0');
  form.append('timestamp_granularities[]', 'segment');
  if (language !== null) form.set('language', language);
  // Whole, and not as a stream: one that is given up while it is sent ends in an error that nobody can catch (Node 24).
  const encoded = new Response(form);
  const contentType = encoded.headers.get('content-type') ?? 'multipart/form-data';
  const body = await encoded.arrayBuffer();
  const limit = AbortSignal.timeout(timeoutMs);
  let content: unknown;
  try {
    const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/audio/transcriptions`, {
      method: 'POST',
      body,
      headers: {
        'content-type': contentType,
        ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      redirect: 'error',
      signal: AbortSignal.any([signal, limit]),
    });
    if (!response.ok) throw await refusal(response, model);
    content = await response.json();
  } catch (error) {
    if (limit.aborted) throw new Passing(`did not answer within ${timeoutMs} ms`, null, error);
    if (error instanceof SyntaxError) throw notUnderstood(model, error);
    throw error;
  }
  const answer = answerSchema.safeParse(content);
  if (!answer.success) throw notUnderstood(model, answer.error);
  return segmentsOf(answer.data, samples.length);
}

function segmentsOf({ segments, text }: z.infer<typeof answerSchema>, length: number): SpokenSegment[] {
  const endMs = Math.round((length * 1000) / sampleRate);
  // A service without times gives the text alone: it was said somewhere in the sound.
  if (!segments) return text?.trim() ? [{ startMs: 0, endMs, text: text.trim() }] : [];
  let last = 0;
  return segments.flatMap((segment) => {
    // What the service itself takes for no speech are words that it invented.
    const isGuess = (segment.no_speech_prob ?? 0) > 0.6 && (segment.avg_logprob ?? 0) < -0.5;
    const words = segment.text.trim();
    if (isGuess || !/[\p{L}\p{N}]/u.test(words)) return [];
    const startMs = Math.min(endMs, Math.max(last, Math.round(segment.start * 1000)));
    last = Math.min(endMs, Math.max(startMs, Math.round(segment.end * 1000)));
    return [{ startMs, endMs: last, text: words }];
  });
}

/** Why the service refused. Its own words are for the log alone. */
async function refusal(response: Response, model: string): Promise<Error> {
  const { status } = response;
  const cause = new Error(`${status} ${(await response.text().catch(() => '')).slice(0, 2_000)}`);
  if (status === 429 || status >= 500) {
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const waitMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null;
    const why = status === 429 ? 'has too much to do' : `answered with HTTP ${status}`;
    return new Passing(why, waitMs, cause);
  }
  const why =
    status === 401 || status === 403
      ? 'refused our key: check TRIBUTARY_TRANSCRIPTION_API_KEY'
      : status === 404
        ? 'is not known there: check TRIBUTARY_TRANSCRIPTION_URL and TRIBUTARY_TRANSCRIPTION_MODEL'
        : `answered with HTTP ${status}`;
  return upstream(service, `The transcription model ${model} ${why}.`, cause);
}

const notUnderstood = (model: string, cause: unknown) =>
  upstream(
    service,
    `The transcription model ${model} answered with something else than a transcript.`,
    cause,
  );
