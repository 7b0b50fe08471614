import { beforeAll, describe, expect, it } from 'vitest';
import { makeMedia, testMediaDecoder } from '../../../platform/media/testing/make-media.ts';
import type { MediaDecoder } from '../../../platform/ports/media-decoder.ts';
import { sampleRate } from '../../../platform/ports/transcriber.ts';
import { encodeWav } from '../../../platform/speech/encode-wav.ts';
import { joined } from '../../../platform/speech/testing/sounds.ts';
import { collect } from '../../../platform/testing/collect.ts';
import type { Derivations } from '../derivations.ts';
import { extract, type Readers } from '../extract.ts';
import { inspect } from '../inspect.ts';
import { createPitchListener, play } from '../testing/pitch-listener.ts';
import { type Gap, isGap, type Piece } from '../types.ts';
import { PdfReader } from './pdf-reader.ts';

let media: MediaDecoder;
beforeAll(async () => {
  media = await testMediaDecoder();
});

const pdf = new PdfReader();
const signal = new AbortController().signal;
const fresh: Derivations = { reuse: (_key, _schema, make) => make() };

async function read(bytes: Uint8Array, readers: Partial<Readers> = {}) {
  const inspected = await inspect({ bytes, fileName: 'recording', mediaType: null }, pdf, signal);
  await using extracted = await extract(
    inspected,
    { pdf, derivations: fresh, media, transcriber: createPitchListener(), ...readers },
    signal,
  );
  const parts = await collect(extracted.parts);
  const pieces = parts.filter((part): part is Piece => !isGap(part) && 'modality' in part);
  const span = ({ locator }: Piece) => (locator.kind === 'TimeSpan' ? [locator.startMs, locator.endMs] : []);
  return {
    mediaType: inspected.mediaType,
    ...{ title: extracted.title, author: extracted.author },
    pieces,
    said: pieces.flatMap((piece) => (piece.text === null ? [] : [{ text: piece.text, span: span(piece) }])),
    windows: pieces.filter(({ sound }) => sound !== undefined).map((piece) => span(piece)),
    gaps: parts.filter((part): part is Gap => isGap(part)),
  };
}

/** "Close the main valve." from 1 to 3 s, and "Replace the filter on Monday." from 6 to 9 s. */
const spoken = joined(play(0, 1), play(300, 2), play(0, 3), play(900, 3), play(0, 1));

