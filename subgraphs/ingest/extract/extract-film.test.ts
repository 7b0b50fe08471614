import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  makeMedia,
  type Scene,
  scenes,
  testMediaDecoder,
} from '../../../platform/media/testing/make-media.ts';
import { createSharpPictureDecoder } from '../../../platform/pictures/sharp-picture-decoder.ts';
import { unifiedDimension } from '../../../platform/ports/encoder.ts';
import type { SoundEncoder } from '../../../platform/ports/sound-encoder.ts';
import type { TextReader } from '../../../platform/ports/text-reader.ts';
import { sampleRate, type Transcriber } from '../../../platform/ports/transcriber.ts';
import { createColourEncoder } from '../../../platform/testing/colour-encoder.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { finish, ingest, upload } from '../testing/operations.ts';

/** Writes down where there is sound, as one sentence from its beginning to its end. */
const transcriber: Transcriber = {
  description: { model: 'hum', fingerprint: 'aaaa000000000001', executionProvider: 'cpu' },
  async transcribe(samples) {
    const isLoud = (value: number) => Math.abs(value) > 0.01;
    const first = samples.findIndex(isLoud);
    if (first < 0) return [];
    const last = samples.findLastIndex(isLoud);
    const toMs = (sample: number) => Math.round((sample * 1000) / sampleRate);
    return [{ startMs: toMs(first), endMs: toMs(last), text: 'The pump hums at start.' }];
  },
  async [Symbol.asyncDispose]() {},
};

/** Everything sounds alike to it. */
const soundEncoder: SoundEncoder = {
  description: {
    ...{ model: 'one', fingerprint: 'bbbb000000000001', dimension: unifiedDimension },
    ...{ maxTokens: 0, executionProvider: 'cpu' },
  },
  async encode(windows) {
    return windows.map(() =>
      Float32Array.from({ length: unifiedDimension }, (_, index) => (index === 0 ? 1 : 0)),
    );
  },
  async [Symbol.asyncDispose]() {},
};

/** Reads a line in blue pictures. */
const textReader: TextReader = {
  description: { model: 'blue', fingerprint: 'cccc000000000001', executionProvider: 'cpu' },
  async read({ data }) {
    const isBlue = (data[2] ?? 0) > 150 && (data[0] ?? 0) < 100;
    const box = { left: 0, top: 0, width: 1, height: 1 };
    return isBlue ? [{ text: 'VALVE XV-4711', box, confidence: 0.9 }] : [];
  },
  async [Symbol.asyncDispose]() {},
};

let encoded = 0;
const visualEncoder = createColourEncoder({ onPictures: (count) => (encoded += count) });
const pictures = createSharpPictureDecoder();

let bench: IngestBench;
beforeAll(async () => {
  const media = await testMediaDecoder();
  bench = await createIngestBench({ media, pictures, visualEncoder, soundEncoder, transcriber, textReader });
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await pictures[Symbol.asyncDispose]();
});

const story: readonly Scene[] = [
  { colour: 'red', seconds: 3 },
  { colour: 'blue', seconds: 4 },
  { colour: 'green', seconds: 2 },
];
/** Two seconds of a hum that begins after four. */
const hum = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=2,adelay=4000:all=1'];

/** A film of scenes with a sound track. */
function film(name: string, list: readonly Scene[], codecs: readonly string[], more: readonly string[] = []) {
  const picture = scenes(list, '160x90', 5);
  const inputs = picture.slice(0, list.length * 4);
  return makeMedia(name, [
    ...[...inputs, ...hum, ...picture.slice(inputs.length), '-map', `${list.length}:a`],
    ...[...codecs, ...more],
  ]);
}
const mp4 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];

interface SeenChunk {
  readonly id: string;
  readonly modality: string;
  readonly text: string | null;
  readonly locator: { readonly startMs: number; readonly endMs: number };
}
interface SeenFilm {
  readonly title: string;
  readonly modality: string;
  readonly mediaType: string;
  readonly state: string;
  readonly gaps: readonly { readonly code: string; readonly message: string }[];
  readonly chunks: { readonly nodes: readonly SeenChunk[] };
}

