import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMedia, scenes } from '../platform/media/testing/make-media.ts';
import { eventually } from '../platform/testing/eventually.ts';
import { makeDocx, makePptx, makeXlsx, paragraph } from '../subgraphs/ingest/extract/testing/office-files.ts';
import { makePdf } from '../subgraphs/ingest/testing/pdfs.ts';
import { type System, startSystem } from './system.ts';

// Every format that is taken, as a real file: from upload to a hit that is found, located and can be shown.

interface Format {
  readonly mediaType: string;
  readonly modality: string;
  /** The locators that a hit of it may have. */
  readonly locators: readonly string[];
  readonly make: () => Promise<Uint8Array>;
}

const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" width="200" height="200">
  <rect width="200" height="200" fill="white"/><circle cx="100" cy="100" r="60" fill="red"/></svg>`;
const picture = () => sharp(Buffer.from(drawing)).flatten({ background: 'white' });
const png = () => picture().png().toBuffer();

const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=2'];
const film = scenes([
  { colour: 'red', seconds: 2 },
  { colour: 'blue', seconds: 2 },
]);

const rows = [
  ['valve', 'price'],
  ['gate', '120'],
  ['globe', '85'],
];
const records = rows.slice(1).map(([valve, price]) => ({ valve, price: Number(price) }));
const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
const sheet = rows.map((row, index) => `<row r="${index + 1}">${row.map(cell).join('')}</row>`).join('');

const text = (modality: string, mediaType: string, content: string): Format => ({
  ...{ modality, mediaType, locators: [modality === 'TABLE' ? 'CellRange' : 'TextRange'] },
  make: async () => Buffer.from(content),
});
const image = (mediaType: string, make: () => Promise<Uint8Array>): Format => ({
  ...{ modality: 'IMAGE', mediaType, locators: ['ImageRegion'], make },
});
const sound = (mediaType: string, name: string, ...codec: string[]): Format => ({
  ...{ modality: 'AUDIO', mediaType, locators: ['TimeSpan'] },
  make: () => makeMedia(name, [...tone, ...codec]),
});
const moving = (mediaType: string, name: string, ...codec: string[]): Format => ({
  ...{ modality: 'VIDEO', mediaType, locators: ['TimeSpan'] },
  make: () => makeMedia(name, [...film, ...codec]),
});
const table = (mediaType: string, make: () => Promise<Uint8Array>): Format => ({
  ...{ modality: 'TABLE', mediaType, locators: ['CellRange'], make },
});

const h264 = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'];
const office = 'application/vnd.openxmlformats-officedocument';
const fixture = (name: string) =>
  readFile(new URL(`../subgraphs/ingest/extract/testing/fixtures/${name}`, import.meta.url));

const formats: Readonly<Record<string, Format>> = {
  'notes.txt': text('TEXT', 'text/plain', 'The gate valve is closed by hand.'),
  'notes.md': text('TEXT', 'text/markdown', '# Valves\n\nThe gate valve is closed by hand.'),
  'page.html': text('TEXT', 'text/html', '<!doctype html><p>The gate valve is closed by hand.</p>'),
  'mail.eml': text(
    'TEXT',
    'message/rfc822',
    'From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: Valves\r\nDate: Mon, 4 Nov 2024 10:00:00 +0000\r\n\r\nThe gate valve is closed by hand.\r\n',
  ),
  'manual.pdf': {
    ...{ modality: 'TEXT', mediaType: 'application/pdf', locators: ['PageRegion'] },
    make: () => makePdf(['The gate valve is closed by hand.']),
  },
  'letter.docx': {
    ...{ modality: 'TEXT', mediaType: `${office}.wordprocessingml.document`, locators: ['TextRange'] },
    make: async () => makeDocx(paragraph('The gate valve is closed by hand.'), await png()),
  },
  'talk.pptx': {
    ...{ modality: 'TEXT', mediaType: `${office}.presentationml.presentation`, locators: ['PageRegion'] },
    make: async () =>
      makePptx([{ title: 'Valves', lines: ['The gate valve is closed by hand.'] }], await png()),
  },
  'picture.jpg': image('image/jpeg', () => picture().jpeg().toBuffer()),
  'picture.png': image('image/png', png),
  'picture.webp': image('image/webp', () => picture().webp().toBuffer()),
  'picture.tiff': image('image/tiff', () => picture().tiff().toBuffer()),
  'picture.gif': image('image/gif', () => picture().gif().toBuffer()),
  'picture.avif': image('image/avif', () => picture().avif().toBuffer()),
  'picture.svg': image('image/svg+xml', async () => Buffer.from(drawing)),
  'tone.wav': sound('audio/wav', 'tone.wav'),
  'tone.mp3': sound('audio/mpeg', 'tone.mp3', '-c:a', 'libmp3lame'),
  'tone.flac': sound('audio/flac', 'tone.flac'),
  'tone.ogg': sound('audio/ogg', 'tone.ogg', '-c:a', 'libopus'),
  'tone.m4a': sound('audio/mp4', 'tone.m4a', '-c:a', 'aac'),
  'film.mp4': moving('video/mp4', 'film.mp4', ...h264),
  'film.webm': moving('video/webm', 'film.webm', '-c:v', 'libvpx-vp9', '-deadline', 'realtime'),
  'film.mkv': moving('video/x-matroska', 'film.mkv', ...h264),
  'film.mov': moving('video/quicktime', 'film.mov', ...h264),
  'parts.csv': text('TABLE', 'text/csv', rows.map((row) => row.join(',')).join('\n')),
  'parts.tsv': text('TABLE', 'text/tab-separated-values', rows.map((row) => row.join('\t')).join('\n')),
  'parts.json': text('TABLE', 'application/json', JSON.stringify(records)),
  'parts.jsonl': text(
    'TABLE',
    'application/x-ndjson',
    records.map((each) => JSON.stringify(each)).join('\n'),
  ),
  'parts.xlsx': table(`${office}.spreadsheetml.sheet`, async () =>
    makeXlsx([{ name: 'Valves', rows: sheet }], []),
  ),
  'parts.parquet': table('application/vnd.apache.parquet', () => fixture('parts.parquet')),
};

const search = /* GraphQL */ `
  query ($text: String!, $document: ID!) {
    search(input: { text: $text, first: 1, filter: { documentIds: [$document] } }) {
      hits { nodes { chunk {
        modality previewUrl
        document { mediaType contentUrl }
        locator { __typename ... on TimeSpan { startMs endMs } ... on CellRange { firstRow lastRow } }
      } } }
      coverage { sources { modality space method status reason } }
    }
  }
