import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSharpPictureDecoder } from '../../../platform/pictures/sharp-picture-decoder.ts';
import type { BlobStore } from '../../../platform/ports/blob-store.ts';
import { createColourEncoder } from '../../../platform/testing/colour-encoder.ts';
import { eventually } from '../../../platform/testing/eventually.ts';
import { temporaryDirectory } from '../../../platform/testing/temporary-directory.ts';
import { readBlob } from '../documents/read-blob.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { findViolations } from '../testing/invariants.ts';
import { finish, ingest, passages, type SeenJob, search, upload } from '../testing/operations.ts';
import { createEmptyStores, openArchive, storesOf } from '../testing/restored-bench.ts';
import { backUp } from './back-up.ts';
import { writeLedger } from './ledger.ts';
import { restore } from './restore.ts';

const { signal } = new AbortController();

const settled = (bench: IngestBench) =>
  eventually(async () => {
    const { rows } = await bench.database.forWorker((client) =>
      client.query(`select from jobs where state in ('QUEUED', 'RUNNING') union all select from outbox`),
    );
    return rows.length === 0;
  });

async function remove(bench: IngestBench, id: string): Promise<{ id: string; purgedAt: string | null }> {
  const { deleteDocument } = await bench.run<{ deleteDocument: { id: string; purgedAt: string | null } }>(
    'mutation ($id: ID!) { deleteDocument(id: $id) { ... on DeletionReceipt { id purgedAt } } }',
    { id },
  );
  return deleteDocument;
}

async function update(bench: IngestBench, id: string, input: Record<string, unknown>): Promise<void> {
  const { updateDocument } = await bench.run<{ updateDocument: SeenJob }>(
    'mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { ... on IngestJob { id } } }',
    { input: { id, ...input } },
  );
  await finish(bench, updateDocument.id);
}

/** Restores into new stores and serves from them. */
async function serveRestored(
  directory: string,
  encoder: IngestBench['encoder'],
  options: { readonly ledgers?: readonly string[]; readonly withoutTenants?: readonly string[] } = {},
) {
  const stores = await createEmptyStores();
  const restoration = await restore(
    { ...stores, directory, openArchive, ledgers: [], withoutTenants: [], ...options },
    signal,
  );
  const { database, vectors, blobs } = stores;
  const bench = await createIngestBench({ database, vectors, blobs, encoder });
  return {
    restoration,
    bench,
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]();
      await stores[Symbol.asyncDispose]();
    },
  };
}

const pictures = createSharpPictureDecoder();
const visualEncoder = createColourEncoder();
afterAll(() => pictures[Symbol.asyncDispose]());

