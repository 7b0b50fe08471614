import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testMediaDecoder } from '../../platform/media/testing/make-media.ts';
import { sampleRate } from '../../platform/ports/transcriber.ts';
import { encodeWav } from '../../platform/speech/encode-wav.ts';
import { joined } from '../../platform/speech/testing/sounds.ts';
import { createHashEncoder } from '../../platform/testing/hash-encoder.ts';
import { createIngestBench, type IngestBench } from './testing/ingest-bench.ts';
import { ingest, passages, search, upload } from './testing/operations.ts';
import { createPitchEncoder, createPitchListener, play } from './testing/pitch-listener.ts';

const transcriber = createPitchListener();
const soundEncoder = createPitchEncoder();
let texts: string[] = [];
let bench: IngestBench;
beforeAll(async () => {
  const encoder = createHashEncoder();
  bench = await createIngestBench({
    ...{ transcriber, soundEncoder, media: await testMediaDecoder() },
    encoder: {
      ...encoder,
      encode(batch, purpose, signal) {
        if (purpose === 'passage') texts.push(...batch);
        return encoder.encode(batch, purpose, signal);
      },
    },
  });
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Two minutes: what says each pitch, with a pause of four seconds behind it. No two sound alike. */
async function put(pitches: readonly number[]) {
  texts = [];
  const heard = transcriber.heardSeconds;
  const encoded = soundEncoder.encoded;
  const sound = joined(...pitches.map((hertz, index) => joined(play(hertz, 3 + index / 20), play(0, 4))));
  const job = await ingest(bench, {
    uploadId: await upload(bench, 'round.wav', encodeWav(sound, sampleRate)),
    source: 'round',
    attributes: { title: 'The round' },
  });
  return {
    job,
    texts,
    heardSeconds: transcriber.heardSeconds - heard,
    windows: soundEncoder.encoded - encoded,
  };
}

describe('a new version of a recording', { timeout: 60_000 }, () => {
  const pitches = Array.from({ length: 17 }, (_, index): number => (index === 8 ? 500 : 300));

  it('is heard and encoded where it has changed, and nowhere else', async () => {
    const first = await put(pitches);
    expect(first.job).toMatchObject({ state: 'SUCCEEDED' });
    expect(first.heardSeconds).toBeGreaterThan(90);
    expect(first.windows).toBeGreaterThan(15);
    const [hit] = await search(bench, 'oil the chain');
    const found = await passages(bench, first.job.document.id);
    expect(found.find(({ id }) => id === hit?.chunkId)?.text).toBe('Oil the chain after every third shift.');

    const same = await put(pitches);
    expect([same.heardSeconds, same.windows, same.texts]).toEqual([0, 0, []]);

    const changed = await put(pitches.with(12, 700));
    expect(changed.job).toMatchObject({ state: 'SUCCEEDED' });
    expect(changed.heardSeconds).toBeGreaterThan(0);
    expect(changed.heardSeconds).toBeLessThanOrEqual(60);
    expect(changed.windows).toBeGreaterThan(0);
    expect(changed.windows).toBeLessThanOrEqual(6);
    expect(changed.texts).toEqual(['The round\nThe flange of the second tank is leaking.']);
  });
});
