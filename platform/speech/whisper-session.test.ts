import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joined, tone, whiteNoise } from './testing/sounds.ts';
import { tinyWhisper, tinyWhisperCopy } from './testing/tiny-whisper.ts';
import { readWhisperFiles, type WhisperFiles } from './whisper-files.ts';
import { createWhisperSession, type EncodedSound, type WhisperSession } from './whisper-session.ts';
import { readWhisperTokens, type WhisperTokens } from './whisper-tokens.ts';
import { type WriteWindowOptions, writeWindow } from './write-window.ts';

const run = { threads: 1, executionProviders: ['cpu'] };
let files: WhisperFiles;
let tokens: WhisperTokens;
let session: WhisperSession;
let sound: EncodedSound;
const samples = joined(tone(1, 300), whiteNoise(1.5));

beforeAll(async () => {
  files = await readWhisperFiles(tinyWhisper);
  tokens = await readWhisperTokens(files);
  session = createWhisperSession(files, run);
  sound = await session.encode(samples);
});
afterAll(() => session[Symbol.asyncDispose]());

const options = (others: Partial<WriteWindowOptions> = {}): WriteWindowOptions => ({
  ...{ tokens, maxInitialTimestamp: files.maxInitialTimestamp, maxTokens: files.maxTokens },
  ...{ seconds: 2.5, language: null, throwIfCancelled: () => undefined, ...others },
});

/** The last row of logits behind a text, each token given by itself. */
async function oneByOne(whisper: WhisperSession, text: readonly number[]): Promise<Float32Array> {
  const steps = await whisper.begin(await whisper.encode(samples));
  let logits = new Float32Array();
  for (const token of text) logits = (await steps.step([token])).slice(-files.vocabularySize);
  return logits;
}

const furthest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? Number.NaN))), 0);

describe('a Whisper model', () => {
  const text = [257, 266, 70, 71, 300, 80];

  it('goes on with what it has computed as if it had computed all anew', async () => {
    const steps = await session.begin(sound);
    const atOnce = (await steps.step(text)).slice(-files.vocabularySize);
    expect(furthest(atOnce, await oneByOne(session, text))).toBeLessThan(1e-4);
  });

  it('writes the same as a pair of decoders and as a merged one', async () => {
    await using folder = await tinyWhisperCopy({ without: ['onnx/decoder_model_merged.onnx'] });
    const pairFiles = await readWhisperFiles(folder.path);
    expect(pairFiles.decoder.kind).toBe('pair');
    await using pair = createWhisperSession(pairFiles, run);
    expect(furthest(await oneByOne(pair, text), await oneByOne(session, text))).toBeLessThan(1e-4);
  });

  it('knows how much of a window the sound fills', async () => {
    expect(sound.heard).toBe(125);
    expect((await session.encode(new Float32Array(160))).heard).toBe(1);
    expect((await session.encode(new Float32Array(96_000))).heard).toBe(150);
  });

  it('writes under the rules: times in pairs, never earlier, within the sound', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const heard = await session.encode(whiteNoise(2.5, 0.2, seed));
      const { written } = await writeWindow(session, heard, options(), 0);
      const times = written.filter((token) => token >= tokens.firstTimestamp);
      expect(written[0]).toBe(times[0]);
      expect(times[0]).toBeLessThanOrEqual(tokens.firstTimestamp + 50);
      expect([...times].sort((a, b) => a - b)).toEqual(times);
      expect(Math.max(...times)).toBeLessThanOrEqual(tokens.firstTimestamp + 125);
      expect(written.some((token) => token >= tokens.endOfText && token < tokens.firstTimestamp)).toBe(false);
      // Between two words there is no time, or a pair of them.
      const kinds = written.map((token) => (token >= tokens.firstTimestamp ? 't' : 'w')).join('');
      expect(kinds).toMatch(/^t(?:w+tt)*(?:w+t?)?$/);
      expect(written.length).toBeLessThanOrEqual(files.maxTokens / 2);
    }
  });

  it('ends before the next token when it is told to', async () => {
    let asked = 0;
    const throwIfCancelled = () => {
      if (++asked === 4) throw new Error('enough');
    };
    await expect(writeWindow(session, sound, options({ throwIfCancelled }), 0)).rejects.toThrow('enough');
    expect(asked).toBe(4);
  });

  it('is told the language where it knows several, or finds one out', async () => {
    await using folder = await tinyWhisperCopy({ generation: { is_multilingual: true } });
    const multilingual = await readWhisperFiles(folder.path);
    const known = await readWhisperTokens(multilingual);
    expect([...(known.multilingual?.languages.keys() ?? [])]).toEqual(['en', 'de']);
    const starts: (readonly number[])[] = [];
    const watched: WhisperSession = {
      ...session,
      encode: session.encode,
      async begin(heard) {
        const steps = await session.begin(heard);
        let isFirst = true;
        return {
          step(given) {
            if (isFirst) starts.push(given);
            isFirst = false;
            return steps.step(given);
          },
        };
      },
    };
    await writeWindow(watched, sound, options({ tokens: known, language: 'de' }), 0);
    expect(starts).toEqual([[257, 259, 261]]);
    starts.length = 0;
    await writeWindow(watched, sound, options({ tokens: known }), 0);
    expect(starts[0]).toEqual([257]);
    expect([258, 259]).toContain(starts[1]?.[1]);
  });
});

describe('the vocabulary', () => {
  it('says what tokens say, and nothing for special ones', () => {
    const said = [...new TextEncoder().encode(' Pumpe läuft')];
    expect(tokens.decode([267, ...said, 300, 256])).toBe(' Pumpe läuft');
  });

  it('leaves out signs and special tokens', () => {
    const signs = [...new TextEncoder().encode('#(*<')];
    expect(tokens.suppressed).toEqual(expect.arrayContaining([...signs, 257, 258, 264, 265]));
    expect(tokens.suppressed).not.toContain(tokens.endOfText);
    expect(tokens.suppressed).not.toContain('a'.charCodeAt(0));
  });
});
