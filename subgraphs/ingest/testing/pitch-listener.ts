import type { SoundEncoder } from '../../../platform/ports/sound-encoder.ts';
import { type SpokenSegment, sampleRate, type Transcriber } from '../../../platform/ports/transcriber.ts';

/** The pitches that it knows, and the sentence that each of them says. */
export const sentences: Readonly<Record<number, string>> = {
  300: 'Close the main valve.',
  500: 'Oil the chain after every third shift.',
  700: 'The flange of the second tank is leaking.',
  900: 'Replace the filter on Monday.',
};

/** So many seconds of a tone that says a sentence; 0 Hz for silence. */
export const play = (hertz: number, seconds: number): Float32Array =>
  Float32Array.from(
    { length: Math.round(seconds * sampleRate) },
    (_, index) => 0.5 * Math.sin((2 * Math.PI * hertz * index) / sampleRate),
  );

const momentSamples = sampleRate / 20;

/** The pitch of a moment, in hertz; 0 for silence. */
function pitchOf(moment: Float32Array): number {
  let crossings = 0;
  let loudest = 0;
  for (let index = 1; index < moment.length; index++) {
    loudest = Math.max(loudest, Math.abs(moment[index] ?? 0));
    if ((moment[index - 1] ?? 0) < 0 !== (moment[index] ?? 0) < 0) crossings++;
  }
  return loudest < 0.05 ? 0 : (crossings / 2 / moment.length) * sampleRate;
}

/**
 * A transcriber for tests that really listens: each tone of a pitch that it knows says a sentence, from where it begins
 * to where it ends. It counts the seconds that it had to hear.
 */
export function createPitchListener(): Transcriber & { readonly heardSeconds: number } {
  let heard = 0;
  return {
    description: { model: 'pitches', fingerprint: 'feedfeedfeedfeed', executionProvider: 'cpu' },
    get heardSeconds() {
      return heard;
    },
    async transcribe(samples) {
      heard += samples.length / sampleRate;
      const segments: SpokenSegment[] = [];
      let open: { start: number; text: string } | null = null;
      const close = (end: number) => {
        // What is shorter is the edge of a tone, where decoders differ.
        if (open !== null && end - open.start > 200) {
          segments.push({ startMs: open.start, endMs: end, text: open.text });
        }
        open = null;
      };
      for (let start = 0; start < samples.length; start += momentSamples) {
        const pitch = pitchOf(samples.subarray(start, start + momentSamples));
        const known = Object.entries(sentences).find(([hertz]) => Math.abs(Number(hertz) - pitch) < 60);
        const ms = (start * 1000) / sampleRate;
        if (known?.[1] !== (open as { text: string } | null)?.text) close(ms);
        if (known && open === null) open = { start: ms, text: known[1] };
      }
      close((samples.length * 1000) / sampleRate);
      return segments;
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** An encoder of sound for tests: by how much of each pitch there is. It counts the windows that it had to encode. */
export function createPitchEncoder(): SoundEncoder & { readonly encoded: number } {
  let encoded = 0;
  return {
    description: {
      ...{ model: 'pitches', fingerprint: 'beefbeefbeefbeef', dimension: 768, maxTokens: 0 },
      executionProvider: 'cpu',
    },
    get encoded() {
      return encoded;
    },
    async encode(windows) {
      encoded += windows.length;
      return windows.map((samples) => {
        const vector = new Float32Array(768);
        for (let start = 0; start < samples.length; start += momentSamples) {
          const place = Math.min(
            767,
            Math.round(pitchOf(samples.subarray(start, start + momentSamples)) / 20),
          );
          vector[place] = (vector[place] ?? 0) + 1;
        }
        const length = Math.hypot(...vector) || 1;
        return vector.map((value) => value / length);
      });
    },
    async [Symbol.asyncDispose]() {},
  };
}
