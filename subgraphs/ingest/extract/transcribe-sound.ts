import { createHash } from 'node:crypto';
import { z } from 'zod';
import { sampleRate } from '../../../platform/ports/transcriber.ts';
import type { Readers } from '../extract.ts';
import type { Gap, Piece } from '../types.ts';
import { cutStretches } from './cut-stretches.ts';
import { joinSegments } from './join-segments.ts';
import { lacking } from './lacking.ts';

export interface TranscribeSoundOptions {
  /** What the pieces are part of: a recording, or the sound track of a film. */
  readonly modality: 'AUDIO' | 'VIDEO';
  /** Whether windows of 5 seconds are given too, to be searched by how they sound; true by default. */
  readonly windows?: boolean;
}

const windowSamples = 5 * sampleRate;
/** A window begins 4 seconds behind the one before, and so has 1 second in common with it. */
const stepSamples = 4 * sampleRate;
/** Sound whose loudest moment has a root mean square below this (-60 dB of full scale) is silence. */
const silence = 0.001;
const momentSamples = 0.05 * sampleRate;

/** What was heard in one stretch, as it is kept beside the document. */
const segmentsSchema = z.array(z.object({ startMs: z.number(), endMs: z.number(), text: z.string() }));

/**
 * What is said and heard in a recording or in the sound track of a film. Gives, for each stretch of at most 30 seconds:
 * passages of the transcript (a sentence or two with their time span, searched by words and by meaning), and windows of
 * 5 seconds with 1 second of overlap that have no text (searched by how they sound). Silence gives neither. A stretch
 * that was heard in an earlier version of the document is not transcribed again.
 *
 * Gaps: the transcriber is missing; nobody speaks (`NO_SPEECH`).
 *
 * @param sound 16 kHz, mono, -1 to 1, in parts of any length; holds at most a minute of it.
 * @throws whatever `sound` and the transcriber throw; the signal's reason when aborted.
 */
export async function* transcribeSound(
  sound: AsyncIterable<Float32Array>,
  { transcriber = null, derivations }: Pick<Readers, 'transcriber' | 'derivations'>,
  { modality, windows = true }: TranscribeSoundOptions,
  signal: AbortSignal,
): AsyncGenerator<Piece | Gap> {
  let isSilent = true;
  let isSpoken = false;
  for await (const { start, samples } of cutStretches(sound)) {
    signal.throwIfAborted();
    if (isSilence(samples)) continue;
    isSilent = false;
    const offsetMs = toMs(start);
    if (transcriber !== null) {
      const segments = await derivations.reuse(
        { kind: 'transcript', model: transcriber.description.fingerprint, digest: digestOf(samples) },
        segmentsSchema,
        () => transcriber.transcribe(samples, signal),
      );
      for (const { startMs, endMs, text } of joinSegments(segments)) {
        isSpoken = true;
        const locator = {
          kind: 'TimeSpan',
          startMs: offsetMs + Math.round(startMs),
          endMs: offsetMs + Math.round(endMs),
        } as const;
        yield { modality, locator, text, digest: null };
      }
    }
    if (windows) yield* windowsOf(samples, start, modality);
  }
  if (isSilent) yield noSpeech('It is silent: nobody speaks in it.');
  else if (transcriber === null) {
    yield lacking('transcriber', 'What is said in it cannot be searched: there is nothing to write it down.');
  } else if (!isSpoken) yield noSpeech('Nobody speaks in it, as far as can be heard.');
}

function* windowsOf(samples: Float32Array, start: number, modality: 'AUDIO' | 'VIDEO'): Generator<Piece> {
  for (let from = 0; from < samples.length; from += stepSamples) {
    // The window before has all of this in it.
    if (from > 0 && samples.length - from <= windowSamples - stepSamples) return;
    const window = samples.slice(from, from + windowSamples);
    if (isSilence(window)) continue;
    const startMs = toMs(start + from);
    const locator = { kind: 'TimeSpan', startMs, endMs: toMs(start + from + window.length) } as const;
    yield { modality, locator, text: null, digest: digestOf(window), sound: window, searchable: false };
  }
}

const toMs = (samples: number): number => Math.round((samples * 1000) / sampleRate);

const noSpeech = (message: string): Gap => ({ code: 'NO_SPEECH', message, locator: null });

function isSilence(samples: Float32Array): boolean {
  for (let start = 0; start < samples.length; start += momentSamples) {
    const moment = samples.subarray(start, start + momentSamples);
    let power = 0;
    for (const sample of moment) power += sample * sample;
    if (power / moment.length > silence * silence) return false;
  }
  return true;
}

/** SHA-256 over the sound, to 16 bits: what decoders differ in beyond that is not heard. */
function digestOf(samples: Float32Array): string {
  const rounded = Int16Array.from(samples, (sample) =>
    Math.round(Math.max(-1, Math.min(1, sample)) * 32_767),
  );
  return createHash('sha256').update(rounded).digest('hex');
}
