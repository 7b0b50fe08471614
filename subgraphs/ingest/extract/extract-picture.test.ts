import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgesFingerprint } from '../../../platform/encoder/edges-fingerprint.ts';
import { createSharpPictureDecoder } from '../../../platform/pictures/sharp-picture-decoder.ts';
import { hugePng } from '../../../platform/pictures/testing/huge-png.ts';
import type { TextReader } from '../../../platform/ports/text-reader.ts';
import { createColourEncoder } from '../../../platform/testing/colour-encoder.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { finish, ingest, ingestRaw, search, upload } from '../testing/operations.ts';

const pictures = createSharpPictureDecoder();
const visualEncoder = createColourEncoder();

/** Reads the same two lines in every picture, and says how often it was asked. */
function createTextReader() {
  let asked = 0;
  const box = { left: 0.1, top: 0.2, width: 0.5, height: 0.1 };
  const reader: TextReader = {
    description: { model: 'two-lines', fingerprint: 'aaaabbbbccccdddd', executionProvider: 'cpu' },
    async read() {
      asked++;
      return [
        { text: 'COOLANT RETURN', box, confidence: 0.9 },
        { text: 'Valve XV-4711', box: { ...box, top: 0.5 }, confidence: 0.8 },
        { text: 'grain', box, confidence: 0.1 },
        { text: 'O', box, confidence: 0.9 },
      ];
    },
    async [Symbol.asyncDispose]() {},
  };
  return { reader, asked: () => asked };
}

let bench: IngestBench;
beforeAll(async () => {
  bench = await createIngestBench({ pictures, visualEncoder });
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await pictures[Symbol.asyncDispose]();
});

const plain = (background: string) => sharp({ create: { width: 60, height: 40, channels: 3, background } });
const drawing = (colour: string, words = '') =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300">${words}<g fill="none" stroke="${colour}" stroke-width="4"><rect x="40" y="40" width="120" height="200"/><path d="M160 140 H360 V260"/></g></svg>`,
  );

interface SeenDocument {
  readonly title: string;
  readonly modality: string;
  readonly mediaType: string;
  readonly state: string;
  readonly gaps: readonly { readonly code: string }[];
  readonly chunks: {
    readonly nodes: readonly {
      readonly id: string;
      readonly modality: string;
      readonly text: string | null;
      readonly locator: { readonly box: unknown };
    }[];
  };
}

async function look(id: string, at = bench): Promise<SeenDocument> {
  const { document } = await at.run<{ document: SeenDocument }>(
    `query ($id: ID!) { document(id: $id) { title modality mediaType state gaps { code } chunks(first: 50) { nodes {
       id modality text locator { __typename ... on ImageRegion { box { left top width height } } } } } } }`,
    { id },
  );
  return document;
}

async function put(
  fileName: string,
  bytes: Uint8Array,
  attributes: Record<string, unknown> = {},
  at = bench,
) {
  return ingest(at, { uploadId: await upload(at, fileName, bytes), attributes });
}

/** Which documents a search by what pictures show finds, the best first. */
async function shows(colour: string, { edges = false, limit = 3 } = {}): Promise<string[]> {
  const { fingerprint } = visualEncoder.description;
  const [vector] = await visualEncoder.encodeTexts([colour]);
  const found = await bench.vectors.searchDense({
    collection: { family: 'image', fingerprint: edges ? edgesFingerprint(fingerprint) : fingerprint },
    ...{ tenant: 'acme', filter: null, limit, vector: vector! },
  });
  return found.map(({ documentId }) => documentId);
}

describe('each format, from the upload to what is found', () => {
  it.each([
    ['a.jpg', 'image/jpeg', 'red', () => plain('#dc1e1e').jpeg().toBuffer()],
    ['b.png', 'image/png', 'green', () => plain('#1ea03c').png().toBuffer()],
    ['c.webp', 'image/webp', 'blue', () => plain('#2846dc').webp().toBuffer()],
    ['d.tiff', 'image/tiff', 'yellow', () => plain('#f0dc28').tiff().toBuffer()],
    ['e.gif', 'image/gif', 'black', () => plain('#141414').gif().toBuffer()],
    ['f.avif', 'image/avif', 'white', () => plain('#fafafa').avif().toBuffer()],
    [
      'g.svg',
      'image/svg+xml',
      'red',
      async () =>
        Buffer.from(
          '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9" fill="#dc1e1e"/></svg>',
        ),
    ],
  ])('%s', async (fileName, mediaType, colour, make) => {
    const job = await put(fileName, await make());
    expect(job).toMatchObject({ state: 'SUCCEEDED', error: null });
    const document = await look(job.document.id);
    expect(document).toMatchObject({ mediaType, modality: 'IMAGE', title: fileName });
    expect(document.chunks.nodes[0]).toMatchObject({
      ...{ modality: 'IMAGE', text: null },
      locator: { __typename: 'ImageRegion', box: { left: 0, top: 0, width: 1, height: 1 } },
    });
    expect(await shows(colour)).toContain(job.document.id);
    // It is found by its name too.
    expect((await search(bench, fileName)).map(({ documentId }) => documentId)).toContain(job.document.id);
  });

  it('one with a wrong name and media type', async () => {
    const bytes = await plain('#1ea03c').png().toBuffer();
    const uploadId = await upload(bench, '../../etc/passwd', bytes, 'image/jpeg');
    const job = await ingest(bench, { uploadId });
    expect(await look(job.document.id)).toMatchObject({ mediaType: 'image/png', title: '../../etc/passwd' });
  });
});

