import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { DecodedPicture } from '../ports/picture-decoder.ts';
import { eventually } from '../testing/eventually.ts';
import { createSharpPictureDecoder } from './sharp-picture-decoder.ts';
import { hugePng } from './testing/huge-png.ts';

const decoder = createSharpPictureDecoder();
afterAll(() => decoder[Symbol.asyncDispose]());

const decode = (bytes: Uint8Array, maxSide = 768) => decoder.decode(bytes, { maxSide });
const refusal = (bytes: Uint8Array) =>
  decode(bytes).then(String, (error: { reason: string }) => error.reason);

/** The left half red, the right half blue, 60 × 40. */
const halves = () =>
  sharp({ create: { width: 60, height: 40, channels: 3, background: '#ff0000' } }).composite([
    {
      input: { create: { width: 30, height: 40, channels: 3, background: '#0000ff' } },
      left: 30,
      top: 0,
    },
  ]);

function pixelAt({ pixels: { width, data } }: DecodedPicture, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

/** Whether two colours are the same but for what compression loses. */
function close(one: readonly number[], other: readonly number[], by = 24): boolean {
  return one.every((value, index) => Math.abs(value - (other[index] ?? 0)) <= by);
}

const svg = (body: string, before = '') =>
  Buffer.from(
    `${before}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="60" height="40">${body}</svg>`,
  );
const redAndBlue =
  '<rect width="30" height="40" fill="#ff0000"/><rect x="30" width="30" height="40" fill="#0000ff"/>';

describe('formats', () => {
  it.each([
    ['JPEG', () => halves().jpeg({ quality: 95 }).toBuffer()],
    ['progressive JPEG', () => halves().jpeg({ quality: 95, progressive: true }).toBuffer()],
    ['PNG', () => halves().png().toBuffer()],
    ['PNG with a palette', () => halves().png({ palette: true }).toBuffer()],
    ['WebP', () => halves().webp({ quality: 95 }).toBuffer()],
    ['TIFF', () => halves().tiff({ compression: 'lzw' }).toBuffer()],
    ['GIF', () => halves().gif().toBuffer()],
    ['AVIF', () => halves().avif({ quality: 80 }).toBuffer()],
    ['PNG of 16 bits', () => halves().toColourspace('rgb16').png().toBuffer()],
    ['JPEG in CMYK', () => halves().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()],
    ['a wide gamut', () => halves().withIccProfile('p3').png().toBuffer()],
  ])('%s is decoded to RGB', async (name, make) => {
    const picture = await decode(await make());
    expect(picture).toMatchObject({ width: 60, height: 40, caption: null });
    expect(picture.pixels.data).toHaveLength(60 * 40 * 3);
    // Print knows no pure blue.
    const by = name.includes('CMYK') ? 120 : 24;
    expect(close(pixelAt(picture, 10, 20), [255, 0, 0], by)).toBe(true);
    expect(close(pixelAt(picture, 50, 20), [0, 0, 255], by)).toBe(true);
  });

  it('grey of 8 and 16 bits has three equal values', async () => {
    const grey = halves().greyscale();
    for (const bytes of [
      await grey.clone().toColourspace('b-w').png().toBuffer(),
      await grey.clone().toColourspace('grey16').png().toBuffer(),
    ]) {
      const [red, green, blue] = pixelAt(await decode(bytes), 10, 20);
      expect([green, blue]).toEqual([red, red]);
      expect(red).toBeGreaterThan(30);
      expect(red).toBeLessThan(230);
    }
  });

  it('SVG is drawn in as many pixels as are asked for', async () => {
    const picture = await decode(svg(redAndBlue), 300);
    expect(picture).toMatchObject({ width: 60, height: 40, pixels: { width: 300, height: 200 } });
    expect(pixelAt(picture, 100, 100)).toEqual([255, 0, 0]);
    expect(pixelAt(picture, 200, 100)).toEqual([0, 0, 255]);
  });

  it('of a moving GIF the first frame is taken', async () => {
    const frame = (background: string) =>
      sharp({ create: { width: 8, height: 8, channels: 3, background } })
        .png()
        .toBuffer();
    const moving = await sharp([await frame('#00ff00'), await frame('#ff0000'), await frame('#0000ff')], {
      join: { animated: true },
    })
      .gif({ delay: [100, 100, 100] })
      .toBuffer();
    expect((await sharp(moving).metadata()).pages).toBe(3);
    const picture = await decode(moving);
    expect(picture).toMatchObject({ width: 8, height: 8, pages: 1 });
    expect(pixelAt(picture, 4, 4)).toEqual([0, 255, 0]);
  });

  it('is turned upright by its EXIF orientation', async () => {
    const turned = await decode(
      await halves().withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer(),
    );
    expect(turned).toMatchObject({ width: 40, height: 60, pixels: { width: 40, height: 60 } });
    expect(close(pixelAt(turned, 20, 10), [255, 0, 0])).toBe(true);
    expect(close(pixelAt(turned, 20, 50), [0, 0, 255])).toBe(true);
  });

  it('stands on white where it is transparent', async () => {
    const clear = await sharp({
      create: { width: 4, height: 4, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    expect(pixelAt(await decode(clear), 1, 1)).toEqual([255, 255, 255]);
    expect(pixelAt(await decode(svg('')), 1, 1)).toEqual([255, 255, 255]);
  });

  it('is made smaller, never larger, and the size of the original is said', async () => {
    const bytes = await halves().png().toBuffer();
    expect(await decode(bytes, 30)).toMatchObject({
      width: 60,
      height: 40,
      pixels: { width: 30, height: 20 },
    });
    expect(await decode(bytes, 600)).toMatchObject({ pixels: { width: 60, height: 40 } });
  });

  it('gives the edges of what looks like a drawing, or of anything when asked', async () => {
    const drawing = svg('<path d="M5 5 H55 V35 H5 Z" fill="none" stroke="black"/>');
    const { pixels } = await decode(drawing, 300);
    expect(await decoder.edges(pixels, { always: false })).toMatchObject({ width: 300, height: 200 });
    const other = (await decode(await noise().png().toBuffer())).pixels;
    expect(await decoder.edges(other, { always: false })).toBeNull();
    expect(await decoder.edges(other, { always: true })).toMatchObject({ width: 200, height: 200 });
  });

  it('gives a small WebP for showing', async () => {
    const { pixels } = await decode(svg(redAndBlue), 400);
    const { mediaType, bytes } = await decoder.preview(pixels, { maxSide: 100 });
    expect(mediaType).toBe('image/webp');
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 100, height: 67 });
  });
});

describe('captions', () => {
  it('are read from EXIF, XMP, PNG and SVG', async () => {
    const exif = await halves()
      .withExif({ IFD0: { ImageDescription: 'Pump P-101, seen from above' } })
      .jpeg()
      .toBuffer();
    expect((await decode(exif)).caption).toBe('Pump P-101, seen from above');
    const xmp = await halves()
      .withXmp(
        `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
         <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/">
         <dc:description><rdf:Alt><rdf:li xml:lang="de">Die Pumpe</rdf:li><rdf:li xml:lang="x-default">The pump &amp; its motor</rdf:li></rdf:Alt></dc:description>
         <Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">A red half and a blue half</rdf:li></rdf:Alt></Iptc4xmpCore:AltTextAccessibility>
         </rdf:Description></rdf:RDF></x:xmpmeta>`,
      )
      .webp()
      .toBuffer();
    expect((await decode(xmp)).caption).toBe('A red half and a blue half\nThe pump & its motor');
    const drawing = svg(`<title>Cooling circuit</title><desc>Valve V-7 stands
      before the pump</desc>${redAndBlue}`);
    expect(await decode(drawing)).toMatchObject({
      title: 'Cooling circuit',
      caption: 'Cooling circuit\nValve V-7 stands before the pump',
    });
  });

  it('are not what an SVG draws as text, which is given beside them', async () => {
    const drawing = svg('<g><text>P-101</text><text>NPSH <tspan>3.2 m</tspan></text></g>');
    expect(await decode(drawing)).toMatchObject({ caption: null, lines: ['P-101', 'NPSH 3.2 m'] });
  });

  it('are not what cameras write by themselves', async () => {
    const bytes = await halves()
      .withExif({ IFD0: { ImageDescription: 'OLYMPUS DIGITAL CAMERA         ' } })
      .jpeg()
      .toBuffer();
    expect((await decode(bytes)).caption).toBeNull();
  });
});

describe('what is refused', () => {
  it('a PNG of ten gigapixels, without decoding it', async () => {
    const bytes = hugePng(100_000);
    expect(bytes.length).toBeLessThan(2_000_000);
    expect(await refusal(bytes)).toBe('TOO_MANY_PIXELS');
    // It is refused for its size and for nothing else.
    const whole = await decode(hugePng(1000));
    expect(whole).toMatchObject({ width: 1000, height: 1000 });
    expect(pixelAt(whole, 500, 500)).toEqual([0, 0, 0]);
  });

  it('a TIFF of 49 megapixels', async () => {
    const bytes = await sharp({ create: { width: 7000, height: 7000, channels: 3, background: '#ffffff' } })
      .toColourspace('b-w')
      .tiff({ compression: 'deflate' })
      .toBuffer();
    expect(await refusal(bytes)).toBe('TOO_MANY_PIXELS');
  });

  it('an SVG that says it is huge', async () => {
    const bytes = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="90000" height="90000"/>');
    expect(await refusal(bytes)).toBe('TOO_MANY_PIXELS');
  });

  it.each([
    ['a truncated JPEG', async () => half(await noise().jpeg().toBuffer())],
    ['a truncated PNG', async () => half(await noise().png().toBuffer())],
    ['a truncated WebP', async () => half(await noise().webp().toBuffer())],
    ['a truncated TIFF', async () => half(await noise().tiff().toBuffer())],
    ['a truncated AVIF', async () => half(await noise().avif().toBuffer())],
    ['a truncated SVG', async () => half(svg(redAndBlue))],
    ['a JPEG that is HTML', async () => Buffer.from('<!doctype html><title>Not a picture</title><p>Really.')],
    ['nothing', async () => new Uint8Array(0)],
    ['a PDF', async () => Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n')],
  ])('%s', async (_, make) => {
    expect(await refusal(await make())).toBe('BROKEN_PICTURE');
    expect((await decode(svg(redAndBlue))).width).toBe(60);
  });

  it('a picture that takes too long, and goes on with the next', async () => {
    await using quick = createSharpPictureDecoder({ timeoutMs: 20_000, processes: 1 });
    await quick.decode(svg(redAndBlue), { maxSide: 60 });
    const [first] = quick.pids();
    const slow = svg(heavyFilters());
    await using hurried = createSharpPictureDecoder({ timeoutMs: 1, processes: 1 });
    // The first one of a process has the time for starting beside its own.
    await hurried.decode(svg(redAndBlue), { maxSide: 60 });
    const [before] = hurried.pids();
    await expect(hurried.decode(slow, { maxSide: 4000 })).rejects.toMatchObject({
      code: 'REJECTED_INPUT',
      reason: 'TOO_SLOW',
    });
    expect(hurried.pids()).not.toContain(before);
    expect(quick.pids()).toEqual([first]);
  });

  it('a picture that takes too much memory, and goes on with the next', async () => {
    await using small = createSharpPictureDecoder({ maxMemoryBytes: 280 * 1024 * 1024, processes: 1 });
    expect(await small.decode(svg(redAndBlue), { maxSide: 60 })).toMatchObject({ width: 60 });
    const rows = await sharp({ create: { width: 6300, height: 6300, channels: 4, background: '#8899aabb' } })
      .png({ compressionLevel: 9 })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const outcome = await small.decode(rows, { maxSide: 6300 }).then(
      () => 'decoded',
      (error: { reason: string }) => error.reason,
    );
    expect(outcome).toBe('TOO_MANY_PIXELS');
    expect(await small.decode(svg(redAndBlue), { maxSide: 60 })).toMatchObject({ width: 60 });
  });
});

describe('its processes', () => {
  it('are replaced when they die, and the picture is decoded all the same', async () => {
    await using own = createSharpPictureDecoder({ processes: 1 });
    await own.decode(svg(redAndBlue), { maxSide: 60 });
    const [pid] = own.pids();
    process.kill(pid ?? 0, 'SIGKILL');
    expect(await own.decode(svg(redAndBlue), { maxSide: 60 })).toMatchObject({ width: 60 });
    expect(own.pids()).not.toContain(pid);
  });

  it('end when nobody asks any more, and when the decoder is closed', async () => {
    const own = createSharpPictureDecoder({ processes: 2, idleMs: 10 });
    await Promise.all([1, 2, 3].map(() => own.decode(svg(redAndBlue), { maxSide: 60 })));
    await eventually(async () => own.pids().length === 0);
    await own.decode(svg(redAndBlue), { maxSide: 60 });
    await own[Symbol.asyncDispose]();
    expect(own.pids()).toEqual([]);
    await expect(own.decode(svg(''), { maxSide: 60 })).rejects.toThrow('closed');
  });

  it('are let go of by whoever gives up', async () => {
    const reason = new Error('enough');
    await expect(decoder.decode(svg(''), { maxSide: 60 }, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await decode(svg(redAndBlue))).toMatchObject({ width: 60 });
  });
});

const half = (bytes: Uint8Array) => bytes.subarray(0, Math.floor(bytes.length / 2));

function noise() {
  const side = 200;
  const data = Uint8Array.from(
    { length: side * side * 3 },
    (_, index) => (index * 7919 + (index >> 3) * 31) % 256,
  );
  return sharp(data, { raw: { width: side, height: side, channels: 3 } });
}

/** A small file that takes long to draw. */
function heavyFilters(): string {
  const turbulence = '<feTurbulence type="turbulence" baseFrequency="0.01" numOctaves="40"/>';
  return `<filter id="f" x="0" y="0" width="1" height="1">${turbulence}</filter><rect width="60" height="40" filter="url(#f)"/>`;
}
