import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../platform/testing/eventually.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { finish, ingest, ingestRaw, passages, upload } from '../testing/operations.ts';
import { makePdf } from '../testing/pdfs.ts';

let bench: IngestBench;
beforeAll(async () => {
  bench = await createIngestBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const documentOf = async (id: string) =>
  (
    await bench.run<{ document: Record<string, unknown> }>(
      `query ($id: ID!) { document(id: $id) {
         title author mediaType state gaps { code locator { ... on PageRegion { page } } } } }`,
      { id },
    )
  ).document;

describe('a PDF', () => {
  it('is read by page, with the place of each passage', async () => {
    const pdf = await makePdf(['Alpha page.\nIts second line.', 'Beta page.'], {
      title: 'Two Pages',
      author: 'A. Writer',
    });
    const job = await ingest(bench, { uploadId: await upload(bench, 'two.pdf', pdf) });
    expect(job.state).toBe('SUCCEEDED');
    expect(await documentOf(job.document.id)).toMatchObject({
      title: 'Two Pages',
      author: 'A. Writer',
      mediaType: 'application/pdf',
      state: 'SEARCHABLE',
      gaps: [],
    });
    const [first, second] = await passages(bench, job.document.id);
    expect(first?.text).toBe('Alpha page.\nIts second line.');
    expect(first?.locator).toMatchObject({ __typename: 'PageRegion', page: 1 });
    expect(second).toMatchObject({ text: 'Beta page.', locator: { page: 2 } });
    // The lines stand at x 60 of 600, their baselines at y 700 and 684 of 800.
    const { left, top, width, height } = first!.locator.box as Record<string, number>;
    expect(left).toBeCloseTo(0.1, 2);
    expect(top).toBeCloseTo((800 - 700 - 12 * 0.8) / 800, 2);
    expect(top! + height!).toBeCloseTo((800 - 684 + 12 * 0.2) / 800, 2);
    expect(width).toBeGreaterThan(0.1);
    expect(width).toBeLessThan(0.3);
  });

  it('with a page without text is found in part, and says which page is missing', async () => {
    const pdf = await makePdf(['Words here.', '', 'And here.']);
    const job = await ingest(bench, { uploadId: await upload(bench, 'gap.pdf', pdf) });
    expect(job).toMatchObject({ state: 'SUCCEEDED', chunksStored: 2 });
    expect(await documentOf(job.document.id)).toMatchObject({
      title: 'gap.pdf',
      state: 'PARTIAL',
      gaps: [{ code: 'NO_TEXT', locator: { page: 2 } }],
    });
  });

  it('without any text fails, and says why', async () => {
    const pdf = await makePdf(['', '']);
    const job = await ingest(bench, { uploadId: await upload(bench, 'scan.pdf', pdf) });
    expect(job).toMatchObject({ state: 'FAILED', stage: 'DONE', error: { code: 'NO_TEXT' } });
    expect(await documentOf(job.document.id)).toMatchObject({ state: 'FAILED', gaps: [{ code: 'NO_TEXT' }] });
  });

  it('of 1,000 pages works', async () => {
    const pdf = await makePdf(
      Array.from({ length: 1000 }, (_, i) => `This is page number ${i + 1} of the long one.`),
    );
    const job = await ingest(bench, { uploadId: await upload(bench, 'long.pdf', pdf) });
    expect(job).toMatchObject({ state: 'SUCCEEDED', chunksTotal: 1000, chunksStored: 1000 });
  });

  it('is taken in while others are being read', async () => {
    let goOn = () => {};
    const standing = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let encoding = 0;
    const { encoder } = bench;
    await using busy = await createIngestBench({
      encoder: {
        ...encoder,
        tokenSpans: (text) => encoder.tokenSpans(text),
        encode: async (...all) => {
          encoding++;
          await standing;
          return encoder.encode(...all);
        },
      },
    });
    const putIn = async (text: string) => {
      const uploadId = await upload(busy, `${text}.pdf`, await makePdf([text]));
      const accepted = await ingestRaw(busy, { uploadId });
      if (accepted.__typename !== 'IngestJob') throw new Error(accepted.message);
      return accepted.id;
    };
    const jobs = [await putIn('one'), await putIn('two')];
    // Both hold what they read with.
    await eventually(() => encoding === 2);
    jobs.push(await putIn('three'), await putIn('four'));
    goOn();
    for (const id of jobs) expect(await finish(busy, id)).toMatchObject({ state: 'SUCCEEDED' });
  });
});
