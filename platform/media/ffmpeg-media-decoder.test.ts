import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Frame, MediaDecoder, OpenMedia } from '../ports/media-decoder.ts';
import { collect } from '../testing/collect.ts';
import { eventually } from '../testing/eventually.ts';
import { makeMedia, scenes, testMediaDecoder } from './testing/make-media.ts';

const sine = (seconds: number, more = '') => [
  '-f',
  'lavfi',
  '-i',
  `sine=frequency=440:duration=${seconds}${more}`,
];
const redThenBlue = scenes([
  { colour: 'red', seconds: 2.5 },
  { colour: 'blue', seconds: 2.5 },
]);
const h264 = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'];

let decoder: MediaDecoder;
beforeAll(async () => {
  decoder = await testMediaDecoder();
});

/** The folders that this process has for files of media at present. */
const folders = async () =>
  (await readdir(tmpdir())).filter((name) => name.startsWith(`tributary-media-${process.pid}-`));

/** Red, green or blue: what the middle of a frame mostly is. */
function colourOf({ pixels: { width, height, data } }: Frame): string {
  const at = (Math.floor(height / 2) * width + Math.floor(width / 2)) * 3;
  const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
  return red > 200 ? 'red' : blue > 200 ? 'blue' : green > 100 ? 'green' : `${red},${green},${blue}`;
}

async function lengthOf(media: OpenMedia, seconds = 7): Promise<number> {
  const stretches = await collect(media.sound({ seconds }));
  return stretches.reduce((sum, { length }) => sum + length, 0);
}

describe('recordings', () => {
  for (const [name, codec] of [
    ['a.wav', 'pcm_s16le'],
    ['a.mp3', 'libmp3lame'],
    ['a.flac', 'flac'],
    ['a.ogg', 'libvorbis'],
    ['a.opus.ogg', 'libopus'],
    ['a.m4a', 'aac'],
  ] as const) {
    it(`decodes ${name} of ${codec} to 16 kHz, mono, with its title and artist`, async () => {
      const bytes = await makeMedia(name, [
        ...[...sine(3), '-ac', '2', '-c:a', codec],
        ...['-metadata', 'title=The hum: of P-101', '-metadata', 'artist=R. Vale'],
      ]);
      await using media = await decoder.open(bytes);
      expect(media.probe).toMatchObject({
        hasSound: true,
        film: null,
        title: 'The hum: of P-101',
        author: 'R. Vale',
      });
      expect(Math.abs((media.probe.durationMs ?? 0) - 3000)).toBeLessThan(100);
      const stretches = await collect(media.sound({ seconds: 2 }));
      expect(stretches[0]).toHaveLength(32_000);
      expect(Math.abs((await lengthOf(media)) - 48_000)).toBeLessThan(1600);
      expect(await collect(media.frames({ perSecond: 1, maxSide: 100 }))).toEqual([]);
      // A sine of 440 Hz crosses zero 880 times a second.
      const second = stretches[0]?.subarray(16_000, 32_000) ?? new Float32Array();
      const crossings = second.filter(
        (value, index) => value < 0 !== (second[index - 1] ?? value) < 0,
      ).length;
      expect(crossings).toBeGreaterThan(870);
      expect(crossings).toBeLessThan(890);
      expect(Math.max(...second)).toBeLessThanOrEqual(1);
      expect(Math.max(...second)).toBeGreaterThan(0.05);
    });
  }

  it('takes the cover of a recording for no film', async () => {
    const cover = await makeMedia('cover.png', [
      '-f',
      'lavfi',
      '-i',
      'color=c=red:s=64x64',
      '-frames:v',
      '1',
    ]);
    const bytes = await makeMedia(
      'a.mp3',
      [
        ...sine(1),
        '-i',
        '{0}',
        '-map',
        '0:a',
        '-map',
        '1:v',
        '-c:v',
        'copy',
        '-disposition:v',
        'attached_pic',
      ],
      [cover],
    );
    await using media = await decoder.open(bytes);
    expect(media.probe).toMatchObject({ hasSound: true, film: null });
  });
});

