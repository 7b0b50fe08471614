import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../platform/testing/eventually.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { finish, ingest, ingestRaw, passages, type SeenJob, search, upload } from '../testing/operations.ts';

let bench: IngestBench;
beforeAll(async () => {
  bench = await createIngestBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Every chunk id in the vector store. */
async function stored(): Promise<string[]> {
  const ids: string[] = [];
  for (const collection of await bench.vectors.collections()) {
    for await (const { chunkId } of bench.vectors.listChunks(collection, null)) ids.push(chunkId);
  }
  return ids.sort();
}

const update = async (input: Record<string, unknown>) =>
  (
    await bench.run<{ updateDocument: SeenJob }>(
      `mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) {
         __typename ... on IngestJob { id duplicate document { id version } } ... on Problem { code message } } }`,
      { input },
    )
  ).updateDocument;

describe('the same content twice', () => {
  it('is one document, and the second job has nothing to do', async () => {
    const text = 'Once upon a time there was exactly one of these.';
    const first = await ingest(bench, { text, source: 'tale' });
    const again = await ingestRaw(bench, { text, source: 'tale' });
    expect(again).toMatchObject({
      duplicate: true,
      state: 'SUCCEEDED',
      stage: 'DONE',
      document: first.document,
    });
    expect((await ingest(bench, { text })).document.id).not.toBe(first.document.id);
    expect(await search(bench, 'exactly')).toHaveLength(2);
  });

  it('by several at once is one document', async () => {
    const input = { text: 'All of them at the same moment.', source: 'rush' };
    const jobs = await Promise.all(Array.from({ length: 8 }, () => ingest(bench, input)));
    expect(new Set(jobs.map((job) => job.document.id)).size).toBe(1);
    expect(new Set(jobs.map((job) => job.document.version))).toEqual(new Set([1]));
    expect(await search(bench, 'moment')).toHaveLength(1);
  });

  it('as uploads of one name is one document, and leaves one blob', async () => {
    const bytes = Buffer.from('The file that was sent twice.');
    const first = await ingest(bench, { uploadId: await upload(bench, 'twice.txt', bytes) });
    const blobs = await countBlobs();
    const second = await ingest(bench, { uploadId: await upload(bench, 'twice.txt', bytes) });
    expect(second.document.id).toBe(first.document.id);
    await eventually(async () => (await countBlobs()) === blobs);
  });
});

async function countBlobs(): Promise<number> {
  let count = 0;
  for await (const _ of bench.blobs.list('documents/')) count++;
  return count;
}

describe('changed content', () => {
  it('is a new version, and nothing of the old one is found', async () => {
    const first = await ingest(bench, { text: 'The walrus lives in the north.', source: 'animal' });
    const second = await ingest(bench, { text: 'The penguin lives in the south.', source: 'animal' });
    expect(second.document).toMatchObject({ id: first.document.id, version: 2, state: 'SEARCHABLE' });
    expect((await passages(bench, first.document.id)).map(({ text }) => text)).toEqual([
      'The penguin lives in the south.',
    ]);
    await eventually(async () => (await search(bench, 'walrus')).length === 0);
    expect(await search(bench, 'penguin')).toHaveLength(1);
  });

  it('back to what it was before is found again, and only once', async () => {
    const texts = ['Version aardvark.', 'Version buffalo.', 'Version aardvark.'];
    for (const text of texts) await ingest(bench, { text, source: 'back' });
    await eventually(async () => (await search(bench, 'buffalo')).length === 0);
    expect(await search(bench, 'aardvark')).toHaveLength(1);
  });

  it('keeps the passages that did not change', async () => {
    const paragraph = (word: string) => `${`${word} `.repeat(170)}end.\n\n`;
    const first = await ingest(bench, { text: paragraph('same') + paragraph('old'), source: 'long' });
    const before = await passages(bench, first.document.id);
    await ingest(bench, { text: paragraph('same') + paragraph('new'), source: 'long' });
    const after = await passages(bench, first.document.id);
    expect(after[0]?.id).toBe(before[0]?.id);
    expect(after.map(({ id }) => id)).not.toContain(before[1]?.id);
    const ids = new Set(after.map(({ id }) => id));
    await eventually(async () =>
      (await stored()).filter((id) => before.some((chunk) => chunk.id === id)).every((id) => ids.has(id)),
    );
  });

  it('that cannot be read leaves the old version to be found', async () => {
    const first = await ingest(bench, { text: 'A giraffe that stays.', source: 'kept' });
    const page = {
      text: '<html><body><script>only();</script></body></html>',
      mediaType: 'text/html',
      source: 'kept',
    };
    const failed = await ingest(bench, page);
    expect(failed).toMatchObject({ state: 'FAILED', error: { code: 'NO_TEXT' }, document: { version: 2 } });
    expect(await search(bench, 'giraffe')).toHaveLength(1);
    expect((await passages(bench, first.document.id))[0]?.text).toBe('A giraffe that stays.');
    // The same again is tried again, and the right thing then is a version of its own.
    expect(await ingest(bench, page)).toMatchObject({ state: 'FAILED', duplicate: false });
    const mended = await ingest(bench, { text: 'A zebra instead.', source: 'kept' });
    expect(mended.document).toMatchObject({ version: 3, state: 'SEARCHABLE' });
    await eventually(async () => (await search(bench, 'giraffe')).length === 0);
  });
});

describe('changed content that fails, with other attributes', () => {
  const byYear = (year: number) =>
    bench.vectors.searchSparse({
      collection: { family: 'text', fingerprint: bench.encoder.description.fingerprint },
      tenant: 'acme',
      filter: { kind: 'yearRange', from: year, to: year },
      limit: 10,
      text: 'okapi',
    });

  it('leaves the old passages, with what is said of the document now', async () => {
    const source = 'half';
    const first = await ingest(bench, {
      text: 'An okapi.',
      source,
      attributes: { year: 1901, title: 'Old' },
    });
    const failed = await ingest(bench, {
      ...{ text: '<script>nothing()</script>', mediaType: 'text/html', source },
      attributes: { year: 1902, title: 'New' },
    });
    expect(failed).toMatchObject({ state: 'FAILED', document: { id: first.document.id } });
    const documentIds = (hits: readonly { documentId: string }[]) => hits.map(({ documentId }) => documentId);
    await eventually(async () => (await byYear(1902)).length > 0);
    expect(documentIds(await byYear(1902))).toEqual([first.document.id]);
    expect(await byYear(1901)).toEqual([]);
    expect(documentIds(await search(bench, 'New'))).toContain(first.document.id);
    const { document } = await bench.run<{ document: unknown }>(
      'query ($id: ID!) { document(id: $id) { title year state version gaps { code } chunks { totalCount } } }',
      { id: first.document.id },
    );
    expect(document).toEqual({
      ...{ title: 'New', year: 1902, state: 'PARTIAL', version: 2 },
      ...{ gaps: [{ code: 'NO_TEXT' }], chunks: { totalCount: 1 } },
    });
  });
});

describe('several mutations in one operation', () => {
  it('each show the document as it is then', async () => {
    const { document } = await ingest(bench, { text: 'Changed thrice.', attributes: { title: 'Zero' } });
    const change = (name: string, title: string) =>
      `${name}: updateDocument(input: { id: "${document.id}", attributes: { title: "${title}" } }) {
         ... on IngestJob { id document { title } } }`;
    const seen = await bench.run<Record<string, { id: string }>>(
      `mutation { ${change('a', 'One')} ${change('b', 'Two')}
         gone: deleteDocument(id: "${document.id}") { __typename }
         c: updateDocument(input: { id: "${document.id}", attributes: { title: "Three" } }) { __typename } }`,
    );
    expect(seen).toMatchObject({
      a: { document: { title: 'One' } },
      b: { document: { title: 'Two' } },
      gone: { __typename: 'DeletionReceipt' },
      c: { __typename: 'NotFound' },
    });
  });
});

describe('updateDocument', () => {
  it('changes what is said of a document, and filters see it', async () => {
    const { document } = await ingest(bench, {
      text: 'A report on turbines.',
      source: 'report',
      attributes: {
        title: 'First title',
        year: 1999,
        tags: ['a', 'b', 'a'],
        metadata: { project: { phase: 1 } },
      },
    });
    const job = await update({
      id: document.id,
      attributes: { title: 'Second title', year: 2001, author: 'Ada' },
    });
    await finish(bench, job.id);
    const { document: seen } = await bench.run<{ document: unknown }>(
      'query ($id: ID!) { document(id: $id) { title year author tags metadata version } }',
      { id: document.id },
    );
    expect(seen).toEqual({
      title: 'Second title',
      year: 2001,
      author: 'Ada',
      tags: ['a', 'b'],
      metadata: { project: { phase: 1 } },
      version: 1,
    });
    const found = await bench.vectors.searchSparse({
      collection: { family: 'text', fingerprint: bench.encoder.description.fingerprint },
      tenant: 'acme',
      filter: {
        kind: 'and',
        filters: [
          { kind: 'yearRange', from: 2001, to: 2001 },
          { kind: 'authorIn', authors: ['Ada'] },
        ],
      },
      limit: 10,
      text: 'second turbines',
    });
    expect(found.map((hit) => hit.documentId)).toEqual([document.id]);
  });

  it('gives new content to the same document', async () => {
    const { document } = await ingest(bench, { text: 'Before the change: ocelot.' });
    const job = await update({ id: document.id, text: 'After the change: lynx.' });
    expect(job.document).toMatchObject({ id: document.id, version: 2 });
    await finish(bench, job.id);
    expect(await search(bench, 'lynx')).toHaveLength(1);
    await eventually(async () => (await search(bench, 'ocelot')).length === 0);
  });

  it('says what is missing', async () => {
    expect(await update({ id: 'doc_00000000000000000000000000', text: 'x' })).toMatchObject({
      __typename: 'NotFound',
    });
    const { document } = await ingest(bench, { text: 'Nothing to change here.' });
    expect(await update({ id: document.id })).toMatchObject({
      __typename: 'Rejected',
      code: 'NOTHING_TO_CHANGE',
    });
  });
});
