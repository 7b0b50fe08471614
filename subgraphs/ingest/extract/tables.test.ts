import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Encoder } from '../../../platform/ports/encoder.ts';
import type { Filter } from '../../../platform/ports/vector-store.ts';
import { createHashEncoder } from '../../../platform/testing/hash-encoder.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { finish, ingest, type SeenJob, search, upload } from '../testing/operations.ts';

/** Counts the passages that are encoded. */
function counting(encoder: Encoder): Encoder & { readonly texts: string[] } {
  const texts: string[] = [];
  return {
    ...encoder,
    texts,
    encode(passages, kind, signal) {
      texts.push(...passages);
      return encoder.encode(passages, kind, signal);
    },
    [Symbol.asyncDispose]: () => encoder[Symbol.asyncDispose](),
  };
}

const encoder = counting(createHashEncoder());
let bench: IngestBench;
beforeAll(async () => {
  bench = await createIngestBench({ encoder });
});
afterAll(() => bench[Symbol.asyncDispose]());

const csv = (rows: readonly string[]) => Buffer.from(['name,price,place', ...rows].join('\n'));
const rows = Array.from(
  { length: 400 },
  (_, index) => `Part ${index},${(index * 7919) % 1000},shelf ${index % 13}`,
);

describe('a table, from upload to what is found', () => {
  it('is found by its words, with its place, and filtered by its cells', async () => {
    const job = await ingest(bench, { uploadId: await upload(bench, 'parts.csv', csv(rows)) });
    expect(job).toMatchObject({ state: 'SUCCEEDED' });
    const { document } = await bench.run<{
      document: { modality: string; chunks: { nodes: { id: string; modality: string; locator: unknown }[] } };
    }>(
      `query ($id: ID!) { document(id: $id) { modality chunks(first: 200) { nodes { id modality locator {
         ... on CellRange { sheet firstRow lastRow firstColumn lastColumn } } } } } }`,
      { id: job.document.id },
    );
    expect(document.modality).toBe('TABLE');
    const [first] = document.chunks.nodes;
    expect(first).toMatchObject({ modality: 'TABLE', locator: { sheet: null, firstRow: 2, firstColumn: 1 } });
    const [best] = await search(bench, '"Part 0"');
    expect(document.chunks.nodes.map(({ id }) => id)).toContain(best?.chunkId);

    const among = async (filter: Filter) => {
      const { vectors } = bench;
      const found = await vectors.searchSparse({
        collection: { family: 'text', fingerprint: encoder.description.fingerprint },
        ...{ tenant: 'acme', filter, limit: 500, text: 'shelf part' },
      });
      return found.length;
    };
    const all = await among({ kind: 'modalityIn', modalities: ['TABLE'] });
    const one: Filter = { kind: 'cells', tests: [{ column: 'PRICE', operator: '>', value: 995 }] };
    // The store rules out what cannot match: few of all groups are left.
    expect(await among(one)).toBeGreaterThan(0);
    expect(await among(one)).toBeLessThan(all / 4);
    expect(await among({ kind: 'cells', tests: [{ column: 'price', operator: '>', value: 5_000 }] })).toBe(0);
    expect(
      await among({ kind: 'cells', tests: [{ column: 'name', operator: 'in', values: ['Part 7'] }] }),
    ).toBe(1);
    expect(
      await among({ kind: 'cells', tests: [{ column: 'name', operator: 'in', values: ['Part'] }] }),
    ).toBe(0);
  });

  it('is encoded anew only where rows have changed', async () => {
    const before = await ingest(bench, { uploadId: await upload(bench, 'stock.csv', csv(rows)) });
    const groups = before.chunksTotal;
    expect(groups).toBeGreaterThan(20);
    const update = async (changed: readonly string[]) => {
      encoder.texts.length = 0;
      const { updateDocument } = await bench.run<{ updateDocument: SeenJob }>(
        `mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { ... on IngestJob { id } ... on Problem { code message } } }`,
        { input: { id: before.document.id, uploadId: await upload(bench, 'stock.csv', csv(changed)) } },
      );
      expect((await finish(bench, updateDocument.id)).state).toBe('SUCCEEDED');
      return encoder.texts.filter((text) => !text.includes('Summary of'));
    };
    const changed = await update(rows.with(200, 'Part 200,123456,shelf 3'));
    expect(changed).toHaveLength(1);
    expect(changed[0]).toContain('price: 123456');
    // One that was put in moves all others by a row: they stay as they are.
    expect((await update(rows.toSpliced(10, 0, 'Part new,1,shelf 1'))).length).toBeLessThanOrEqual(3);
    // Nothing of it is new.
    expect(await update(rows.toSpliced(10, 0, 'Part new,1,shelf 1'))).toEqual([]);
  });
});