describe('films', () => {
  for (const [name, video, audio] of [
    ['a.mp4', 'libx264', 'aac'],
    ['a.mov', 'mjpeg', 'pcm_s16le'],
    ['a.mkv', 'libx264', 'flac'],
    ['a.webm', 'libvpx', 'libvorbis'],
    ['b.webm', 'libvpx-vp9', 'libopus'],
  ] as const) {
    it(`decodes ${name} of ${video} and ${audio}: one frame a second, and the sound`, async () => {
      const bytes = await makeMedia(name, [
        ...redThenBlue.slice(0, 8),
        ...sine(5),
        ...redThenBlue.slice(8),
        ...[
          '-map',
          '2:a',
          '-c:v',
          video,
          '-pix_fmt',
          video === 'mjpeg' ? 'yuvj420p' : 'yuv420p',
          '-c:a',
          audio,
        ],
        ...['-metadata', 'title=Walkthrough'],
      ]);
      await using media = await decoder.open(bytes);
      expect(media.probe).toMatchObject({
        hasSound: true,
        film: { width: 160, height: 120 },
        title: 'Walkthrough',
      });
      const frames = await collect(media.frames({ perSecond: 1, maxSide: 80 }));
      expect(frames.map(({ atMs }) => atMs)).toEqual([0, 1000, 2000, 3000, 4000]);
      expect(frames.map(colourOf)).toEqual(['red', 'red', 'red', 'blue', 'blue']);
      expect(frames[0]?.pixels).toMatchObject({ width: 80, height: 60 });
      expect(frames[0]?.pixels.data).toHaveLength(80 * 60 * 3);
      expect(Math.abs((await lengthOf(media)) - 80_000)).toBeLessThan(2000);
    });
  }

  it('gives a frame of a film that is shorter than a second, and never makes it larger', async () => {
    const bytes = await makeMedia('a.mp4', [...scenes([{ colour: 'blue', seconds: 0.3 }]), ...h264]);
    await using media = await decoder.open(bytes);
    const frames = await collect(media.frames({ perSecond: 1, maxSide: 1000 }));
    expect(frames.map(({ atMs, pixels }) => [atMs, pixels.width, pixels.height])).toEqual([[0, 160, 120]]);
  });

  it('gives silence before sound that begins later than the film', async () => {
    const film = await makeMedia('a.mp4', [...scenes([{ colour: 'red', seconds: 5 }]), ...h264]);
    const late = await makeMedia(
      'b.mkv',
      [
        ...['-i', '{0}', '-itsoffset', '2'],
        ...sine(2),
        ...['-map', '0:v', '-map', '1:a', '-c:v', 'copy', '-c:a', 'flac'],
      ],
      [film],
    );
    await using media = await decoder.open(late);
    const begins: number[] = [];
    for await (const stretch of media.sound({ seconds: 10 })) {
      begins.push(stretch.findIndex((value) => Math.abs(value) > 0.01) / 16_000);
    }
    expect(begins).toHaveLength(1);
    expect(begins[0]).toBeCloseTo(2, 1);
  });

  it('turns a film upright that lies on its side', async () => {
    const bytes = await makeMedia('a.mp4', [
      ...[
        '-f',
        'lavfi',
        '-i',
        'color=c=red:s=160x120:r=10:d=2,drawbox=x=0:y=0:w=80:h=120:color=blue:t=fill',
        ...h264,
      ],
    ]);
    await using media = await decoder.open(turned(bytes));
    expect(media.probe.film).toEqual({ width: 120, height: 160 });
    const [frame] = await collect(media.frames({ perSecond: 1, maxSide: 80 }));
    expect(frame?.pixels).toMatchObject({ width: 60, height: 80 });
    const { data = new Uint8Array() } = frame?.pixels ?? {};
    // What was left is at the top now.
    expect(data[2]).toBeGreaterThan(200);
    expect(data[data.length - 3]).toBeGreaterThan(200);
  });

  it('gives pixels that are not square their shape', async () => {
    const bytes = await makeMedia('a.mp4', [
      ...['-f', 'lavfi', '-i', 'color=c=red:s=180x144:r=5:d=1,setsar=64/45', ...h264],
    ]);
    await using media = await decoder.open(bytes);
    expect(media.probe.film).toEqual({ width: 256, height: 144 });
  });
});

