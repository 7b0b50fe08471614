import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';

let bench: IngestBench;
beforeAll(async () => {
  bench = await createIngestBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

type Part = readonly [name: string, value: string];
const file = (text: string): Part => ['file', text];

/** The form as a client writes it that sends its parts in exactly this order. */
function formOf(parts: readonly Part[], end = '--edge--\r\n') {
  const written = parts.map(
    ([name, value]) =>
      `--edge\r\nContent-Disposition: form-data; name="${name}"${name === 'file' ? '; filename="a.txt"' : ''}\r\n\r\n${value}\r\n`,
  );
  return {
    body: written.join('') + end,
    headers: { 'content-type': 'multipart/form-data; boundary=edge' },
  };
}
const send = (parts: readonly Part[], end?: string) =>
  bench.fetch('POST', '/v1/documents', formOf(parts, end));

async function kept() {
  const keys: string[] = [];
  for await (const key of bench.blobs.list('documents/')) keys.push(key);
  const { documents } = await bench.run<{ documents: { totalCount: number } }>(
    '{ documents { totalCount } }',
  );
  return { keys: keys.sort(), documents: documents.totalCount };
}

describe('a document sent as a form', () => {
  it.each([
    ['before the file', (text: string) => [['source', text], ['tags', 'a,b'], ['year', '1999'], file(text)]],
    ['behind the file', (text: string) => [file(text), ['source', text], ['tags', 'a,b'], ['year', '1999']]],
    [
      'around the file',
      (text: string) => [['tags', 'a'], file(text), ['source', text], ['tags', 'b'], ['year', '1999']],
    ],
  ] as [string, (text: string) => Part[]][])('takes fields %s', async (where, parts) => {
    const response = await send(parts(`Words ${where}.`));
    expect(response.status).toBe(202);
    const { document } = (await response.json()) as { document: { id: string } };
    expect(
      await bench.run('query ($id: ID!) { document(id: $id) { title source tags year } }', {
        id: document.id,
      }),
    ).toEqual({ document: { title: 'a.txt', source: `Words ${where}.`, tags: ['a', 'b'], year: 1999 } });
  });

  it.each([
    ['a field that there is not, behind the file', [file('words'), ['colour', 'red']], 'colour'],
    ['a field that there is not, before the file', [['colour', 'red'], file('words')], 'colour'],
    ['a year that is none, behind the file', [file('words'), ['year', 'soon']], 'year'],
    [
      'an attribute that is not allowed, behind the file',
      [file('words'), ['publishedAt', 'soon']],
      'publishedAt',
    ],
    ['a second file', [file('words'), file('more words')], 'several files'],
    ['no file', [['title', 'words']], 'no file'],
  ] as [string, Part[], string][])('refuses %s, and changes nothing', async (_, parts, message) => {
    const before = await kept();
    await expect(send(parts)).rejects.toMatchObject({
      code: 'REJECTED_INPUT',
      publicMessage: expect.stringContaining(message),
    });
    expect(await kept()).toEqual(before);
  });

  it('refuses a form that breaks off in its file or behind it, and changes nothing', async () => {
    const before = await kept();
    for (const end of ['', '--edge\r\nContent-Disposition: form-data; name="tags"\r\n\r\nhalf']) {
      await expect(send([file('words')], end)).rejects.toMatchObject({
        code: 'REJECTED_INPUT',
        publicMessage: expect.stringContaining('breaks off'),
      });
    }
    expect(await kept()).toEqual(before);
  });
});