describe('words', () => {
  it('of the file and of the uploader are searched', async () => {
    const bytes = await plain('#2846dc')
      .withExif({ IFD0: { ImageDescription: 'Impeller of the feedwater pump' } })
      .jpeg()
      .toBuffer();
    const job = await put('x.jpg', bytes, { metadata: { altText: 'A worn sprocket' } });
    const [whole] = (await look(job.document.id)).chunks.nodes;
    expect(whole?.text).toBe('A worn sprocket\nImpeller of the feedwater pump');
    for (const word of ['sprocket', 'feedwater']) {
      expect((await search(bench, word))[0]).toMatchObject({ documentId: job.document.id });
    }
  });

  it('of an SVG are its title and what is drawn in it', async () => {
    const words = '<title>Hydraulic circuit</title><text>Accumulator ACC-9</text>';
    const job = await put('circuit.svg', drawing('#141414', words));
    const document = await look(job.document.id);
    expect(document.title).toBe('Hydraulic circuit');
    expect(document.chunks.nodes[0]?.text).toBe('Hydraulic circuit\nAccumulator ACC-9');
  });

  it('that are read in it are passages with their regions, read once', async () => {
    const { reader, asked } = createTextReader();
    await using own = await createIngestBench({ pictures, visualEncoder, textReader: reader });
    const bytes = await plain('#f0dc28').png().toBuffer();
    const job = await put('scan.png', bytes, {}, own);
    const document = await look(job.document.id, own);
    expect(document).toMatchObject({ state: 'SEARCHABLE', gaps: [] });
    const nodes = document.chunks.nodes.filter(({ locator }) => JSON.stringify(locator.box).includes('0.5'));
    expect(nodes.map(({ text }) => text)).toEqual(['COOLANT RETURN', 'Valve XV-4711']);
    expect(nodes[1]?.locator.box).toEqual({ left: 0.1, top: 0.5, width: 0.5, height: 0.1 });
    expect(document.chunks.nodes[0]?.text).toBe('COOLANT RETURN\nValve XV-4711');
    expect((await search(own, 'XV-4711')).map(({ documentId }) => documentId)).toContain(job.document.id);
    expect(asked()).toBe(1);
    // The same picture in another file is not read again.
    const again = await own.run<{ updateDocument: { id: string } }>(
      'mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { ... on IngestJob { id } } }',
      {
        input: {
          id: job.document.id,
          uploadId: await upload(
            own,
            'scan.tiff',
            await plain('#f0dc28').tiff({ compression: 'lzw' }).toBuffer(),
          ),
        },
      },
    );
    expect((await finish(own, again.updateDocument.id)).state).toBe('SUCCEEDED');
    expect((await look(job.document.id, own)).mediaType).toBe('image/tiff');
    expect(asked()).toBe(1);
  });
});

describe('technical drawings', () => {
  it('are seen, and have a vector of their edges', async () => {
    const job = await put('plan.svg', drawing('#2846dc'));
    expect(await shows('white', { edges: true, limit: 50 })).toContain(job.document.id);
  });

  it('are what the uploader says', async () => {
    const bytes = await plain('#dc1e1e').png().toBuffer();
    const said = await put('said.png', bytes, { tags: ['Technical drawing'] });
    const denied = await put('denied.svg', drawing('#dc1e1e'), {
      tags: ['drawing'],
      metadata: { technicalDrawing: false },
    });
    const found = await shows('white', { edges: true, limit: 50 });
    expect(found).toContain(said.document.id);
    expect(found).not.toContain(denied.document.id);
  });
});

