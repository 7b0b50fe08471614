import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHashEncoder } from '../../platform/testing/hash-encoder.ts';
import { createIngestBench, type IngestBench } from './testing/ingest-bench.ts';
import { finish, ingest, passages, search, upload } from './testing/operations.ts';
import { makePdf } from './testing/pdfs.ts';

const encoded: string[] = [];
let bench: IngestBench;
beforeAll(async () => {
  const encoder = createHashEncoder();
  bench = await createIngestBench({
    encoder: {
      ...encoder,
      encode(texts, purpose, signal) {
        if (purpose === 'passage') encoded.push(...texts);
        return encoder.encode(texts, purpose, signal);
      },
    },
  });
});
afterAll(() => bench[Symbol.asyncDispose]());

const page = (name: string) =>
  Array.from(
    { length: 8 },
    (_, line) => `${name} line ${line}: the valve ${name}-${line} is opened by hand.`,
  ).join('\n');

/** What was encoded for `work`. */
async function encodedFor<T>(
  work: () => Promise<T>,
): Promise<{ readonly texts: string[]; readonly result: T }> {
  encoded.length = 0;
  const result = await work();
  return { texts: [...encoded], result };
}

describe('a new version of a document', () => {
  const put = async (pages: readonly string[], source: string) => {
    const bytes = await makePdf(pages, { title: 'The valves' });
    return ingest(bench, { uploadId: await upload(bench, 'valves.pdf', bytes), source });
  };

  it('is encoded where it has changed, and nowhere else', async () => {
    const first = await encodedFor(() => put(['alpha', 'beta', 'gamma'].map(page), 'changed'));
    const second = await encodedFor(() => put(['alpha', 'delta', 'gamma'].map(page), 'changed'));
    expect(first.texts.length).toBe(3);
    expect(second.texts.length).toBe(1);
    expect(second.texts[0]).toContain('delta line 0');
    const texts = (await passages(bench, second.result.document.id)).map(({ text }) => text.slice(0, 5));
    expect(texts).toEqual(['alpha', 'delta', 'gamma']);
    for (const word of ['alpha', 'delta', 'gamma']) expect(await search(bench, word)).not.toEqual([]);
  });

  it('is not encoded again where pages only stand elsewhere', async () => {
    await put(['one', 'two', 'three'].map(page), 'moved');
    const { texts, result } = await encodedFor(() => put(['zero', 'one', 'two', 'three'].map(page), 'moved'));
    expect(texts.map((text) => text.split('\n')[1])).toEqual([
      'zero line 0: the valve zero-0 is opened by hand.',
    ]);
    expect(await passages(bench, result.document.id)).toHaveLength(4);
  });

  it('is encoded anew where the title has changed, which stands before every passage', async () => {
    const { document } = await put(['north', 'south'].map(page), 'titled');
    const { texts } = await encodedFor(async () => {
      const { updateDocument } = await bench.run<{ updateDocument: { id: string } }>(
        `mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { ... on IngestJob { id } } }`,
        { input: { id: document.id, attributes: { title: 'The gates' } } },
      );
      await finish(bench, updateDocument.id);
      // What is put in now was encoded a moment ago already, under the new title.
      await put(['north', 'south'].map(page).toReversed(), 'titled');
    });
    expect(texts).toHaveLength(2);
    expect(texts.every((text) => text.startsWith('The gates\n'))).toBe(true);
  });
});
