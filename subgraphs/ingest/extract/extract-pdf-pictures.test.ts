import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TextReader } from '../../../platform/ports/text-reader.ts';
import { drawnPicture, openTextReader } from '../../../platform/text-reading/testing/drawn-pictures.ts';
import type { Box } from '../../../platform/types.ts';
import type { Derivations } from '../derivations.ts';
import { makeHugePicturePdf, makePicturePdf } from '../testing/picture-pdfs.ts';
import { type Gap, isGap, isSection, type Part, type Piece, type Section } from '../types.ts';
import { extractPdf } from './extract-pdf.ts';
import type { PagePictureReaders } from './page-pictures.ts';
import { PdfReader } from './pdf-reader.ts';

let textReader: TextReader;
const pdf = new PdfReader({ threads: 1 });
beforeAll(async () => {
  textReader = await openTextReader();
});
afterAll(async () => {
  await textReader[Symbol.asyncDispose]();
  await pdf[Symbol.asyncDispose]();
});

const derivations: Derivations = { reuse: (_key, _schema, make) => make() };

async function read(bytes: Uint8Array, readers: Partial<PagePictureReaders> = { textReader }, reader = pdf) {
  const { signal } = new AbortController();
  await using extracted = await extractPdf(bytes, { pdf: reader, derivations, ...readers }, signal);
  const parts: Part[] = [];
  for await (const part of extracted.parts) parts.push(part);
  return {
    gaps: parts.filter((part): part is Gap => isGap(part)),
    sections: parts.filter((part): part is Section => !isGap(part) && isSection(part)),
    pieces: parts.filter((part): part is Piece => !isGap(part) && !isSection(part)),
  };
}

const boxOf = ({ locator }: Piece): Box => {
  if (locator.kind !== 'PageRegion' || locator.box === null) throw new Error('it has no place on a page');
  return locator.box;
};

/** A box of a picture as one of the page that the picture stands on, at points from the bottom left of 600 by 800. */
const onPage = (box: Box, place: { x: number; y: number; width: number; height: number }): Box => ({
  left: (place.x + box.left * place.width) / 600,
  top: (800 - place.y - place.height + box.top * place.height) / 800,
  width: (box.width * place.width) / 600,
  height: (box.height * place.height) / 800,
});

function expectNear(box: Box, expected: Box): void {
  for (const side of ['left', 'top', 'width', 'height'] as const) {
    expect(Math.abs(box[side] - expected[side]), side).toBeLessThan(0.02);
  }
}

describe('a scanned page', { timeout: 60_000 }, () => {
  const place = { x: 40, y: 350, width: 520, height: 347 };

  it('is read like a page of text, with the place of each line', async () => {
    const { bytes, lines } = await drawnPicture('clean-24');
    const scan = await sharp(bytes).jpeg({ quality: 85 }).toBuffer();
    const { sections, pieces, gaps } = await read(
      await makePicturePdf([{ pictures: [{ bytes: scan, ...place }] }]),
    );
    expect(gaps).toEqual([]);
    expect(pieces).toEqual([]);
    const [{ text, page }] = sections as [Section];
    expect(page?.number).toBe(1);
    const found = page!.lines.map((line) => ({ ...line, text: text.slice(line.start, line.end) }));
    expect(found.map((line) => line.text)).toEqual(lines.map((line) => line.text));
    for (const [index, { box }] of lines.entries()) expectNear(found[index]!.box, onPage(box, place));
  });

  it('of several strips is put together before it is read', async () => {
    const { bytes, lines } = await drawnPicture('clean-24');
    // The cut goes through the middle of a line.
    const cut = Math.round(432 * (lines[1]!.box.top + lines[1]!.box.height / 2));
    const strips = await Promise.all(
      [
        { left: 0, top: 0, width: 648, height: cut },
        { left: 0, top: cut, width: 648, height: 432 - cut },
      ].map((strip) => sharp(bytes).extract(strip).png().toBuffer()),
    );
    const lower = (place.height * (432 - cut)) / 432;
    const { sections } = await read(
      await makePicturePdf([
        {
          pictures: [
            { bytes: strips[0]!, ...place, y: place.y + lower, height: place.height - lower },
            { bytes: strips[1]!, ...place, height: lower },
          ],
        },
      ]),
    );
    expect(sections[0]?.text.split(/\n+/)).toEqual(lines.map(({ text }) => text));
  });

  it('that lies on its side is read upright', async () => {
    const { bytes, lines } = await drawnPicture('clean-24');
    const onItsSide = await sharp(bytes).rotate(-90).png().toBuffer();
    const { sections } = await read(
      await makePicturePdf([
        { pictures: [{ bytes: onItsSide, x: 50, y: 100, width: 400, height: 600 }], turned: 90 },
      ]),
    );
    expect(sections[0]?.text.split(/\n+/)).toEqual(lines.map(({ text }) => text));
  });

  it('without a text reader is a picture, and says what is missing', async () => {
    const { bytes } = await drawnPicture('clean-24');
    const file = await makePicturePdf([
      { texts: [{ text: 'A page of text.', x: 60, y: 700 }] },
      { pictures: [{ bytes, ...place }] },
    ]);
    const { sections, pieces, gaps } = await read(file, { textReader: null });
    expect(sections.map(({ text }) => text)).toEqual(['A page of text.']);
    expect(pieces).toMatchObject([{ modality: 'IMAGE', text: null, locator: { page: 2 } }]);
    expect(gaps).toMatchObject([
      { code: 'ENCODER_MISSING', lacks: 'text-reader', locator: { kind: 'PageRegion', page: 2 } },
    ]);
  });

  it('with nothing written on it is a picture', async () => {
    const { bytes } = await drawnPicture('no-text');
    const { sections, pieces, gaps } = await read(
      await makePicturePdf([{ pictures: [{ bytes, ...place }] }]),
    );
    expect([sections, gaps]).toEqual([[], []]);
    expect(pieces).toMatchObject([{ modality: 'IMAGE', text: null }]);
  });
});