describe('limits', () => {
  it('refuses what is no recording and no film', async () => {
    await expect(decoder.open(Buffer.from('no film, whatever its name says'))).rejects.toMatchObject({
      reason: 'BROKEN_MEDIA',
      code: 'REJECTED_INPUT',
    });
    expect(await folders()).toEqual([]);
  });

  it('refuses a playlist, so that a file can name no other', async () => {
    for (const text of [
      '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n',
      "ffconcat version 1.0\nfile '/etc/passwd'\n",
      '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" type="static"></MPD>',
    ]) {
      await expect(decoder.open(Buffer.from(text))).rejects.toMatchObject({ reason: 'BROKEN_MEDIA' });
    }
  });

  it('refuses a film that broke off before its index was written', async () => {
    const bytes = await makeMedia('a.mp4', [...redThenBlue, ...h264]);
    await expect(decoder.open(bytes.subarray(0, Math.floor(bytes.length / 2)))).rejects.toMatchObject({
      reason: 'BROKEN_MEDIA',
    });
  });

  it('gives what there is of a film that breaks off behind its index', async () => {
    const bytes = await makeMedia('a.mp4', [
      ...['-f', 'lavfi', '-i', 'testsrc=s=320x240:r=10:d=6', ...h264, '-g', '10', '-movflags', '+faststart'],
    ]);
    await using media = await decoder.open(bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    const frames = await collect(media.frames({ perSecond: 1, maxSide: 80 }));
    expect(frames.length).toBeGreaterThan(1);
    expect(frames.length).toBeLessThan(6);
    expect(media.probe.durationMs).toBe(6000);
  });

  it('believes the header of a recording no further than its bytes reach', async () => {
    const bytes = Buffer.from(await makeMedia('a.wav', sine(1)));
    const data = bytes.indexOf('data') + 4;
    for (const claimed of [0xffffffff, 0x7fffffff, 100 * 1024 * 1024]) {
      const lying = Buffer.from(bytes);
      lying.writeUInt32LE(claimed, data);
      lying.writeUInt32LE(claimed, 4);
      await using media = await decoder.open(lying);
      expect(Math.abs((await lengthOf(media)) - 16_000)).toBeLessThan(100);
    }
  });

  it('ends sound that a header stretches beyond what is taken', async () => {
    const bytes = Buffer.from(await makeMedia('a.wav', sine(2)));
    // One sample a second in the place of 44,100.
    bytes.writeUInt32LE(1, 24);
    bytes.writeUInt32LE(2, 28);
    const strict = await testMediaDecoder({ maxDurationMs: 60_000 });
    const hear = async () => {
      await using media = await strict.open(bytes);
      return await lengthOf(media);
    };
    await expect(hear()).rejects.toMatchObject({ code: 'REJECTED_INPUT' });
    expect(await folders()).toEqual([]);
  });

  it('refuses what is too long by its own word', async () => {
    const strict = await testMediaDecoder({ maxDurationMs: 2000 });
    await expect(strict.open(await makeMedia('a.flac', sine(3)))).rejects.toMatchObject({
      reason: 'TOO_LONG',
    });
  });

  it('refuses frames of more pixels than are taken, before it decodes one', async () => {
    const bytes = await makeMedia('a.mov', [
      ...['-f', 'lavfi', '-i', 'color=c=red:s=64x64:r=1:d=1', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'],
    ]);
    await expect(decoder.open(enlarged(bytes, 20_000))).rejects.toMatchObject({
      reason: 'TOO_MANY_PIXELS',
      publicMessage: expect.stringContaining('20000 × 20000'),
    });
    const strict = await testMediaDecoder({ maxPixels: 1000 });
    await expect(strict.open(bytes)).rejects.toMatchObject({ reason: 'TOO_MANY_PIXELS' });
  });

  it('waits while nobody asks for more, and ends when it is left', async () => {
    const bytes = await makeMedia('a.mp4', [...scenes([{ colour: 'red', seconds: 60 }]), ...h264]);
    const media = await decoder.open(bytes);
    for await (const frame of media.frames({ perSecond: 10, maxSide: 160 })) {
      expect(frame.atMs).toBe(0);
      break;
    }
    const left = media.frames({ perSecond: 10, maxSide: 160 });
    await left[Symbol.asyncIterator]().next();
    expect(await folders()).toHaveLength(1);
    await media[Symbol.asyncDispose]();
    expect(await folders()).toEqual([]);
  });

  it('ends with the reason of the signal', async () => {
    const bytes = await makeMedia('a.mp4', [...scenes([{ colour: 'red', seconds: 60 }]), ...h264]);
    await using media = await decoder.open(bytes);
    const stop = new AbortController();
    const reason = new Error('enough');
    const watch = async () => {
      for await (const { atMs } of media.frames({ perSecond: 10, maxSide: 160 }, stop.signal)) {
        if (atMs === 1000) stop.abort(reason);
      }
    };
    await expect(watch()).rejects.toBe(reason);
    await expect(decoder.open(bytes, AbortSignal.abort(reason))).rejects.toBe(reason);
    await eventually(async () => expect(await folders()).toHaveLength(1));
  });
});

/** The film with the sign that it lies on its side: a quarter turn in the matrix of its track's header. */
function turned(film: Uint8Array): Uint8Array {
  const bytes = Buffer.from(film);
  const matrix = bytes.indexOf('tkhd') + 4 + 40;
  for (const [index, value] of [0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30].entries()) {
    bytes.writeInt32BE(value, matrix + index * 4);
  }
  return bytes;
}

/** A film of JPEG frames that says another size, of all its frames and of each. */
function enlarged(film: Uint8Array, side: number): Uint8Array {
  const bytes = Buffer.from(film);
  const write = (at: number) => {
    bytes.writeUInt16BE(side, at);
    bytes.writeUInt16BE(side, at + 2);
  };
  write(bytes.indexOf('stsd') + 12 + 4 + 4 + 24);
  const startOfFrame = Buffer.from([0xff, 0xc0, 0x00, 0x11, 0x08]);
  for (let at = bytes.indexOf(startOfFrame); at >= 0; at = bytes.indexOf(startOfFrame, at + 1)) write(at + 5);
  return bytes;
}