describe('a backup', () => {
  let bench: IngestBench;
  let kept: SeenJob;
  let replaced: SeenJob;
  let doomed: SeenJob;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let backup: string;
  beforeAll(async () => {
    bench = await createIngestBench({ pictures, visualEncoder });
    directory = await temporaryDirectory();
    backup = join(directory.path, 'backup');
    kept = await ingest(bench, {
      text: `The capybara\nswims.\tIt says “\\N” and \\.\n${'It rests. '.repeat(400)}`,
      source: 'kept',
      attributes: { tags: ['a', 'b,"c"'], year: 1999, metadata: { depth: { of: [1, null] } } },
    });
    await ingest(bench, { text: 'A heron of another tenant.', source: 'other' }, 'umbrella');
    replaced = await ingest(bench, { text: 'The old axolotl.', source: 'replaced' });
    await update(bench, replaced.document.id, { text: 'The new axolotl.' });
    doomed = await ingest(bench, { text: 'The dodo.', source: 'doomed' });
    await remove(bench, (await ingest(bench, { text: 'The quagga.' })).document.id);
    const png = await sharp({ create: { width: 60, height: 40, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    await ingest(bench, { uploadId: await upload(bench, 'red.png', new Uint8Array(png)) });
    await settled(bench);
    await backUp({ ...storesOf(bench), directory: backup, openArchive }, signal);
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  it('restores to what was there, to every row, byte and vector, without encoding anything again', async () => {
    const counting = Object.assign(Object.create(bench.encoder) as NonNullable<IngestBench['encoder']>, {
      encode: () => Promise.reject(new Error('Nothing is to be encoded again.')),
    });
    await using restored = await serveRestored(backup, counting);
    expect(restored.restoration).toMatchObject({ deletedAgain: 0, remade: 0 });
    expect(restored.restoration.vectors).toBeGreaterThan(4);
    expect(await findViolations(restored.bench)).toEqual([]);
    for (const word of ['capybara', 'axolotl', 'dodo', 'quagga', 'heron', 'rests']) {
      const found = await search(restored.bench, word);
      const before = await search(bench, word);
      expect(found.map(({ chunkId }) => chunkId).sort()).toEqual(before.map(({ chunkId }) => chunkId).sort());
    }
    expect(await passages(restored.bench, kept.document.id)).toEqual(await passages(bench, kept.document.id));
    const ask = 'query ($id: ID!) { document(id: $id) { title tags year metadata version state createdAt } }';
    const variables = { id: kept.document.id };
    expect(await restored.bench.run(ask, variables)).toEqual(await bench.run(ask, variables));
    // What is shown of pictures, what was read in them and their vectors are there as they were.
    const shown = async ({ database, vectors, blobs }: IngestBench) => {
      const { rows } = await database.forWorker((client) =>
        client.query<{ id: string; preview_key: string }>(
          `select id, preview_key from chunks where family = 'image' and preview_key is not null`,
        ),
      );
      const space = { family: 'image', fingerprint: visualEncoder.description.fingerprint } as const;
      const ids = rows.map(({ id }) => id);
      const bytes = await Promise.all(
        rows.map(async ({ preview_key }) => readBlob(blobs, preview_key, signal)),
      );
      return { rows, bytes, vectors: await vectors.vectors(space, 'acme', ids) };
    };
    const pictured = await shown(bench);
    expect([pictured.rows.length, pictured.vectors.size]).toEqual([1, 1]);
    expect(await shown(restored.bench)).toEqual(pictured);
    const collection = { family: 'text', fingerprint: bench.encoder!.description.fingerprint } as const;
    const ids = (await search(bench, 'capybara')).map(({ chunkId }) => chunkId);
    expect(await restored.bench.vectors.vectors(collection, 'acme', ids)).toEqual(
      await bench.vectors.vectors(collection, 'acme', ids),
    );
  });

  it('is a library to go on with: what is new gets numbers and vectors of its own', async () => {
    await using restored = await serveRestored(backup, bench.encoder);
    const job = await ingest(restored.bench, { text: 'A newcomer, the okapi.' });
    expect(job.state).toBe('SUCCEEDED');
    await update(restored.bench, replaced.document.id, { text: 'The newest axolotl.' });
    await remove(restored.bench, doomed.document.id);
    await settled(restored.bench);
    expect(await findViolations(restored.bench)).toEqual([]);
  });

  it('does not bring back what was deleted after it, when it is given the receipts', async () => {
    const { id } = await remove(bench, doomed.document.id);
    await settled(bench);
    const client = new pg.Client({ connectionString: bench.connectionString });
    await client.connect();
    await writeLedger(client, directory.path, 'receipts.ndjson');
    await client.end();

    await using restored = await serveRestored(backup, bench.encoder, {
      ledgers: [join(directory.path, 'receipts.ndjson')],
    });
    expect(restored.restoration.deletedAgain).toBe(1);
    const ask = `query ($id: ID!, $receipt: ID!) {
      document(id: $id) { id } deletionReceipt(id: $receipt) { id documentId purgedAt signature stores { store removed } } }`;
    const variables = { id: doomed.document.id, receipt: id };
    const answer = await restored.bench.run(ask, variables);
    expect(answer).toMatchObject({ document: null, deletionReceipt: { id, documentId: doomed.document.id } });
    await settled(restored.bench);
    // The receipt is the one that was signed then.
    expect(await restored.bench.run(ask, variables)).toEqual(await bench.run(ask, variables));
    expect(await search(restored.bench, 'dodo')).toEqual([]);
    expect(await findViolations(restored.bench)).toEqual([]);
    const { rows } = await restored.bench.database.forWorker((worker) =>
      worker.query('select title, source_key from documents where id = $1', [doomed.document.id]),
    );
    expect(rows).toEqual([{ title: '', source_key: '' }]);
  });

  it('leaves out a tenant that was removed after it', async () => {
    await using restored = await serveRestored(backup, bench.encoder, { withoutTenants: ['umbrella'] });
    expect(await search(restored.bench, 'heron', 'umbrella')).toEqual([]);
    const { rows } = await restored.bench.database.forWorker((client) =>
      client.query(`select from documents where tenant = 'umbrella'`),
    );
    expect(rows).toEqual([]);
    expect(await findViolations(restored.bench)).toEqual([]);
  });

  it('is refused by stores that are not empty, and by a folder that is not', async () => {
    const options = { directory: backup, openArchive };
    await expect(
      restore({ ...storesOf(bench), ...options, ledgers: [], withoutTenants: [] }, signal),
    ).rejects.toMatchObject({ code: 'REJECTED_INPUT', reason: 'NOT_EMPTY' });
    await expect(backUp({ ...storesOf(bench), ...options }, signal)).rejects.toMatchObject({
      reason: 'FOLDER_NOT_EMPTY',
    });
  });

  it.each([
    ['a table', 'tables/chunks.copy'],
    ['the vectors', 'vectors.ndjson'],
    ['the list of blobs', 'blobs.ndjson'],
    ['a blob', 'blobs'],
    ['the manifest', 'manifest.json'],
  ])('that is damaged in %s is refused, and nothing of it is found', async (_, part) => {
    const other = join(directory.path, `damaged-${part.replaceAll('/', '-')}`);
    await backUp({ ...storesOf(bench), directory: other, openArchive }, signal);
    const path = part === 'blobs' ? await firstFile(join(other, 'blobs')) : join(other, part);
    if (part === 'manifest.json') await writeFile(path, (await readFile(path, 'utf8')).slice(0, -20));
    else await appendFile(path, '\n');
    await using stores = await createEmptyStores();
    await expect(
      restore({ ...stores, directory: other, openArchive, ledgers: [], withoutTenants: [] }, signal),
    ).rejects.toMatchObject({ code: 'REJECTED_INPUT', reason: 'BACKUP_DAMAGED' });
    const { rows } = await stores.database.forWorker((client) => client.query('select from documents'));
    expect(rows).toEqual([]);
  });

  it('of a newer version is refused', async () => {
    const other = join(directory.path, 'newer');
    const manifest = await backUp({ ...storesOf(bench), directory: other, openArchive }, signal);
    const newer = { ...manifest, migrations: [...manifest.migrations, '9999-next.sql'] };
    await writeFile(join(other, 'manifest.json'), JSON.stringify(newer));
    await using stores = await createEmptyStores();
    await expect(
      restore({ ...stores, directory: other, openArchive, ledgers: [], withoutTenants: [] }, signal),
    ).rejects.toMatchObject({ reason: 'BACKUP_TOO_NEW', message: expect.stringContaining('9999-next.sql') });
  });
});

describe('a backup that is taken while the system works', () => {
  it('shows one moment, whole, and what is deleted meanwhile stays deleted', async () => {
    await using bench = await createIngestBench();
    await using directory = await temporaryDirectory();
    const sources = Array.from({ length: 12 }, (_, index) => `source-${index}`);
    const jobs: SeenJob[] = [];
    for (const source of sources)
      jobs.push(await ingest(bench, { text: `First words of ${source}.`, source }));
    await settled(bench);
    const [deleted, replaced, renamed] = jobs.map(({ document }) => document.id);

    // Everything happens at the worst time: after the rows were read, and before the first blob and any vector was.
    let happened = false;
    const meanwhile = async () => {
      if (happened) return;
      happened = true;
      await update(bench, replaced!, { text: 'Second words, that nobody had said.' });
      // Taken from the outbox after the purge of what was replaced just before, if that were taken at all.
      expect((await remove(bench, deleted!)).purgedAt).not.toBeNull();
      const { rows } = await bench.database.forWorker((client) =>
        client.query(`select kind, attempts from outbox where kind <> 'purge-document'`),
      );
      expect(rows).toEqual([{ kind: 'purge-versions', attempts: 0 }]);
      await update(bench, renamed!, { attributes: { title: 'Another title' } });
      await ingest(bench, { text: 'A latecomer.' });
    };
    const blobs = Object.assign(Object.create(bench.blobs) as BlobStore, {
      async get(key: string, abort?: AbortSignal) {
        await meanwhile();
        return bench.blobs.get(key, abort);
      },
    });
    const backup = join(directory.path, 'backup');
    const manifest = await backUp({ ...storesOf(bench), blobs, directory: backup, openArchive }, signal);
    expect(happened).toBe(true);
    expect(manifest.missingBlobs.length).toBeLessThanOrEqual(1);
    expect(manifest.remake).toContainEqual({ tenant: 'acme', documentId: renamed });

    await using restored = await serveRestored(backup, bench.encoder);
    expect(restored.restoration.deletedAgain).toBe(1);
    await settled(restored.bench);
    expect(await findViolations(restored.bench)).toEqual([]);
    const texts = async (id: string) => (await passages(restored.bench, id)).map(({ text }) => text);
    expect(await texts(replaced!)).toEqual(['First words of source-1.']);
    expect(await search(restored.bench, 'latecomer')).toEqual([]);
    expect(await search(restored.bench, 'Another')).toEqual([]);
    for (const { document } of jobs.slice(1)) expect(await texts(document.id)).toHaveLength(1);
    const { document } = await restored.bench.run<{ document: unknown }>(
      'query ($id: ID!) { document(id: $id) { id } }',
      { id: deleted },
    );
    expect(document).toBeNull();

    // What waited for the backup is purged after it.
    await settled(bench);
    expect(await findViolations(bench)).toEqual([]);
  });
});

async function firstFile(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const [file] = entries.filter((entry) => entry.isFile());
  return join(file!.parentPath, file!.name);
}
