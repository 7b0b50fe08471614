import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Pixels } from '../ports/pixels.ts';
import { findEdges } from './find-edges.ts';
import { isTechnicalDrawing } from './is-technical-drawing.ts';

async function drawn(svg: string, jpegQuality?: number): Promise<Pixels> {
  const png = await sharp(Buffer.from(svg)).flatten({ background: '#ffffff' }).png().toBuffer();
  return decoded(
    jpegQuality === undefined ? png : await sharp(png).jpeg({ quality: jpegQuality }).toBuffer(),
  );
}

async function decoded(file: Buffer): Promise<Pixels> {
  const { data, info } = await sharp(file)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

const page = (body: string, background = '#ffffff') =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480" font-family="sans-serif"><rect width="640" height="480" fill="${background}"/>${body}</svg>`;

/** Two vessels, a pump and a valve on pipes. */
const piping = (line: string) => `<g fill="none" stroke="${line}" stroke-width="3">
  <rect x="60" y="80" width="110" height="200" rx="20"/><rect x="470" y="80" width="110" height="200"/>
  <circle cx="320" cy="380" r="36"/><path d="M320 344 L351 398 L289 398 Z"/>
  <path d="M115 280 V380 H284 M356 380 H525 V280"/><path d="M190 360 L230 400 V360 L190 400 Z"/></g>`;
describe('drawings', () => {
  it.each([
    ['a piping diagram', page(piping('#000000')), undefined],
    ['a piping diagram in a JPEG of low quality', page(piping('#000000')), 60],
    ['a blueprint', page(piping('#ffffff'), '#1b3f8b'), undefined],
    [
      'a diagram in colours',
      page(piping('#c02020') + piping('#2060c0').replace('<g ', '<g transform="translate(8 30)" ')),
      85,
    ],
  ])('%s is one', async (_, svg, quality) => {
    expect(isTechnicalDrawing(await drawn(svg, quality))).toBe(true);
  });

  it.each([
    ['an empty page', page('')],
    [
      'a sky',
      page(
        '<defs><linearGradient id="g" x2="0" y2="1"><stop stop-color="#103070"/><stop offset="1" stop-color="#f0c080"/></linearGradient></defs><rect width="640" height="480" fill="url(#g)"/>',
      ),
    ],
    [
      'clouds',
      page(
        '<filter id="f" x="0" y="0" width="1" height="1"><feTurbulence baseFrequency="0.01" numOctaves="4" seed="3"/></filter><rect width="640" height="480" filter="url(#f)"/>',
      ),
    ],
    [
      'a ball on white',
      page(
        '<defs><radialGradient id="g" cx="0.35" cy="0.35"><stop stop-color="#ffd0c0"/><stop offset="1" stop-color="#701010"/></radialGradient></defs><circle cx="320" cy="240" r="170" fill="url(#g)"/>',
      ),
    ],
    [
      'a flag',
      page(
        '<rect width="640" height="160" fill="#000000"/><rect y="160" width="640" height="160" fill="#dd0000"/><rect y="320" width="640" height="160" fill="#ffce00"/>',
      ),
    ],
  ])('%s is none', async (_, svg) => {
    expect(isTechnicalDrawing(await drawn(svg))).toBe(false);
    expect(isTechnicalDrawing(await drawn(svg, 80))).toBe(false);
  });

  it('noise is none', () => {
    const data = Uint8Array.from(
      { length: 200 * 200 * 3 },
      (_, index) => ((index * 2654435761) >>> 13) % 256,
    );
    expect(isTechnicalDrawing({ width: 200, height: 200, data })).toBe(false);
  });
});

describe('edges', () => {
  it('are dark where colours change, and white where they do not', async () => {
    const edges = findEdges(
      await drawn(page('<rect x="200" y="100" width="200" height="200" fill="#4080c0"/>')),
    );
    const at = (x: number, y: number) => [...edges.data.subarray((y * 640 + x) * 3, (y * 640 + x) * 3 + 3)];
    expect(edges).toMatchObject({ width: 640, height: 480 });
    expect(at(300, 200)).toEqual([255, 255, 255]);
    expect(at(50, 50)).toEqual([255, 255, 255]);
    expect(at(200, 200)).toEqual([0, 0, 0]);
    expect(at(300, 100)).toEqual([0, 0, 0]);
  });

  it('of a faint drawing are as dark as those of a strong one', async () => {
    const share = async (fill: string) => {
      const { data } = findEdges(
        await drawn(page(`<rect x="200" y="100" width="200" height="200" fill="${fill}"/>`)),
      );
      return data.filter((value) => value < 64).length / data.length;
    };
    expect(await share('#c8c8c8')).toBeCloseTo(await share('#000000'), 4);
  });

  it('of one colour there are none', () => {
    const data = new Uint8Array(30 * 20 * 3).fill(90);
    expect(new Set(findEdges({ width: 30, height: 20, data }).data)).toEqual(new Set([255]));
  });
});
