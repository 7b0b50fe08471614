import { type SpokenSegment, sampleRate } from '../ports/transcriber.ts';
import type { SpeechRunner } from './speech-runner.ts';
import { joinRegions, type SpeechRegion } from './voice-activity.ts';

/** A segment begins and ends with speech: where that is so near to what the model wrote, it is taken. */
const nearMs = 600;

const toMs = (samples: number): number => (samples * 1000) / sampleRate;

/**
 * What is said in sound of any length: where somebody speaks, in windows that the model hears at once. A window begins
 * where the last complete segment of the one before has ended, as OpenAI's long form does.
 *
 * @param windowSeconds the longest window.
 * @throws whatever the runner throws.
 */
export async function transcribeWindows(
  samples: Float32Array,
  runner: SpeechRunner,
  { windowSeconds, language }: { readonly windowSeconds: number; readonly language: string | null },
  signal: AbortSignal | undefined,
): Promise<SpokenSegment[]> {
  const { regions } = await runner.ask({ kind: 'listen', samples }, signal);
  const longest = windowSeconds * sampleRate;
  const segments: SpokenSegment[] = [];
  for (const speech of joinRegions(regions, samples.length, longest)) {
    for (let start = speech.start; start < speech.end; ) {
      const window = samples.slice(start, Math.min(speech.end, start + longest));
      const { window: decoded } = await runner.ask({ kind: 'decode', samples: window, language }, signal);
      const isLast = start + window.length >= speech.end;
      const offset = toMs(start);
      for (const segment of decoded.segments) {
        segments.push(
          alignToSpeech(
            { ...segment, startMs: offset + segment.startMs, endMs: offset + segment.endMs },
            speech.regions,
          ),
        );
      }
      const advance = Math.round(decoded.advanceSeconds * sampleRate);
      // What is left behind the last segment of a window that reached the end is silence, or less than a word.
      if (isLast && speech.end - start - advance < sampleRate / 2) break;
      start += Math.max(advance, sampleRate / 10);
    }
  }
  return inOrder(segments);
}

/**
 * Moves the ends of a segment to where speech begins and ends: nearby, and however far where there is silence between.
 */
function alignToSpeech(segment: SpokenSegment, regions: readonly SpeechRegion[]): SpokenSegment {
  const spoken = regions.map((region) => ({ start: toMs(region.start), end: toMs(region.end) }));
  const isSpoken = (ms: number) => spoken.some(({ start, end }) => start <= ms && ms <= end);
  const starts = spoken.map(({ start }) => start);
  const ends = spoken.map(({ end }) => end);
  const { startMs, endMs, text } = segment;
  const start =
    (isSpoken(startMs) ? undefined : starts.find((ms) => ms > startMs)) ?? nearest(startMs, starts);
  const end = (isSpoken(endMs) ? undefined : ends.findLast((ms) => ms < endMs)) ?? nearest(endMs, ends);
  return end > start ? { startMs: start, endMs: end, text } : segment;
}

function nearest(ms: number, candidates: readonly number[]): number {
  let best = ms;
  let distance = nearMs;
  for (const candidate of candidates) {
    if (Math.abs(candidate - ms) < distance) {
      distance = Math.abs(candidate - ms);
      best = candidate;
    }
  }
  return best;
}

/** Segments whose times are whole milliseconds and never overlap. */
function inOrder(segments: readonly SpokenSegment[]): SpokenSegment[] {
  let last = 0;
  return segments.map(({ startMs, endMs, text }) => {
    const start = Math.max(last, Math.round(startMs));
    last = Math.max(start, Math.round(endMs));
    return { startMs: start, endMs: last, text };
  });
}