describe('what is missing', () => {
  it('is said, and the rest is found', async () => {
    await using own = await createIngestBench();
    const job = await put(
      'no-decoder.png',
      await plain('#dc1e1e').png().toBuffer(),
      {
        metadata: { altText: 'A red plate' },
      },
      own,
    );
    expect(job.state).toBe('SUCCEEDED');
    const document = await look(job.document.id, own);
    expect(document).toMatchObject({ state: 'PARTIAL', gaps: [{ code: 'ENCODER_MISSING' }] });
    expect(await search(own, 'plate')).toHaveLength(1);
  });

  it('of a TIFF with pages is the rest of the pages', async () => {
    const page = () => plain('#1ea03c').png().toBuffer();
    const bytes = await sharp([await page(), await page()], { join: { across: 1 } })
      .tiff()
      .toBuffer();
    const pages = await sharp([await page(), await page()], { join: { animated: true } })
      .tiff()
      .toBuffer();
    const gaps = async (file: Buffer) =>
      (await look((await put('pages.tiff', file)).document.id)).gaps.map(({ code }) => code);
    expect(await gaps(bytes)).not.toContain('PAGES_NOT_READ');
    expect(await gaps(pages)).toContain('PAGES_NOT_READ');
  });
});

describe('bad pictures', () => {
  const evil = (body: string) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${body}</svg>`);

  it.each([
    ['a PNG of ten gigapixels', 'huge.png', () => hugePng(100_000), 'TOO_MANY_PIXELS'],
    [
      'an SVG with a picture of the web',
      'web.svg',
      () => evil('<image href="http://example.com/x.png"/>'),
      'EXTERNAL_REFERENCE',
    ],
    [
      'an SVG with a file of this machine',
      'file.svg',
      () => evil('<image href="file:///etc/passwd"/>'),
      'EXTERNAL_REFERENCE',
    ],
    [
      'an SVG with entities',
      'entities.svg',
      () =>
        Buffer.from(
          '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text></svg>',
        ),
      'EXTERNAL_REFERENCE',
    ],
    ['an SVG with a script', 'script.svg', () => evil('<script>fetch("/")</script>'), 'EXTERNAL_REFERENCE'],
  ])('%s is refused when it is put in', async (_, fileName, make, code) => {
    const uploadId = await upload(bench, fileName, make());
    expect(await ingestRaw(bench, { uploadId })).toMatchObject({ __typename: 'Rejected', code });
    // The worker takes the next one.
    expect((await put('next.png', await plain('#1ea03c').png().toBuffer())).state).toBe('SUCCEEDED');
  });

  it.each([
    ['photo.jpg', 'image/jpeg'],
    ['photo.jpg', undefined],
    ['photo', 'image/jpeg'],
  ])('a JPEG that is really HTML is refused: %s, %s', async (fileName, mediaType) => {
    const bytes = Buffer.from('<!doctype html><title>Sign in</title><p>Not a picture at all.</p>');
    const uploadId = await upload(bench, fileName, bytes, mediaType);
    expect(await ingestRaw(bench, { uploadId })).toMatchObject({
      ...{ __typename: 'Rejected', code: 'CONTENT_MISMATCH' },
      message: expect.stringContaining('an HTML page'),
    });
  });

  it.each([
    ['a truncated JPEG', 'cut.jpg', () => noise().jpeg().toBuffer()],
    ['a truncated PNG', 'cut.png', () => noise().png().toBuffer()],
  ])('%s fails by itself, and the next one is taken', async (_, fileName, make) => {
    const bytes = await make();
    const job = await put(fileName, bytes.subarray(0, bytes.length / 2));
    expect(job).toMatchObject({ state: 'FAILED', error: { code: 'BROKEN_PICTURE' } });
    expect((await put('next.png', await plain('#1ea03c').png().toBuffer())).state).toBe('SUCCEEDED');
  });

  it('of a moving GIF one frame is taken', async () => {
    const frame = (background: string) => plain(background).png().toBuffer();
    const moving = await sharp([await frame('#2846dc'), await frame('#dc1e1e')], { join: { animated: true } })
      .gif()
      .toBuffer();
    const job = await put('moving.gif', moving);
    expect(job.state).toBe('SUCCEEDED');
    expect(await shows('blue', { limit: 50 })).toContain(job.document.id);
    expect(await shows('red', { limit: 3 })).not.toContain(job.document.id);
  });
});

function noise() {
  const side = 200;
  const data = Uint8Array.from(
    { length: side * side * 3 },
    (_, index) => (index * 7919 + (index >> 3) * 31) % 256,
  );
  return sharp(data, { raw: { width: side, height: side, channels: 3 } });
}
