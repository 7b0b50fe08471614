import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFilesystemBlobStore } from '../../platform/blobs/filesystem-blob-store.ts';
import { rejected } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { createSharpPictureDecoder } from '../../platform/pictures/sharp-picture-decoder.ts';
import type { BlobStore } from '../../platform/ports/blob-store.ts';
import type { MediaDecoder } from '../../platform/ports/media-decoder.ts';
import type { PictureDecoder } from '../../platform/ports/picture-decoder.ts';
import { sampleRate } from '../../platform/ports/transcriber.ts';
import { paint } from '../../platform/testing/colour-encoder.ts';
import { temporaryDirectory } from '../../platform/testing/temporary-directory.ts';
import type { SearchInput } from './schema.generated.ts';
import { chunkId, found, type Library, openLibrary, type SearchOptions } from './testing/library.ts';
import { play } from './testing/pitch-encoder.ts';

let library: Library;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let blobs: BlobStore;
let pictures: PictureDecoder;
let decoded = 0;
/** The longest stretch of sound that was asked for, in seconds. */
let asked = 0;

/** Reads bare samples: four bytes each, and `VOID` for a film without sound. */
const media: MediaDecoder = {
  description: { program: 'bare samples' },
  async open(bytes) {
    const tag = Buffer.from(bytes.subarray(0, 4)).toString();
    if (tag === 'text') throw rejected('BROKEN_MEDIA', 'It is no sound.');
    const samples = new Float32Array(Uint8Array.from(bytes).buffer);
    return {
      probe: {
        ...{ durationMs: (1000 * samples.length) / sampleRate, hasSound: tag !== 'VOID' },
        ...{ film: null, title: null, author: null },
      },
      async *sound({ seconds }) {
        asked = Math.max(asked, seconds);
        const step = seconds * sampleRate;
        for (let at = 0; at < samples.length; at += step) yield samples.subarray(at, at + step);
      },
      async *frames() {},
      async [Symbol.asyncDispose]() {},
    };
  },
};