describe('a page with pictures', { timeout: 60_000 }, () => {
  const place = { x: 60, y: 380, width: 400, height: 300 };
  const texts = [
    { text: 'The cooling circuit is drawn below.', x: 60, y: 720 },
    { text: 'Figure 3: The cooling circuit with', x: 60, y: 364 },
    { text: 'its pump and valve.', x: 60, y: 350 },
    { text: 'The text goes on here.', x: 60, y: 300 },
  ];

  it('has each with its place, its caption, what is written in it, and the region of each label', async () => {
    const { bytes, lines } = await drawnPicture('drawing');
    const { sections, pieces, gaps } = await read(
      await makePicturePdf([{ texts, pictures: [{ bytes, ...place }] }]),
    );
    expect(gaps).toEqual([]);
    expect(sections).toHaveLength(1);
    const [whole, ...labels] = pieces as [Piece, ...Piece[]];
    expect(whole.modality).toBe('IMAGE');
    expect(whole.text).toMatch(/^Figure 3: The cooling circuit with its pump and valve\.\n/);
    expect(whole.text).toContain('P-101');
    expectNear(boxOf(whole), onPage({ left: 0, top: 0, width: 1, height: 1 }, place));
    const [pixels] = whole.pictures!;
    expect([pixels!.width, pixels!.height]).toEqual([768, 576]);
    for (const text of ['P-101', 'V-12', 'EMERGENCY STOP']) {
      const label = labels.find((piece) => piece.text === text);
      expectNear(boxOf(label!), onPage(lines.find((line) => line.text === text)!.box, place));
    }
  });

  it('shows its colours as they are, one on its side upright', async () => {
    const red = { r: 200, g: 30, b: 30 };
    const blue = { r: 30, g: 30, b: 200 };
    const half = (background: object) =>
      sharp({ create: { width: 100, height: 200, channels: 3, background: background as never } })
        .png()
        .toBuffer();
    const bytes = await sharp({ create: { width: 200, height: 200, channels: 3, background: 'white' } })
      .composite([
        { input: await half(red), left: 0, top: 0 },
        { input: await half(blue), left: 100, top: 0 },
      ])
      .png()
      .toBuffer();
    const { pieces } = await read(
      await makePicturePdf([
        { texts, pictures: [{ bytes, x: 60, y: 400, width: 200, height: 200 }], turned: 90 },
      ]),
      { textReader: null },
    );
    const { width, height, data } = pieces[0]!.pictures![0]!;
    const colourAt = (x: number, y: number) =>
      Array.from(data.subarray((Math.floor(y * height) * width + Math.floor(x * width)) * 3).subarray(0, 3));
    // Turned by 90 degrees to the right, what was left is above.
    expect(colourAt(0.5, 0.2)).toEqual([200, 30, 30]);
    expect(colourAt(0.5, 0.8)).toEqual([30, 30, 200]);
  });

  it('leaves out ornaments, lines, backgrounds, and what was there before', async () => {
    const picture = (width: number, height: number, seed: number) =>
      sharp(
        Buffer.from(Array.from({ length: width * height * 3 }, (_, index) => (index * seed * 7919) % 256)),
        { raw: { width, height, channels: 3 } },
      )
        .png()
        .toBuffer();
    const letterhead = { bytes: await picture(120, 80, 3), x: 60, y: 740, width: 120, height: 50 };
    const { pieces } = await read(
      await makePicturePdf([
        {
          texts,
          pictures: [
            letterhead,
            { bytes: await picture(32, 32, 5), x: 300, y: 740, width: 40, height: 40 },
            { bytes: await picture(900, 64, 7), x: 60, y: 330, width: 450, height: 30 },
            { bytes: await picture(600, 800, 11), x: 0, y: 0, width: 600, height: 800 },
          ],
        },
        { texts, pictures: [letterhead] },
      ]),
      { textReader: null },
    );
    expect(pieces.map(({ locator }) => locator)).toMatchObject([{ page: 1 }]);
    expectNear(boxOf(pieces[0]!), onPage({ left: 0, top: 0, width: 1, height: 1 }, letterhead));
  });

  it('that decodes to more than 40 megapixels is read without it', async () => {
    const { sections, pieces } = await read(await makeHugePicturePdf(6400, 1));
    expect(sections.map(({ text }) => text)).toEqual(['Words beside a huge picture.']);
    expect(pieces).toEqual([]);
  });

  it('that take longer than is given is read without them, and says so', async () => {
    await using hurried = new PdfReader({ threads: 1, timeoutMs: 6_000 });
    const { sections, gaps } = await read(await makeHugePicturePdf(6300, 60), { textReader: null }, hurried);
    expect(sections.map(({ text }) => text)).toEqual(['Words beside a huge picture.']);
    expect(gaps).toMatchObject([{ code: 'PICTURE_UNREADABLE', locator: { page: 1 } }]);
  });
});
