import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSharpPictureDecoder } from '../../../platform/pictures/sharp-picture-decoder.ts';
import type { TextReader } from '../../../platform/ports/text-reader.ts';
import { createIngestBench, createTestClock, type IngestBench } from '../testing/ingest-bench.ts';
import { ingest, upload } from '../testing/operations.ts';

const textReader: TextReader = {
  description: { model: 'one-line', fingerprint: 'aaaabbbbccccdddd', executionProvider: 'cpu' },
  read: async () => [
    { text: 'Pump P-101', box: { left: 0.5, top: 0.5, width: 0.2, height: 0.1 }, confidence: 1 },
  ],
  async [Symbol.asyncDispose]() {},
};
const pictures = createSharpPictureDecoder({ processes: 1 });
const clock = createTestClock();

let bench: IngestBench;
beforeAll(async () => {
  bench = await createIngestBench({ pictures, textReader, clock });
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await pictures[Symbol.asyncDispose]();
});

interface Node {
  readonly id: string;
  readonly text: string;
  readonly previewUrl: string | null;
  readonly locator: { readonly keyframeUrl?: string | null };
}

async function chunks(documentId: string): Promise<readonly Node[]> {
  const { document } = await bench.run<{ document: { chunks: { nodes: Node[] } } }>(
    `query ($id: ID!) { document(id: $id) { chunks(first: 50) { nodes {
       id text previewUrl locator { ... on TimeSpan { keyframeUrl } } } } } }`,
    { id: documentId },
  );
  return document.chunks.nodes;
}

async function putPicture(background: string): Promise<string> {
  const file = sharp({ create: { width: 1200, height: 600, channels: 3, background } }).jpeg();
  const uploadId = await upload(bench, `${background}.jpg`, await file.toBuffer());
  const job = await ingest(bench, { uploadId });
  expect(job.state).toBe('SUCCEEDED');
  return job.document.id;
}

const failure = (url: string) =>
  bench.fetch('GET', url).then(
    ({ status }) => status,
    (error: { code: string }) => error.code,
  );

describe('previewUrl', () => {
  it('shows a small copy of the picture, harmless to a browser', async () => {
    const [whole] = await chunks(await putPicture('#2846dc'));
    const response = await bench.fetch('GET', whole?.previewUrl ?? '');
    expect(response.headers.get('content-type')).toBe('image/webp');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    expect(response.headers.get('cache-control')).toBe('private, max-age=300');
    const picture = await sharp(await response.arrayBuffer()).metadata();
    expect(picture).toMatchObject({ format: 'webp', width: 512, height: 256 });
  });

  it('of another view, and of a line that was read in it, is that of the whole', async () => {
    const id = await putPicture('#dc1e1e');
    const nodes = await chunks(id);
    expect(nodes.length).toBeGreaterThan(1);
    expect(new Set(nodes.map(({ previewUrl }) => previewUrl))).toEqual(new Set([nodes[0]?.previewUrl]));
    expect(nodes[0]?.previewUrl).toContain(nodes[0]?.id);
    const views = await bench.database.forWorker(async (client) => {
      const { rows } = await client.query<{ id: string }>(
        'select id from chunks where document_id = $1 and view_of is not null',
        [id],
      );
      return rows;
    });
    expect(views).not.toEqual([]);
    for (const view of views) {
      const { node } = await bench.run<{ node: { previewUrl: string } }>(
        'query ($id: ID!) { node(id: $id) { ... on Chunk { previewUrl } } }',
        view,
      );
      expect(node.previewUrl).toBe(nodes[0]?.previewUrl);
    }
  });

  it('is null where there is no picture', async () => {
    const { document } = await ingest(bench, { text: 'Words alone.' });
    expect((await chunks(document.id)).map(({ previewUrl }) => previewUrl)).toEqual([null]);
  });

  it('holds for a while, for the passage that it was made for, and for the tenant', async () => {
    const [whole] = await chunks(await putPicture('#1ea03c'));
    const url = whole?.previewUrl ?? '';
    expect(await failure(url)).toBe(200);
    expect(await failure(url.replace('tenant=acme', 'tenant=other'))).toBe('NOT_FOUND');
    expect(await failure(url.replace(/expires=\d/, 'expires=9'))).toBe('NOT_FOUND');
    const [other] = await chunks(await putPicture('#f0dc28'));
    expect(await failure(url.replace(whole?.id ?? '', other?.id ?? ''))).toBe('NOT_FOUND');
    expect(await failure(url.replace(whole?.id ?? '', 'chk_nothing'))).toBe('NOT_FOUND');
    clock.advance(31 * 60 * 1000);
    expect(await failure(url)).toBe('NOT_FOUND');
  });

  it('is nothing once the document is deleted', async () => {
    const id = await putPicture('#141414');
    const [whole] = await chunks(id);
    expect(await failure(whole?.previewUrl ?? '')).toBe(200);
    await bench.run('mutation ($id: ID!) { deleteDocument(id: $id) { __typename } }', { id });
    expect(await failure(whole?.previewUrl ?? '')).toBe('NOT_FOUND');
  });
});

describe('keyframeUrl', () => {
  it('is the latest still before a span', async () => {
    const { document } = await ingest(bench, { text: 'One two three.' });
    const [passage] = await chunks(document.id);
    // Spans of a film as another stage would store them: two shots with stills, and what is said later.
    const row = (id: string, startMs: number, ordinal: number, key: string | null) =>
      bench.database.forWorker((client) =>
        client.query(
          `insert into chunks (tenant, id, document_id, first_version, seen_version, ordinal, modality, family, fingerprint,
                               text, locator, preview_key, preview_media_type)
           select tenant, $2, document_id, first_version, seen_version, $3, 'VIDEO', family, fingerprint, $2, $4, $5, $6
           from chunks where id = $1`,
          [
            ...[
              passage?.id,
              id,
              ordinal,
              JSON.stringify({ kind: 'TimeSpan', startMs, endMs: startMs + 1000 }),
            ],
            ...[key, key === null ? null : 'image/webp'],
          ],
        ),
      );
    const id = (letter: string) => `chk_${letter.repeat(26)}`;
    await row(id('a'), 0, 1, 'previews/a');
    await row(id('b'), 5000, 2, 'previews/b');
    await row(id('c'), 3000, 3, null);
    await row(id('d'), 9000, 4, null);
    const nodes = await chunks(document.id);
    const still = (letter: string) => nodes.find((node) => node.id === id(letter))?.locator.keyframeUrl;
    expect(still('a')).toContain(id('a'));
    expect(still('c')).toContain(id('a'));
    expect(still('d')).toContain(id('b'));
  });
});