beforeAll(async () => {
  library = await openLibrary({ maxCacheBytes: 1024 * 1024 });
  directory = await temporaryDirectory();
  blobs = await openFilesystemBlobStore({ directory: directory.path });
  pictures = createSharpPictureDecoder({ processes: 1 });
  await library.addPieces([
    ...(['red', 'green', 'blue', 'yellow'] as const).map((colour) => ({
      name: colour,
      pieces: [{ modality: 'IMAGE', picture: paint(colour, 'white', 0.8) } as const],
    })),
    { name: 'film', pieces: [{ modality: 'VIDEO', picture: paint('red') }] },
    ...[220, 440, 880].map((hertz) => ({
      name: `tone ${hertz}`,
      pieces: [{ modality: 'AUDIO', sound: play(hertz), text: 'a machine hums' } as const],
    })),
  ]);
});
afterAll(async () => {
  await pictures[Symbol.asyncDispose]();
  await blobs[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
  await library[Symbol.asyncDispose]();
});

async function* once(bytes: Uint8Array) {
  yield bytes;
}

interface UploadState {
  readonly state?: 'WAITING' | 'RECEIVED' | 'USED';
  readonly tenant?: string;
  readonly expiresInMs?: number;
  readonly byteSize?: number;
  /** Whether the client has put the bytes into the store by itself. */
  readonly direct?: boolean;
}

/** An upload as ingest leaves it. */
async function upload(bytes: Uint8Array, given: UploadState = {}): Promise<string> {
  const { tenant = 'acme', expiresInMs = 60_000, direct = false } = given;
  const { state = direct ? 'WAITING' : 'RECEIVED', byteSize = bytes.length } = given;
  const id = newId('upl');
  const key = `blobs/${id}`;
  await blobs.put(key, once(bytes), { maxBytes: bytes.length });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await library.database.forTenant(tenant, (client) =>
    client.query(
      `insert into uploads (tenant, id, file_name, token_sha256, expires_at, max_bytes, blob_key, byte_size, content_sha256,
                            direct_key, state)
       values ($1, $2, 'file', '', $3, 100000000, $4, $5, $6, $7, $8)`,
      [
        ...[tenant, id, new Date(Date.now() + expiresInMs)],
        ...(state === 'WAITING' ? [null, null, null] : [key, byteSize, sha256]),
        ...[direct ? key : null, state],
      ],
    ),
  );
  return id;
}

const png = async (pixels: ReturnType<typeof paint>): Promise<Uint8Array> => {
  const { bytes } = await pictures.preview(pixels, { maxSide: 64 });
  return bytes;
};
const pcm = (samples: Float32Array) => new Uint8Array(samples.buffer);

const counting = (): PictureDecoder => ({
  ...pictures,
  decode(...given) {
    decoded++;
    return pictures.decode(...given);
  },
});

const options = (): SearchOptions => ({
  with: { blobs: async () => blobs, pictures: async () => counting(), media: async () => media },
});
const search = (input: SearchInput, given: SearchOptions = {}) =>
  library.search(input, { ...options(), ...given });

describe('a search with a picture', () => {
  it('finds pictures and films that look like it, and says what was not searched', async () => {
    const imageUploadId = await upload(await png(paint('red')));
    const result = await search({ imageUploadId });
    expect(found(result).slice(0, 2).sort()).toEqual([chunkId('film', 0), chunkId('red', 0)].sort());
    expect(result.hits.edges[0]?.node.parts).toMatchObject({ dense: null, sparse: null });
    expect(result.hits.edges[0]?.node.parts.visual).toBeGreaterThan(0.9);
    expect(result.coverage.complete).toBe(true);
    const searched = result.coverage.sources.filter(({ status }) => status === 'SEARCHED');
    expect(searched.map(({ modality, space }) => `${modality} ${space}`)).toEqual([
      'IMAGE VISUAL',
      'VIDEO VISUAL',
    ]);
    expect(result.coverage.sources.find(({ modality }) => modality === 'AUDIO')?.reason).toContain(
      'A picture is compared with what is shown',
    );
  });

  it('uses up no upload, decodes the same bytes once, and goes on behind a page', async () => {
    const bytes = await png(paint('green', 'blue', 0.7));
    const [first, second] = [await upload(bytes), await upload(bytes)];
    decoded = 0;
    const page = await search({ imageUploadId: first, first: 1 });
    const again = await search({ imageUploadId: second, first: 1 });
    expect([page.cache, again.cache, decoded]).toEqual(['MISS', 'HIT', 1]);
    const next = await search({ imageUploadId: first, first: 1, after: page.hits.pageInfo.endCursor });
    expect([...found(page), ...found(next)]).toEqual([chunkId('green', 0), chunkId('blue', 0)]);
    const { rows } = await library.database.forTenant('acme', (client) =>
      client.query('select state from uploads where id = $1', [first]),
    );
    expect(rows).toEqual([{ state: 'RECEIVED' }]);
  });

  it('takes what a client has put into the store by itself', async () => {
    const imageUploadId = await upload(await png(paint('yellow')), { direct: true });
    expect(found(await search({ imageUploadId }))[0]).toBe(chunkId('yellow', 0));
  });

  it.each([
    ['is not there', 'UPLOAD_NOT_FOUND', async () => newId('upl')],
    ['is another’s', 'UPLOAD_NOT_FOUND', () => upload(pcm(play(1)), { tenant: 'rival' })],
    ['has not arrived', 'UPLOAD_INCOMPLETE', () => upload(pcm(play(1)), { state: 'WAITING' })],
    ['has become a document', 'UPLOAD_USED', () => upload(pcm(play(1)), { state: 'USED' })],
    ['has expired', 'UPLOAD_EXPIRED', () => upload(pcm(play(1)), { expiresInMs: -1 })],
    ['is too large', 'TOO_LARGE', () => upload(pcm(play(1)), { byteSize: 20_000_001 })],
    ['is no picture', 'NOT_A_PICTURE', () => upload(Buffer.from('text and nothing else'))],
  ])('refuses an upload that %s', async (_, reason, make) => {
    const imageUploadId = await make();
    await expect(search({ imageUploadId })).rejects.toMatchObject({
      code: 'REJECTED_INPUT',
      reason,
      field: 'imageUploadId',
    });
  });

  it('says what is missing where pictures cannot be compared here', async () => {
    const imageUploadId = await upload(await png(paint('red')));
    const without = { with: { ...options().with, visualEncoder: async () => null } };
    await expect(search({ imageUploadId }, without)).rejects.toMatchObject({
      code: 'UPSTREAM',
      publicMessage: expect.stringContaining('No visual encoder is loaded here'),
    });
  });
});

describe('a search with a sound', () => {
  it('finds what sounds like its first 30 seconds', async () => {
    const samples = new Float32Array(40 * sampleRate);
    for (let at = 0; at < 40; at++) samples.set(play(at < 30 ? 437 : 1760), at * sampleRate);
    const result = await search({ audioUploadId: await upload(pcm(samples)) });
    expect(found(result)[0]).toBe(chunkId('tone 440', 0));
    expect(asked).toBe(30);
    expect(result.hits.edges[0]?.node.parts.sound).toBeGreaterThan(0.9);
    expect(result.coverage.complete).toBe(true);
  });

  it.each([
    ['is no sound', () => upload(Buffer.from('text and nothing else'))],
    ['is a film without sound', () => upload(Buffer.from('VOID'))],
  ])('refuses an upload that %s', async (_, make) => {
    const audioUploadId = await make();
    await expect(search({ audioUploadId })).rejects.toMatchObject({
      reason: 'NOT_A_SOUND',
      field: 'audioUploadId',
    });
  });
});