describe('a recording', () => {
  it.each([
    ['a.wav', 'audio/wav', []],
    ['a.mp3', 'audio/mpeg', ['-c:a', 'libmp3lame']],
    ['a.flac', 'audio/flac', []],
    ['a.ogg', 'audio/ogg', ['-c:a', 'libvorbis']],
    ['a.opus', 'audio/ogg', ['-c:a', 'libopus']],
    ['a.m4a', 'audio/mp4', ['-c:a', 'aac']],
  ])('as %s has what is said in it, where it is said', async (name, mediaType, codec) => {
    const tags = ['-metadata', 'title=The round', '-metadata', 'artist=A. Smith'];
    const bytes = await makeMedia(name, ['-i', '{0}', ...codec, ...tags], [encodeWav(spoken, sampleRate)]);
    const found = await read(bytes);
    expect(found.mediaType).toBe(mediaType);
    expect([found.title, found.author]).toEqual(['The round', 'A. Smith']);
    expect(found.said.map(({ text }) => text)).toEqual([
      'Close the main valve.',
      'Replace the filter on Monday.',
    ]);
    for (const [index, expected] of [1000, 3000, 6000, 9000].entries()) {
      const at = found.said.flatMap(({ span }) => span)[index] ?? Number.NaN;
      expect(Math.abs(at - expected)).toBeLessThanOrEqual(150);
    }
    expect(found.gaps).toEqual([]);
  });

  it('has windows of 5 seconds with 1 second of overlap, and none of silence', async () => {
    const sound = joined(play(300, 12), play(0, 12), play(900, 4));
    const found = await read(encodeWav(sound, sampleRate));
    expect(found.windows).toEqual([
      [0, 5000],
      [4000, 9000],
      [8000, 13_000],
      [20_000, 25_000],
      [24_000, 28_000],
    ]);
    for (const { sound: samples, searchable, text, digest } of found.pieces) {
      if (samples === undefined) continue;
      expect([searchable, text]).toEqual([false, null]);
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('of music has windows and no words, is found by its title, and says so', async () => {
    const found = await read(encodeWav(play(440, 8), sampleRate));
    expect(found.said).toEqual([]);
    expect(found.windows).toHaveLength(2);
    expect(found.pieces.at(-1)).toMatchObject({ text: null, locator: { startMs: 0, endMs: 8000 } });
    expect(found.pieces.at(-1)?.searchable).toBeUndefined();
    expect(found.gaps).toEqual([expect.objectContaining({ code: 'NO_SPEECH' })]);
  });

  it('of an hour of silence is stored to be found by its title, and nothing listens to it', async () => {
    const bytes = await makeMedia('silence.flac', [
      ...['-f', 'lavfi', '-i', 'anullsrc=r=16000:cl=mono', '-t', '3600'],
    ]);
    const transcriber = createPitchListener();
    const found = await read(bytes, { transcriber });
    expect(transcriber.heardSeconds).toBe(0);
    expect(found.pieces).toEqual([
      {
        ...{ modality: 'AUDIO', text: null, digest: null },
        locator: { kind: 'TimeSpan', startMs: 0, endMs: 3_600_000 },
      },
    ]);
    expect(found.gaps).toEqual([
      { code: 'NO_SPEECH', message: 'It is silent: nobody speaks in it.', locator: null },
    ]);
  });

  it('that lies about its length is read as far as it goes', async () => {
    for (const claimed of [0, 10, 0x7fff_ffff, 0xffff_ffff]) {
      const wav = encodeWav(spoken, sampleRate);
      new DataView(wav.buffer).setUint32(40, claimed, true);
      const outcome = await read(wav).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'REJECTED_INPUT' });
      else expect((outcome as Awaited<ReturnType<typeof read>>).pieces.length).toBeGreaterThan(0);
    }
    const wav = encodeWav(spoken, sampleRate);
    new DataView(wav.buffer).setUint32(40, 0x7fff_ffff, true);
    expect((await read(wav)).said).toHaveLength(2);
  });

  it.each([
    ['no channels', 22, 0, 2],
    ['no samples a second', 24, 0, 4],
    ['a codec that there is not', 20, 0x7777, 2],
  ])('whose header says %s is refused', async (_, offset, value, size) => {
    const wav = encodeWav(spoken, sampleRate);
    const view = new DataView(wav.buffer);
    if (size === 2) view.setUint16(offset, value, true);
    else view.setUint32(offset, value, true);
    await expect(read(wav)).rejects.toMatchObject({ code: 'REJECTED_INPUT' });
  });

  it('without any sound in it is refused', async () => {
    await expect(read(encodeWav(new Float32Array(0), sampleRate))).rejects.toMatchObject({
      code: 'REJECTED_INPUT',
    });
  });
});

describe('what is missing here', () => {
  it('is a gap where there is no transcriber: the sound is there all the same', async () => {
    const found = await read(encodeWav(spoken, sampleRate), { transcriber: null });
    expect(found.windows.length).toBeGreaterThan(0);
    expect(found.gaps).toEqual([expect.objectContaining({ code: 'ENCODER_MISSING', lacks: 'transcriber' })]);
  });

  it('is a gap where there is no ffmpeg: the recording is found by its title', async () => {
    const found = await read(encodeWav(spoken, sampleRate), { media: null });
    expect(found.pieces).toEqual([expect.objectContaining({ modality: 'AUDIO', text: null })]);
    expect(found.gaps).toEqual([
      expect.objectContaining({ code: 'ENCODER_MISSING', lacks: 'media-decoder' }),
    ]);
  });
});
