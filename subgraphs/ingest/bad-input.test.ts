import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIngestBench, type IngestBench } from './testing/ingest-bench.ts';
import { ingest, ingestRaw, passages, upload } from './testing/operations.ts';
import { encryptedPdf, makePdf } from './testing/pdfs.ts';

let bench: IngestBench;
beforeAll(async () => {
  bench = await createIngestBench({ maxUploadBytes: 4 * 1024 * 1024 });
});
afterAll(() => bench[Symbol.asyncDispose]());

/** How much there is: what a refusal must not change. */
const counts = () =>
  bench.database.forWorker(async (client) => {
    const { rows } = await client.query(
      `select (select count(*) from documents) as documents, (select count(*) from jobs) as jobs,
              (select count(*) from document_versions) as versions`,
    );
    return rows[0];
  });

async function refusal(fileName: string, bytes: Uint8Array, mediaType?: string) {
  const uploadId = await upload(bench, fileName, bytes, mediaType);
  const before = await counts();
  const refused = await ingestRaw(bench, { uploadId });
  expect(await counts()).toEqual(before);
  return refused;
}

async function textOf(fileName: string, bytes: Uint8Array): Promise<string> {
  const job = await ingest(bench, { uploadId: await upload(bench, fileName, bytes) });
  expect(job.state).toBe('SUCCEEDED');
  return (await passages(bench, job.document.id)).map(({ text }) => text).join('\n');
}

describe('content that is refused', () => {
  it.each([
    ['a file of white space', 'blank.txt', Buffer.from(' \n\t \u00a0\n'), 'EMPTY_FILE'],
    ['an encrypted PDF', 'secret.pdf', encryptedPdf(), 'ENCRYPTED_PDF'],
    ['a broken PDF', 'broken.pdf', Buffer.from('%PDF-1.7\nthis is not a PDF at all'), 'BROKEN_PDF'],
    [
      'a program called .txt',
      'program.txt',
      Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1'),
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'random bytes called .txt',
      'noise.txt',
      Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919 + (i >> 3)) % 256),
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a ZIP archive called .md',
      'archive.md',
      Buffer.from('PK\x03\x04\x14\0\0\0', 'latin1'),
      'UNSUPPORTED_MEDIA_TYPE',
    ],
  ])('%s: a clear refusal that changes nothing', async (_, fileName, bytes, code) => {
    expect(await refusal(fileName, bytes)).toMatchObject({ __typename: 'Rejected', code });
  });

  it('a truncated PDF', async () => {
    const whole = await makePdf(['Some text that is long enough to be cut in the middle.']);
    expect(await refusal('half.pdf', whole.subarray(0, 300))).toMatchObject({ code: 'BROKEN_PDF' });
  });

  it('inline text that is empty, or too long', async () => {
    expect(await ingestRaw(bench, { text: '' })).toMatchObject({
      __typename: 'Rejected',
      code: 'EMPTY_FILE',
    });
    expect(await ingestRaw(bench, { text: 'x'.repeat(1024 * 1024 + 1) })).toMatchObject({
      code: 'TOO_LARGE',
    });
  });

  it('no content, and two contents at once', async () => {
    expect(await ingestRaw(bench, {})).toMatchObject({ __typename: 'Rejected', code: 'NO_CONTENT' });
    expect(await ingestRaw(bench, { text: 'a', url: 'http://example.com' })).toMatchObject({
      code: 'AMBIGUOUS_CONTENT',
    });
  });

  it.each([
    [{ title: 'x'.repeat(1001) }],
    [{ tags: Array.from({ length: 65 }, (_, i) => `tag ${i}`) }],
    [{ metadata: { big: 'x'.repeat(17_000) } }],
    [{ metadata: ['no', 'object'] }],
    [{ metadata: { nul: 'a\0b' } }],
    [{ author: 'half \ud800 character' }],
  ])('attributes that are not allowed: %#', async (attributes) => {
    expect(await ingestRaw(bench, { text: 'words', attributes })).toMatchObject({
      __typename: 'Rejected',
      code: 'INVALID_ATTRIBUTE',
    });
  });

  it('leaves no bytes behind', async () => {
    const before = await blobs();
    await ingestRaw(bench, { text: '   ' });
    expect(await blobs()).toEqual(before);
  });
});

