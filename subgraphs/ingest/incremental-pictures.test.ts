import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TextReader } from '../../platform/ports/text-reader.ts';
import { createHashEncoder } from '../../platform/testing/hash-encoder.ts';
import { drawnPicture, openTextReader } from '../../platform/text-reading/testing/drawn-pictures.ts';
import { createIngestBench, type IngestBench } from './testing/ingest-bench.ts';
import { ingest, passages, search, upload } from './testing/operations.ts';
import { makePicturePdf } from './testing/picture-pdfs.ts';

let encoded: string[] = [];
let reads = 0;
let textReader: TextReader;
let bench: IngestBench;
beforeAll(async () => {
  const encoder = createHashEncoder();
  textReader = await openTextReader();
  bench = await createIngestBench({
    textReader: {
      ...textReader,
      read(picture, signal) {
        reads++;
        return textReader.read(picture, signal);
      },
    },
    encoder: {
      ...encoder,
      encode(texts, purpose, signal) {
        if (purpose === 'passage') encoded.push(...texts);
        return encoder.encode(texts, purpose, signal);
      },
    },
  });
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await textReader[Symbol.asyncDispose]();
});

/** A PDF of scanned pages and one with a picture beside text, taken in; and what had to be read and encoded for it. */
async function put(scans: readonly string[], about: string) {
  encoded = [];
  reads = 0;
  const place = { x: 40, y: 400, width: 500, height: 160 };
  const pages = await Promise.all(
    scans.map(async (name) => ({ pictures: [{ bytes: (await drawnPicture(name)).bytes, ...place }] })),
  );
  const drawing = (await drawnPicture('drawing')).bytes;
  const bytes = await makePicturePdf([
    ...pages,
    {
      texts: [{ text: about, x: 60, y: 740 }],
      pictures: [{ bytes: drawing, x: 60, y: 300, width: 400, height: 300 }],
    },
  ]);
  const job = await ingest(bench, {
    uploadId: await upload(bench, 'scans.pdf', bytes),
    source: 'scans',
    attributes: { title: 'Scans' },
  });
  return { job, encoded, reads };
}

describe('a new version of a scanned document', { timeout: 60_000 }, () => {
  it('is read and encoded where it has changed, and nowhere else', async () => {
    const first = await put(['light-on-dark', 'upside-down'], 'The circuit.');
    expect(first.job).toMatchObject({ state: 'SUCCEEDED' });
    expect(first.reads).toBe(3);
    expect(await search(bench, 'maintenance manual gearbox')).not.toEqual([]);

    const same = await put(['light-on-dark', 'upside-down'], 'The circuit.');
    expect([same.reads, same.encoded]).toEqual([0, []]);

    const text = await put(['light-on-dark', 'upside-down'], 'The circuit, drawn anew.');
    expect([text.reads, text.encoded]).toEqual([0, ['Scans\nThe circuit, drawn anew.']]);

    const scan = await put(['light-on-dark', 'clean-16'], 'The circuit, drawn anew.');
    expect(scan.reads).toBe(1);
    expect(scan.encoded).toHaveLength(1);
    expect(scan.encoded[0]).toContain('Close valve V-12 before opening the drain.');
    const found = await passages(bench, scan.job.document.id);
    expect(found[1]).toMatchObject({ locator: { __typename: 'PageRegion', page: 2 } });
  });
});
