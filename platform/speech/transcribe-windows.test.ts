import { describe, expect, it } from 'vitest';
import { sampleRate } from '../ports/transcriber.ts';
import type { SpeechReply, SpeechRequest } from './speech-messages.ts';
import type { SpeechRunner } from './speech-runner.ts';
import { transcribeWindows } from './transcribe-windows.ts';

/** A model that hears speech in given spans, and writes one sentence for each window by a rule. */
function runnerOf(
  spans: readonly (readonly [start: number, end: number])[],
  write: (window: number, seconds: number) => { segments: [number, number, string][]; advance: number },
) {
  const windows: number[] = [];
  const answer = (request: SpeechRequest): SpeechReply => {
    if (request.kind === 'listen') {
      const regions = spans.map(([start, end]) => ({ start: start * sampleRate, end: end * sampleRate }));
      return { kind: 'heard', regions };
    }
    const seconds = request.samples.length / sampleRate;
    windows.push(seconds);
    const { segments, advance } = write(windows.length, seconds);
    return {
      kind: 'decoded',
      window: {
        segments: segments.map(([start, end, text]) => ({
          ...{ startMs: start * 1000, endMs: end * 1000, text },
        })),
        advanceSeconds: advance,
      },
    };
  };
  const runner: SpeechRunner = {
    executionProvider: 'cpu',
    ask: (async (request: SpeechRequest) => answer(request)) as SpeechRunner['ask'],
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { runner, windows };
}

const transcribe = (seconds: number, runner: SpeechRunner) =>
  transcribeWindows(
    new Float32Array(seconds * sampleRate),
    runner,
    { windowSeconds: 30, language: null },
    undefined,
  );

describe('windows one behind the other', () => {
  it('begin where the last complete segment ended, and join without a gap', async () => {
    const { runner, windows } = runnerOf([[0, 70]], (window, seconds) =>
      window < 3
        ? { segments: [[0, 25, `Sentence ${window}.`]], advance: 25 }
        : { segments: [[0, seconds, 'The rest.']], advance: seconds },
    );
    expect(await transcribe(70, runner)).toEqual([
      { startMs: 0, endMs: 25_000, text: 'Sentence 1.' },
      { startMs: 25_000, endMs: 50_000, text: 'Sentence 2.' },
      { startMs: 50_000, endMs: 70_000, text: 'The rest.' },
    ]);
    expect(windows).toEqual([30, 30, 20]);
  });

  it('hear nothing but speech', async () => {
    const { runner, windows } = runnerOf(
      [
        [100, 102],
        [3000, 3001],
      ],
      (_, seconds) => ({ segments: [[0.2, seconds - 0.2, 'Yes.']], advance: seconds }),
    );
    const segments = await transcribe(3600, runner);
    expect(segments.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [100_000, 102_000],
      [3_000_000, 3_001_000],
    ]);
    expect(windows).toHaveLength(2);
  });

  it('place a segment where speech begins and ends nearby, and take it out of silence', async () => {
    const { runner } = runnerOf(
      [
        [1, 3],
        [4.8, 6],
      ],
      (_, seconds) => ({
        segments: [
          [0, 2.5, 'First.'],
          [2.9, 5.6, 'Second.'],
        ],
        advance: seconds,
      }),
    );
    expect(await transcribe(10, runner)).toEqual([
      { startMs: 1000, endMs: 3000, text: 'First.' },
      { startMs: 4800, endMs: 6000, text: 'Second.' },
    ]);
  });

  it('go on where a model makes no progress', async () => {
    const { runner, windows } = runnerOf([[0, 2]], () => ({ segments: [], advance: 0 }));
    expect(await transcribe(2, runner)).toEqual([]);
    expect(windows.length).toBeLessThan(30);
  });
});
