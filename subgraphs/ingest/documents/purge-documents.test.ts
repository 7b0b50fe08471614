import { verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../platform/testing/eventually.ts';
import { PdfReader } from '../extract/pdf-reader.ts';
import { startOutbox } from '../jobs/run-outbox.ts';
import { startWorker } from '../jobs/worker.ts';
import type { DeletionReceiptModel } from '../models.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { findViolations } from '../testing/invariants.ts';
import { finish, ingestRaw, search } from '../testing/operations.ts';
import { canonicalReceipt } from './receipts.ts';

let bench: IngestBench;
let pdf: PdfReader;
beforeAll(async () => {
  bench = await createIngestBench({ workers: 0, timing: { receiptWaitMs: 0 } });
  pdf = new PdfReader();
});
afterAll(async () => {
  await pdf[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

/** Puts documents in whose passages differ in number, and makes them findable. @returns their ids. */
async function fill(count: number, word: string): Promise<string[]> {
  await using _worker = await startWorker({ ...bench, pdf }, { concurrency: 4, leaseMs: 10_000, pollMs: 50 });
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const text = Array.from({ length: 1 + (index % 3) * 300 }, (_, i) => `${word} ${index} ${i}.`).join(' ');
    const accepted = await ingestRaw(bench, { text, source: `${word}-${index}` });
    if (accepted.__typename !== 'IngestJob') throw new Error(accepted.message);
    expect((await finish(bench, accepted.id)).state).toBe('SUCCEEDED');
    ids.push(accepted.document.id);
  }
  return ids;
}

const passagesOf = async (ids: readonly string[]): Promise<Map<string, number>> => {
  const { rows } = await bench.database.forWorker((client) =>
    client.query<{ id: string; count: number }>(
      'select document_id as id, count(*) as count from chunks where document_id = any($1) group by 1',
      [ids],
    ),
  );
  return new Map(rows.map(({ id, count }) => [id, count]));
};

const remove = (id: string) =>
  bench.run('mutation ($id: ID!) { deleteDocument(id: $id) { ... on DeletionReceipt { id } } }', { id });

const receiptOf = async (id: string): Promise<DeletionReceiptModel> =>
  (
    await bench.run<{ deletionReceipt: DeletionReceiptModel }>(
      `query ($id: ID!) { deletionReceipt(id: $id) {
         id documentId requestedAt unfindableAt purgedAt stores { store removed purgedAt } signature } }`,
      { id },
    )
  ).deletionReceipt;

const complete = (ids: readonly string[]) =>
  eventually(async () => {
    const receipts = await Promise.all(ids.map(receiptOf));
    return receipts.every(({ purgedAt }) => purgedAt !== null) && receipts;
  });

describe('many deletions', () => {
  it('are purged together, and each receipt tells of its own document', async () => {
    const ids = await fill(9, 'heron');
    const passages = await passagesOf(ids);
    expect(new Set(passages.values()).size).toBeGreaterThan(1);
    for (const id of ids) await remove(id);
    expect(await search(bench, 'heron')).not.toEqual([]);

    const calls: string[][] = [];
    const vectors = Object.assign(Object.create(bench.vectors) as typeof bench.vectors, {
      deleteDocuments: (tenant: string, documentIds: readonly string[]) => {
        calls.push([...documentIds]);
        return bench.vectors.deleteDocuments(tenant, documentIds);
      },
    });
    await using _outbox = await startOutbox({ ...bench, vectors }, { leaseMs: 10_000, pollMs: 50 });
    const receipts = await complete(ids);
    expect(calls.map((call) => call.sort())).toEqual([[...ids].sort()]);
    for (const receipt of receipts) {
      const count = passages.get(receipt.documentId) ?? 0;
      expect(receipt.stores.map(({ store, removed }) => [store, removed])).toEqual(
        expect.arrayContaining([
          ['vectors', count],
          ['blobs', 1],
          ['answers', 0],
          // The passages, the version and the document.
          ['metadata', count + 2],
        ]),
      );
      const signature = Buffer.from(receipt.signature ?? '', 'base64url');
      expect(verify(null, Buffer.from(canonicalReceipt(receipt)), bench.publicKey, signature)).toBe(true);
    }
    expect(await search(bench, 'heron')).toEqual([]);
    expect(await findViolations(bench)).toEqual([]);
  });

  it.each(['vectors', 'blobs'] as const)(
    'say the same where the first attempt broke off behind the %s',
    async (store) => {
      const ids = await fill(3, `bittern${store}`);
      const passages = await passagesOf(ids);
      for (const id of ids) await remove(id);
      let broken = false;
      const once = async <T>(result: Promise<T>): Promise<T> => {
        await result;
        if (!broken) {
          broken = true;
          throw new Error('The process has stopped here.');
        }
        return result;
      };
      const changed = {
        vectors: {
          vectors: Object.assign(Object.create(bench.vectors) as typeof bench.vectors, {
            deleteDocuments: (tenant: string, documentIds: readonly string[]) =>
              once(bench.vectors.deleteDocuments(tenant, documentIds)),
          }),
        },
        blobs: {
          blobs: Object.assign(Object.create(bench.blobs) as typeof bench.blobs, {
            delete: (key: string) => once(bench.blobs.delete(key)),
          }),
        },
      }[store];
      await using _outbox = await startOutbox({ ...bench, ...changed }, { leaseMs: 10_000, pollMs: 50 });
      for (const receipt of await complete(ids)) {
        const removed = new Map(receipt.stores.map((entry) => [entry.store, entry.removed]));
        expect(removed.get('vectors')).toBe(passages.get(receipt.documentId));
        expect(removed.get('blobs')).toBe(1);
      }
      expect(broken).toBe(true);
    },
  );

  it('are shared out between processes, each done once', async () => {
    const ids = await fill(12, 'curlew');
    const passages = await passagesOf(ids);
    for (const id of ids) await remove(id);
    await using _one = await startOutbox(bench, { leaseMs: 10_000, pollMs: 50 });
    await using _other = await startOutbox(bench, { leaseMs: 10_000, pollMs: 50 });
    for (const receipt of await complete(ids)) {
      const vectors = receipt.stores.find(({ store }) => store === 'vectors');
      expect(vectors?.removed).toBe(passages.get(receipt.documentId));
    }
    await eventually(async () => {
      const { rows } = await bench.database.forWorker((client) => client.query('select from outbox'));
      return rows.length === 0;
    });
    expect(await findViolations(bench)).toEqual([]);
  });
});
