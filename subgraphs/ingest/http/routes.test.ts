import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { finish, ingest, passages, upload } from '../testing/operations.ts';

let bench: IngestBench;
beforeAll(async () => {
  bench = await createIngestBench({ maxUploadBytes: 1024 * 1024 });
});
afterAll(() => bench[Symbol.asyncDispose]());

function form(fields: Record<string, string>, file?: { name: string; body: string }): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  if (file) data.append('file', new Blob([file.body]), file.name);
  return data;
}

const post = (body: FormData) => bench.fetch('POST', '/v1/documents', { body });
const refusal = (body: FormData) => post(body).then(String, (error: { reason: string }) => error.reason);

describe('POST /v1/documents', () => {
  it('takes a file with what is said of it', async () => {
    const fields = {
      title: 'By form',
      year: '1984',
      tags: 'a, b',
      metadata: '{"k": {"v": 1}}',
      source: 'form/1',
    };
    const response = await post(form(fields, { name: 'note.md', body: '# Heading\n\nThe body of a form.' }));
    expect(response.status).toBe(202);
    const { job, document } = (await response.json()) as { job: { id: string }; document: { id: string } };
    expect((await finish(bench, job.id)).state).toBe('SUCCEEDED');
    const seen = await bench.run<{ document: Record<string, unknown> }>(
      'query ($id: ID!) { document(id: $id) { title year tags metadata source mediaType } }',
      { id: document.id },
    );
    expect(seen.document).toEqual({
      ...{ title: 'By form', year: 1984, tags: ['a', 'b'], metadata: { k: { v: 1 } } },
      ...{ source: 'form/1', mediaType: 'text/markdown' },
    });
  });

  it('refuses what is not allowed', async () => {
    const file = { name: 'a.txt', body: 'text' };
    expect(await refusal(form({ colour: 'red' }, file))).toBe('INVALID_FORM');
    expect(await refusal(form({ year: 'last' }, file))).toBe('INVALID_FORM');
    expect(await refusal(form({ title: 'no file' }))).toBe('INVALID_FORM');
    expect(await refusal(form({}, { name: 'big.txt', body: 'x'.repeat(1024 * 1024 + 1) }))).toBe('TOO_LARGE');
    expect(await refusal(form({}, { name: 'empty.txt', body: '' }))).toBe('EMPTY_FILE');
  });
});

describe('contentUrl', () => {
  it('gives the bytes to whoever has it, harmless to a browser, and nothing when it is changed', async () => {
    const { document } = await ingest(bench, { text: '<html><h1>Hello</h1></html>', source: 'a"b\n.html' });
    const { document: seen } = await bench.run<{ document: { contentUrl: string } }>(
      'query ($id: ID!) { document(id: $id) { contentUrl } }',
      { id: document.id },
    );
    const response = await bench.fetch('GET', seen.contentUrl);
    expect(await response.text()).toBe('<html><h1>Hello</h1></html>');
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    const changed = seen.contentUrl.replace('tenant=acme', 'tenant=other');
    await expect(bench.fetch('GET', changed)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('the original bytes', () => {
  const contentUrl = async (fileName: string, bytes: Uint8Array) => {
    const { document } = await ingest(bench, { uploadId: await upload(bench, fileName, bytes) });
    const { document: seen } = await bench.run<{ document: { contentUrl: string } }>(
      'query ($id: ID!) { document(id: $id) { contentUrl } }',
      { id: document.id },
    );
    return seen.contentUrl;
  };
  const digits = Buffer.from('0123456789'.repeat(10));

  it('are sent in part to whoever asks for a part, as players do', async () => {
    const url = await contentUrl('digits.txt', digits);
    const ask = (headers: Record<string, string>) => bench.fetch('GET', url, { headers });
    const part = await ask({ range: 'bytes=10-14' });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe('bytes 10-14/100');
    expect(part.headers.get('content-length')).toBe('5');
    expect(await part.text()).toBe('01234');
    expect(await (await ask({ range: 'bytes=-3' })).text()).toBe('789');
    expect(await (await ask({ range: 'bytes=95-' })).text()).toBe('56789');
    const behind = await ask({ range: 'bytes=100-' });
    expect(behind.status).toBe(416);
    expect(behind.headers.get('content-range')).toBe('bytes */100');
  });

  it('are sent whole where they have changed meanwhile, and where no range is asked for', async () => {
    const url = await contentUrl('more-digits.txt', Buffer.concat([digits, digits]));
    const whole = await bench.fetch('GET', url);
    expect(whole.status).toBe(200);
    expect(whole.headers.get('accept-ranges')).toBe('bytes');
    const etag = whole.headers.get('etag') ?? '';
    const ask = async (condition: string) =>
      (await bench.fetch('GET', url, { headers: { range: 'bytes=0-1', 'if-range': condition } })).status;
    expect(await ask(etag)).toBe(206);
    expect(await ask('"another"')).toBe(200);
    expect(await whole.text()).toHaveLength(200);
  });

  it('of a picture are a picture, and of an SVG one that runs nothing', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>';
    const response = await bench.fetch('GET', await contentUrl('a.svg', Buffer.from(svg)));
    expect(response.headers.get('content-type')).toBe('image/svg+xml');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("sandbox; default-src 'none'");
    expect(policy).not.toContain('script');
    expect(await response.text()).toBe(svg);
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    const picture = await bench.fetch('GET', await contentUrl('../../etc/passwd', png));
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(picture.headers.get('content-disposition')).toBe(
      "inline; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd",
    );
  });
});

describe('tenancy and scopes', () => {
  it('shows a tenant its own documents only', async () => {
    const { document } = await ingest(bench, { text: 'For acme alone.' });
    const [passage] = await passages(bench, document.id);
    const seen = await bench.run(
      `query ($id: ID!, $chunk: ID!) { document(id: $id) { id } node(id: $chunk) { id }
         documents { totalCount } _entities(representations: [{ __typename: "Chunk", id: $chunk }]) { __typename } }`
        .replace('$chunk }]', `"${passage?.id}" }]`)
        .replace('id: $chunk)', `id: "${passage?.id}")`)
        .replace(', $chunk: ID!', ''),
      { id: document.id },
      { tenant: 'other' },
    );
    expect(seen).toEqual({ document: null, node: null, documents: { totalCount: 0 }, _entities: [null] });
  });

  it('needs the scope for each', async () => {
    const read = bench.run('{ documents { totalCount } }', {}, { scopes: ['documents:write'] });
    await expect(read).rejects.toMatchObject({ code: 'DENIED' });
    const write = bench.run(
      'mutation { ingestDocument(input: { text: "x" }) { __typename } }',
      {},
      { scopes: ['documents:read'] },
    );
    await expect(write).rejects.toMatchObject({ code: 'DENIED' });
  });
});