`;
interface Found {
  readonly search: {
    readonly hits: {
      readonly nodes: readonly {
        readonly chunk: {
          readonly modality: string;
          readonly previewUrl: string | null;
          readonly document: { readonly mediaType: string; readonly contentUrl: string };
          readonly locator: { readonly __typename: string };
        };
      }[];
    };
  };
}

describe('every format', { timeout: 60_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem('dist/main.js');
  }, 60_000);
  afterAll(() => system?.[Symbol.asyncDispose](), 60_000);

  /** Puts a file in, and waits until it can be found. */
  async function put(name: string, bytes: Uint8Array): Promise<string> {
    const form = new FormData();
    form.set('title', `Valves as ${name.replace('.', ' ')}`);
    form.set('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), name);
    const response = await fetch(`${system.url}/v1/documents`, { method: 'POST', body: form });
    expect(response.ok, await response.clone().text()).toBe(true);
    const job = (await response.json()) as { document: { id: string } };
    await eventually(
      async () => {
        const { document } = await system.query<{ document: { state: string; gaps: { message: string }[] } }>(
          'query ($id: ID!) { document(id: $id) { state gaps { message } } }',
          { id: job.document.id },
        );
        if (document.state === 'FAILED') throw new Error(JSON.stringify(document.gaps));
        return ['SEARCHABLE', 'PARTIAL'].includes(document.state);
      },
      { timeoutMs: 30_000 },
    );
    return job.document.id;
  }

  it.each(Object.entries(formats))('%s is found, located and shown', async (name, format) => {
    const bytes = await format.make();
    const document = await put(name, bytes);
    const found = await system.query<Found>(search, { text: `valves ${name.replace('.', ' ')}`, document });
    const [hit] = found.search.hits.nodes;
    if (hit === undefined) throw new Error(`nothing was found: ${JSON.stringify(found)}`);
    const { chunk } = hit;
    expect(chunk).toMatchObject({
      modality: format.modality,
      document: { mediaType: format.mediaType },
    });
    expect(format.locators).toContain(chunk.locator.__typename);

    const original = await fetch(new URL(chunk.document.contentUrl, system.url));
    // What a browser shows comes as what it is; text as plain text, so that it cannot script.
    const served = original.headers.get('content-type');
    if (/^(?:image|audio|video)/.test(format.mediaType)) expect(served).toContain(format.mediaType);
    else expect(served).toMatch(/^text\/plain|^application\/(?:pdf|octet-stream)/);
    expect(new Uint8Array(await original.arrayBuffer())).toEqual(new Uint8Array(bytes));
    if (['IMAGE', 'VIDEO'].includes(format.modality)) {
      const preview = await fetch(new URL(chunk.previewUrl ?? '', system.url));
      const { format: shown, width } = await sharp(Buffer.from(await preview.arrayBuffer())).metadata();
      expect({ shown, type: preview.headers.get('content-type') }).toEqual({
        shown: 'webp',
        type: 'image/webp',
      });
      expect(width).toBeGreaterThan(0);
    }
  });
});
