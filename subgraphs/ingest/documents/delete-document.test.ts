import { verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../platform/testing/eventually.ts';
import type { DeletionReceiptModel } from '../models.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { ingest, ingestRaw, search } from '../testing/operations.ts';
import { canonicalReceipt } from './receipts.ts';

let bench: IngestBench;
beforeAll(async () => {
  bench = await createIngestBench({ timing: { receiptWaitMs: 20_000 } });
});
afterAll(() => bench[Symbol.asyncDispose]());

const receiptFields =
  'id documentId requestedAt unfindableAt purgedAt stores { store removed purgedAt } signature';

const remove = async (id: string, tenant = 'acme') =>
  (
    await bench.run<{ deleteDocument: DeletionReceiptModel & { __typename: string } }>(
      `mutation ($id: ID!) { deleteDocument(id: $id) {
         __typename ... on DeletionReceipt { ${receiptFields} } ... on Problem { code message } } }`,
      { id },
      { tenant },
    )
  ).deleteDocument;

describe('deleteDocument', () => {
  it('removes the document from every store, and proves it', async () => {
    const { document } = await ingest(bench, {
      text: 'A secret about hippopotamuses.',
      source: 'secret',
      attributes: { title: 'Hippo', author: 'Somebody', metadata: { private: true } },
    });
    const { __typename, ...receipt } = await remove(document.id);
    expect(__typename).toBe('DeletionReceipt');
    expect(receipt.purgedAt).not.toBeNull();
    expect(receipt.stores.map(({ store, removed }) => [store, removed])).toEqual([
      ['cache', 0],
      ['vectors', 1],
      ['blobs', 1],
      ['answers', 0],
      ['metadata', 3],
    ]);

    const { jwk, pem } = (await (await bench.fetch('GET', '/v1/receipts/key')).json()) as {
      jwk: { kty: string };
      pem: string;
    };
    expect(jwk.kty).toBe('OKP');
    const signature = Buffer.from(receipt.signature ?? '', 'base64url');
    expect(verify(null, Buffer.from(canonicalReceipt(receipt)), pem, signature)).toBe(true);
    const forged = canonicalReceipt({ ...receipt, requestedAt: new Date(0).toISOString() });
    expect(verify(null, Buffer.from(forged), pem, signature)).toBe(false);

    expect(await search(bench, 'hippopotamuses')).toEqual([]);
    const left = await bench.database.forWorker(async (client) => {
      const rows: unknown[] = [];
      for (const table of [
        'documents',
        'document_versions',
        'chunks',
        'jobs',
        'job_events',
        'uploads',
        'outbox',
      ]) {
        rows.push((await client.query(`select * from ${table}`)).rows);
      }
      return JSON.stringify(rows);
    });
    for (const word of ['hippo', 'Hippo', 'Somebody', 'secret', 'private']) expect(left).not.toContain(word);
    for await (const key of bench.blobs.list('documents/')) throw new Error(`${key} is left`);
  });

  it('can be asked for again, by either id', async () => {
    const { document } = await ingest(bench, { text: 'Gone in a moment.' });
    const receipt = await remove(document.id);
    expect(await remove(document.id)).toEqual(receipt);
    for (const id of [receipt.id, document.id]) {
      const { deletionReceipt } = await bench.run<{ deletionReceipt: unknown }>(
        `query ($id: ID!) { deletionReceipt(id: $id) { __typename ${receiptFields} } }`,
        { id },
      );
      expect(deletionReceipt).toEqual(receipt);
    }
  });

  it('hides the document from every query, but for the list of deleted ones', async () => {
    const { document } = await ingest(bench, { text: 'Hidden hereafter.', attributes: { title: 'Hidden' } });
    await remove(document.id);
    const seen = await bench.run<{
      document: unknown;
      node: unknown;
      documents: { nodes: { id: string }[] };
      deleted: { nodes: { id: string; title: string; contentUrl: null }[] };
    }>(
      `query ($id: ID!) { document(id: $id) { id } node(id: $id) { id } documents(first: 200) { nodes { id } }
         deleted: documents(filter: { states: [DELETED] }, first: 200) { nodes { id title contentUrl } } }`,
      { id: document.id },
    );
    expect(seen.document).toBeNull();
    expect(seen.node).toBeNull();
    expect(seen.documents.nodes.map(({ id }) => id)).not.toContain(document.id);
    expect(seen.deleted.nodes).toContainEqual({ id: document.id, title: '', contentUrl: null });
  });

  it('lets the same source be put in anew, as another document', async () => {
    const input = { text: 'Phoenix.', source: 'phoenix' };
    const first = await ingest(bench, input);
    await remove(first.document.id);
    const second = await ingest(bench, input);
    expect(second.document.id).not.toBe(first.document.id);
    expect(await search(bench, 'phoenix')).toHaveLength(1);
  });

  it('gives a running job up', async () => {
    const text = Array.from({ length: 60_000 }, (_, i) => `word${i}`).join(' ');
    const accepted = await ingestRaw(bench, { text });
    if (accepted.__typename !== 'IngestJob') throw new Error(accepted.message);
    await remove(accepted.document.id);
    const { ingestJob } = await bench.run<{ ingestJob: unknown }>(
      'query ($id: ID!) { ingestJob(id: $id) { state stage } }',
      { id: accepted.id },
    );
    expect(ingestJob).toEqual({ state: 'CANCELLED', stage: 'DONE' });
    // What the job was writing at that moment is taken back.
    await eventually(async () => {
      for (const collection of await bench.vectors.collections()) {
        for await (const chunk of bench.vectors.listChunks(collection, 'acme')) {
          if (chunk.documentId === accepted.document.id) return false;
        }
      }
      return true;
    });
  });

  it('knows nothing of other tenants', async () => {
    const { document } = await ingest(bench, { text: 'Of acme.' });
    expect(await remove(document.id, 'other')).toMatchObject({ __typename: 'NotFound', code: 'NOT_FOUND' });
    expect(await remove('doc_00000000000000000000000000')).toMatchObject({ __typename: 'NotFound' });
  });
});

describe('removeTenant', () => {
  const removeTenant = (scopes: readonly ('admin' | 'documents:write')[], tenant = 'scratch') =>
    bench.run<{ removeTenant: Record<string, unknown> }>(
      `mutation ($tenant: String!) { removeTenant(tenant: $tenant) {
         __typename ... on TenantRemoval { tenant stores { store removed } } ... on Problem { code message } } }`,
      { tenant },
      { scopes },
    );

  it('is for admins alone', async () => {
    expect((await removeTenant(['documents:write'])).removeTenant).toMatchObject({
      __typename: 'Denied',
      code: 'DENIED',
    });
  });

  it.each(['', 'No Tenant', '../acme', 'x'.repeat(65)])(
    'refuses %j, which is no name of a tenant',
    async (tenant) => {
      expect((await removeTenant(['admin'], tenant)).removeTenant).toMatchObject({
        __typename: 'Rejected',
        code: 'INVALID_TENANT',
      });
    },
  );

  it('leaves nothing of the tenant, and everything of the others', async () => {
    await ingest(bench, { text: 'Kept by acme: marmot.' });
    await ingest(bench, { text: 'One scratch marmot.', source: 'one' }, 'scratch');
    await ingest(bench, { text: 'Another scratch marmot.', source: 'two' }, 'scratch');
    const { removeTenant: removal } = await removeTenant(['admin']);
    expect(removal).toMatchObject({ __typename: 'TenantRemoval', tenant: 'scratch' });
    expect(removal.stores).toEqual(
      expect.arrayContaining([
        { store: 'vectors', removed: 2 },
        { store: 'blobs', removed: 2 },
      ]),
    );
    expect(await search(bench, 'marmot', 'scratch')).toEqual([]);
    expect(await search(bench, 'marmot')).toHaveLength(1);
    const { rows } = await bench.database.forWorker((client) =>
      client.query(`select from documents where tenant = 'scratch'`),
    );
    expect(rows).toEqual([]);
    for await (const key of bench.blobs.list('documents/scratch/')) throw new Error(`${key} is left`);
  });
});