async function blobs(): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of bench.blobs.list('documents/')) keys.push(key);
  return keys.sort();
}

describe('text in any encoding', () => {
  const text = 'Größe und Maß: naïve café, œuvre — “quoted” words of a Straße.';

  it('UTF-16 with a byte order mark, little and big endian', async () => {
    const little = Buffer.from(`\ufeff${text}`, 'utf16le');
    expect(await textOf('little.txt', little)).toBe(text);
    expect(await textOf('big.txt', Buffer.from(little).swap16())).toBe(text);
  });

  it('UTF-16 without a byte order mark', async () => {
    const little = Buffer.from(text, 'utf16le');
    expect(await textOf('little-bare.txt', little)).toBe(text);
    expect(await textOf('big-bare.txt', Buffer.from(little).swap16())).toBe(text);
  });

  it('Latin-1 and Windows-1252', async () => {
    expect(await textOf('latin.txt', Buffer.from('Größe, café, Straße', 'latin1'))).toBe(
      'Größe, café, Straße',
    );
    const windows = Buffer.concat([
      Buffer.from([0x93]),
      Buffer.from('quoted', 'latin1'),
      Buffer.from([0x94, 0x20, 0x80]),
    ]);
    expect(await textOf('windows.txt', windows)).toBe('“quoted” €');
  });

  it('UTF-8 with and without a byte order mark', async () => {
    expect(await textOf('plain.txt', Buffer.from(text))).toBe(text);
    expect(await textOf('marked.txt', Buffer.from(`\ufeff${text}`))).toBe(text);
  });
});

describe('uploads', () => {
  const ticket = async (input: Record<string, unknown> = {}) => {
    const { createUpload } = await bench.run<{ createUpload: { id: string; putUrl: string; code?: string } }>(
      `mutation ($input: CreateUploadInput!) { createUpload(input: $input) {
         ... on UploadTicket { id putUrl } ... on Problem { code } } }`,
      { input: { fileName: 'a.txt', ...input } },
    );
    return createUpload;
  };
  const put = async (putUrl: string, body: string) => {
    try {
      return (await bench.fetch('PUT', putUrl, { body })).status;
    } catch (error) {
      return (error as { reason: string }).reason;
    }
  };

  it('are taken once', async () => {
    const { id, putUrl } = await ticket();
    expect(await put(putUrl, 'the first bytes')).toBe(201);
    expect(await put(putUrl, 'the second bytes')).toBe('UPLOAD_USED');
    expect((await ingest(bench, { uploadId: id })).state).toBe('SUCCEEDED');
    expect(await ingestRaw(bench, { uploadId: id })).toMatchObject({
      __typename: 'Rejected',
      code: 'UPLOAD_USED',
    });
    expect(await put(putUrl, 'the third bytes')).toBe('UPLOAD_USED');
  });

  it('need the right secret', async () => {
    const { putUrl } = await ticket();
    expect(await put(putUrl.replace(/token=.*/, 'token=wrong'), 'bytes')).toBe('NOT_FOUND');
    expect(await put('/v1/uploads/upl_00000000000000000000000000?token=x', 'bytes')).toBe('NOT_FOUND');
  });

  it('are refused when empty or too large, and can be tried again', async () => {
    const { id, putUrl } = await ticket();
    expect(await put(putUrl, '')).toBe('EMPTY_FILE');
    expect(await put(putUrl, 'x'.repeat(4 * 1024 * 1024 + 1))).toBe('TOO_LARGE');
    expect(await ingestRaw(bench, { uploadId: id })).toMatchObject({ code: 'UPLOAD_INCOMPLETE' });
    expect(await put(putUrl, 'right')).toBe(201);
  });

  it('are refused at once where the size is over the limit', async () => {
    expect(await ticket({ byteSize: 4 * 1024 * 1024 + 1 })).toMatchObject({ code: 'TOO_LARGE' });
  });

  it('belong to one tenant', async () => {
    const { id, putUrl } = await ticket();
    await put(putUrl, 'bytes of acme');
    expect(await ingestRaw(bench, { uploadId: id }, 'other')).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  });
});
