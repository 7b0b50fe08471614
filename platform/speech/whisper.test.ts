import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TributaryError } from '../errors.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { chord, joined, silence, tone, whiteNoise } from './testing/sounds.ts';
import { tinyWhisper, tinyWhisperCopy } from './testing/tiny-whisper.ts';
import { openWhisper, type Whisper } from './whisper.ts';

const run = { threads: 1, executionProviders: ['cpu'], logger: silentLogger };
let whisper: Whisper;
beforeAll(async () => {
  whisper = await openWhisper({ folder: tinyWhisper, ...run });
});
afterAll(() => whisper[Symbol.asyncDispose]());

const encoderOf = ({ soundEncoder }: Whisper) => {
  if (soundEncoder === null) throw new Error('There is no encoder.');
  return soundEncoder;
};

describe('the transcriber', () => {
  it.each([
    ['silence', silence(40)],
    ['a tone', tone(40, 440)],
    ['a chord', chord(40)],
    ['white noise', whiteNoise(40)],
    ['nothing', silence(0)],
  ])('invents no words for %s', async (_, samples) => {
    expect(await whisper.transcriber.transcribe(samples)).toEqual([]);
  });

  it('is not loaded before it is used, and says then what it runs on', async () => {
    await using fresh = await openWhisper({ folder: tinyWhisper, ...run });
    expect(fresh.transcriber.description.executionProvider).toBe('not loaded yet');
    await encoderOf(fresh).encode([tone(1, 440)]);
    expect(fresh.transcriber.description.executionProvider).toBe('cpu');
  });

  it('stops when it is told to, with the reason', async () => {
    const abort = new AbortController();
    const long = joined(...Array.from({ length: 40 }, () => joined(whiteNoise(2), silence(1))));
    const transcribing = whisper.transcriber.transcribe(long, abort.signal);
    const reason = new Error('not wanted');
    abort.abort(reason);
    await expect(transcribing).rejects.toBe(reason);
    // It serves on.
    expect(await whisper.transcriber.transcribe(silence(1))).toEqual([]);
  });

  it('has another fingerprint where anything decides otherwise what is written', async () => {
    await using other = await openWhisper({ folder: tinyWhisper, language: 'de', ...run });
    await using copy = await tinyWhisperCopy({ generation: { begin_suppress_tokens: [33] } });
    await using changed = await openWhisper({ folder: copy.path, ...run });
    const fingerprints = [whisper, other, changed].map(
      ({ transcriber }) => transcriber.description.fingerprint,
    );
    expect(new Set(fingerprints).size).toBe(3);
    for (const fingerprint of fingerprints) expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
    // The space of sounds is the encoder's alone.
    expect(encoderOf(changed).description.fingerprint).toBe(encoderOf(whisper).description.fingerprint);
  });
});

describe('the encoder of sound', () => {
  it('gives vectors of the common dimension and of length 1, each by itself', async () => {
    const sounds = [tone(1, 440), whiteNoise(3), tone(0.2, 900)];
    const together = await encoderOf(whisper).encode(sounds);
    expect(together.map(({ length }) => length)).toEqual([768, 768, 768]);
    for (const [index, vector] of together.entries()) {
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
      const [alone] = await encoderOf(whisper).encode([sounds[index] ?? silence(1)]);
      expect(alone).toEqual(vector);
    }
  });

  it('hears the sound and not the silence that fills its window', async () => {
    const [short, long, other] = await encoderOf(whisper).encode([
      tone(1, 440),
      tone(2.9, 440),
      whiteNoise(1),
    ]);
    const product = (a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()) =>
      a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
    expect(product(short, long)).toBeGreaterThan(product(short, other));
    expect(product(short, long)).toBeGreaterThan(0.95);
  });
});

describe('a folder', () => {
  it.each([
    ['tokenizer.json', 'has no tokenizer.json'],
    ['config.json', 'config.json cannot be read'],
    ['onnx/encoder_model.onnx', 'has no encoder_model.onnx'],
  ])('without %s is refused with its name', async (file, message) => {
    await using folder = await tinyWhisperCopy({ without: [file] });
    await expect(openWhisper({ folder: folder.path, ...run })).rejects.toThrow(message);
  });

  it('without a decoder is refused with the names of those that would do', async () => {
    const without = ['decoder_model_merged', 'decoder_with_past_model'].map((name) => `onnx/${name}.onnx`);
    await using folder = await tinyWhisperCopy({ without });
    await expect(openWhisper({ folder: folder.path, ...run })).rejects.toThrow('decoder_model_merged.onnx');
  });

  it('whose execution provider cannot be used fails when it is used, as a service that failed', async () => {
    await using broken = await openWhisper({ folder: tinyWhisper, ...run, executionProviders: ['nothing'] });
    const failure = await encoderOf(broken)
      .encode([tone(1, 440)])
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TributaryError);
    expect(failure).toMatchObject({ code: 'UPSTREAM', service: 'transcriber' });
  });
});