async function look(id: string, at = bench): Promise<SeenFilm> {
  const { document } = await at.run<{ document: SeenFilm }>(
    `query ($id: ID!) { document(id: $id) { title modality mediaType state gaps { code message }
       chunks(first: 100) { nodes { id modality text locator { ... on TimeSpan { startMs endMs } } } } } }`,
    { id },
  );
  return document;
}

async function put(fileName: string, bytes: Uint8Array, at = bench) {
  return ingest(at, { uploadId: await upload(at, fileName, bytes) });
}

describe('films, from upload to what is stored', () => {
  for (const [name, mediaType, codecs] of [
    ['walk.mp4', 'video/mp4', mp4],
    ['walk.mov', 'video/quicktime', ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-c:a', 'pcm_s16le']],
    [
      'walk.mkv',
      'video/x-matroska',
      ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'flac'],
    ],
    ['walk.webm', 'video/webm', ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libvorbis']],
    [
      'walk9.webm',
      'video/webm',
      ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus'],
    ],
  ] as const) {
    it(`reads ${name} of ${codecs[1]}: shots, words and sounds on one timeline`, async () => {
      const bytes = await film(name, story, codecs, ['-metadata', 'title=Walk round P-101']);
      const job = await put(name, bytes);
      expect(job.error).toBeNull();
      const seen = await look(job.document.id);
      expect(seen).toMatchObject({
        title: 'Walk round P-101',
        modality: 'VIDEO',
        mediaType,
        state: 'SEARCHABLE',
        gaps: [],
      });
      const nodes = seen.chunks.nodes;
      expect(new Set(nodes.map(({ modality }) => modality))).toEqual(new Set(['VIDEO']));

      const rows = await bench.database.forWorker(async (client) => {
        const result = await client.query(
          `select id, family, text, view_of, preview_key is not null as shown, locator,
                  coalesce(encoded_by, array[fingerprint]) as encoders
           from chunks where tenant = 'acme' and document_id = (select document_id from chunks where id = any($1) limit 1)
           order by ordinal`,
          [nodes.map(({ id }) => id)],
        );
        return result.rows as {
          family: string;
          text: string | null;
          view_of: string | null;
          shown: boolean;
          locator: { startMs: number; endMs: number };
          encoders: string[];
        }[];
      });
      const near = (ms: number) => Math.round(ms / 100) / 10;
      const seconds = ({ locator }: { locator: { startMs: number; endMs: number } }) => [
        near(locator.startMs),
        near(locator.endMs),
      ];
      const seenPictures = rows.filter(({ family }) => family === 'image');
      expect(seenPictures.map(seconds)).toEqual([
        [0, 3],
        [3, 7],
        [7, 9],
        [0, 9],
      ]);
      expect(
        seenPictures.every(
          ({ shown, encoders }) => shown && encoders[0] === visualEncoder.description.fingerprint,
        ),
      ).toBe(true);
      expect(seenPictures.map(({ text }) => text)).toEqual([null, 'VALVE XV-4711', null, null]);
      const said = rows.filter(
        ({ family, view_of, text }) => family === 'text' && view_of === null && text !== null,
      );
      expect(said).toHaveLength(1);
      expect(said[0]?.text).toBe('The pump hums at start.');
      expect(Math.abs((said[0]?.locator.startMs ?? 0) - 4000)).toBeLessThan(150);
      expect(Math.abs((said[0]?.locator.endMs ?? 0) - 6000)).toBeLessThan(150);
      const sounds = rows.filter(({ family }) => family === 'audio');
      expect(sounds.length).toBeGreaterThan(0);
      expect(sounds.every(({ encoders }) => encoders[0] === soundEncoder.description.fingerprint)).toBe(true);

      // By what it shows, the shot is found before the whole, and before other shots.
      const [vector = new Float32Array()] = await visualEncoder.encodeTexts(['something blue']);
      const found = await bench.vectors.searchDense({
        collection: { family: 'image', fingerprint: visualEncoder.description.fingerprint },
        ...{ tenant: 'acme', filter: null, limit: 100, vector },
      });
      const mine = found.filter(({ chunkId }) => nodes.some(({ id }) => id === chunkId));
      const spans = mine
        .map(({ chunkId }) => nodes.find(({ id }) => id === chunkId)?.locator)
        .map((locator) => locator && seconds({ locator }));
      expect(spans.slice(0, 2)).toEqual([
        [3, 7],
        [0, 9],
      ]);
    });
  }

  it('reads a film without sound, and says nothing of speech that is missing', async () => {
    const bytes = await makeMedia('a.mp4', [...scenes(story.slice(0, 2), '160x90', 5), ...mp4.slice(0, 6)]);
    const job = await put('silent.mp4', bytes);
    const seen = await look(job.document.id);
    expect(seen).toMatchObject({ title: 'silent.mp4', state: 'SEARCHABLE', gaps: [] });
    const spans = new Map(seen.chunks.nodes.map(({ locator }) => [JSON.stringify(locator), locator]));
    expect([...spans.values()]).toEqual([
      { startMs: 0, endMs: 3000 },
      { startMs: 3000, endMs: 7000 },
      { startMs: 0, endMs: 7000 },
    ]);
  });

  it('gives a long film the mean of all its shots, of those too that were stored long before', async () => {
    const bytes = await makeMedia('a.mp4', [
      ...['-f', 'lavfi', '-i', 'testsrc=s=336x336:r=1:d=130', ...mp4.slice(0, 6)],
    ]);
    const job = await put('long.mp4', bytes);
    const rows = await bench.database.forWorker(async (client) => {
      const result = await client.query<{ id: string; locator: { startMs: number; endMs: number } }>(
        `select id, locator from chunks where tenant = 'acme' and family = 'image' and document_id =
           (select document_id from jobs where id = $1) order by ordinal`,
        [job.id],
      );
      return result.rows;
    });
    const { fingerprint } = visualEncoder.description;
    const ids = rows.map(({ id }) => id);
    const vectors = await bench.vectors.vectors({ family: 'image', fingerprint }, 'acme', ids);
    const sum = new Float32Array(unifiedDimension);
    for (const { id, locator } of rows.slice(0, -1)) {
      const seconds = (locator.endMs - locator.startMs) / 1000;
      for (const [index, value] of (vectors.get(id) ?? []).entries())
        sum[index] = (sum[index] ?? 0) + seconds * value;
    }
    const norm = Math.hypot(...sum);
    const whole = vectors.get(rows.at(-1)?.id ?? '') ?? new Float32Array();
    const product = whole.reduce((total, value, index) => total + (value * (sum[index] ?? 0)) / norm, 0);
    expect(rows.at(-1)?.locator).toMatchObject({ startMs: 0, endMs: 130_000 });
    expect(rows.length).toBeGreaterThan(4);
    expect(product).toBeCloseTo(1, 4);
  });

  it('takes the file of a film with sound alone for a recording', async () => {
    const job = await put('talk.mp4', await makeMedia('talk.mp4', [...hum, '-c:a', 'aac']));
    const seen = await look(job.document.id);
    expect(seen.modality).toBe('AUDIO');
    expect(seen.chunks.nodes.some(({ text }) => text === 'The pump hums at start.')).toBe(true);
  });
});

describe('a film that comes again', () => {
  it('encodes the frames of the shot that has changed, and no others', async () => {
    const codecs = ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-c:a', 'pcm_s16le'];
    const job = await put('a.mov', await film('a.mov', story, codecs));
    const before = encoded;
    const changed = story.map((scene) => (scene.colour === 'blue' ? { ...scene, colour: 'yellow' } : scene));
    const { updateDocument } = await bench.run<{ updateDocument: { id: string } }>(
      'mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { ... on IngestJob { id } } }',
      {
        input: {
          id: job.document.id,
          uploadId: await upload(bench, 'a.mov', await film('a.mov', changed, codecs)),
        },
      },
    );
    expect((await finish(bench, updateDocument.id)).state).toBe('SUCCEEDED');
    expect(before).toBeGreaterThan(0);
    // Nothing moves in it, so that one of its frames says it all.
    expect(encoded - before).toBe(1);
  });

  it('encodes every second of what moves, once', async () => {
    const before = encoded;
    const bytes = await makeMedia('a.mp4', [
      ...['-f', 'lavfi', '-i', 'testsrc=s=160x90:r=5:d=6', ...mp4.slice(0, 6)],
    ]);
    const job = await put('moving.mp4', bytes);
    expect(encoded - before).toBe(6);
    // The same film is the same document; of other bytes with the same frames nothing is encoded.
    const { updateDocument } = await bench.run<{ updateDocument: { id: string } }>(
      'mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { ... on IngestJob { id } } }',
      {
        input: {
          id: job.document.id,
          uploadId: await upload(
            bench,
            'moving.mkv',
            await makeMedia('a.mkv', ['-i', '{0}', '-c', 'copy'], [bytes]),
          ),
        },
      },
    );
    expect((await finish(bench, updateDocument.id)).state).toBe('SUCCEEDED');
    expect(encoded - before).toBe(6);
  });
});

describe('what is missing and what is broken', () => {
  it('stores a film without ffmpeg, to be found by its title', async () => {
    await using bare = await createIngestBench();
    const job = await put('walk.mp4', await film('walk.mp4', story, mp4), bare);
    const seen = await look(job.document.id, bare);
    expect(seen).toMatchObject({ title: 'walk.mp4', modality: 'VIDEO', state: 'PARTIAL' });
    expect(seen.gaps.map(({ code }) => code)).toEqual(['ENCODER_MISSING']);
    expect(seen.chunks.nodes).toHaveLength(1);
  });

  it('stores a film without encoders, and says what is missing', async () => {
    await using bare = await createIngestBench({ media: await testMediaDecoder() });
    const job = await put('walk.mp4', await film('walk.mp4', story, mp4), bare);
    const seen = await look(job.document.id, bare);
    expect(seen.state).toBe('PARTIAL');
    const said = seen.gaps.map(({ message }) => message).join(' ');
    for (const what of ['visual encoder', 'written in it', 'write it down', 'encoder of sound'])
      expect(said).toContain(what);
  });

  it('refuses a film that broke off before its index, and goes on working', async () => {
    const bytes = await film('a.mp4', story, mp4);
    const job = await put('a.mp4', bytes.subarray(0, bytes.length / 2));
    expect(job).toMatchObject({ state: 'FAILED', error: { code: 'BROKEN_MEDIA' } });
    expect((await put('b.mp4', bytes)).state).toBe('SUCCEEDED');
  });

  it('keeps what there is of a film that breaks off later, and says so', async () => {
    const bytes = await makeMedia('a.mp4', [
      ...[
        '-f',
        'lavfi',
        '-i',
        'testsrc=s=160x90:r=5:d=20',
        ...mp4.slice(0, 6),
        '-g',
        '5',
        '-movflags',
        '+faststart',
      ],
    ]);
    const job = await put('a.mp4', bytes.subarray(0, bytes.length * 0.6));
    const seen = await look(job.document.id);
    expect(seen.state).toBe('PARTIAL');
    expect(seen.gaps.map(({ code }) => code)).toEqual(['BREAKS_OFF']);
  });

  it('refuses a film with neither a picture nor sound', async () => {
    const bytes = await makeMedia('a.mp4', [...scenes(story.slice(0, 1), '160x90', 5), ...mp4.slice(0, 6)]);
    const job = await put('empty.mp4', withoutFrames(bytes));
    expect(job).toMatchObject({ state: 'FAILED', error: { code: 'BROKEN_MEDIA' } });
  });

  it('refuses a playlist that calls itself a film', async () => {
    const playlist = Buffer.from(
      '\0\0\0\x18ftypmp42\0\0\0\0mp42isom#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n',
      'latin1',
    );
    const job = await put('list.mp4', playlist);
    expect(job).toMatchObject({ state: 'FAILED', error: { code: 'BROKEN_MEDIA' } });
  });
});

/** The film with nothing in its track: all bytes of its samples are zero. */
function withoutFrames(film: Uint8Array): Uint8Array {
  const bytes = Buffer.from(film);
  const start = bytes.indexOf('mdat') + 4;
  bytes.fill(0, start, start - 8 + bytes.readUInt32BE(start - 8));
  return bytes;
}
