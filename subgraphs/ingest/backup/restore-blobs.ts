import { join } from 'node:path';
import type pg from 'pg';
import { TributaryError } from '../../../platform/errors.ts';
import type { BlobStore } from '../../../platform/ports/blob-store.ts';
import { inLanes } from '../jobs/in-lanes.ts';
import { inBatches } from '../reconcile/batches.ts';
import { readLines } from './backup-file.ts';
import { blobLine, damagedBlob, type Manifest } from './manifest.ts';

const batchSize = 500;
const atOnce = 8;

/**
 * Puts the blobs that the restored rows name into the store, and compares each with what was written.
 *
 * @returns how many.
 * @throws TributaryError `REJECTED_INPUT` where one is damaged or missing.
 */
export async function restoreBlobs({
  client,
  directory,
  manifest,
  from,
  to,
  signal,
}: {
  readonly client: pg.ClientBase;
  readonly directory: string;
  readonly manifest: Manifest;
  readonly from: BlobStore;
  readonly to: BlobStore;
  readonly signal: AbortSignal;
}): Promise<number> {
  let restored = 0;
  for await (const lines of inBatches(readLines(join(directory, manifest.blobs.path), blobLine), batchSize)) {
    const { rows } = await client.query<{ key: string }>(
      `select v.blob_key as key from document_versions v
       join documents d on d.tenant = v.tenant and d.id = v.document_id
       where v.blob_key = any($1) and d.deleted_at is null
       union select c.preview_key from chunks c
       join documents d on d.tenant = c.tenant and d.id = c.document_id
       where c.preview_key = any($1) and d.deleted_at is null
       union select blob_key from uploads where blob_key = any($1)`,
      [lines.map(({ key }) => key)],
    );
    const named = new Set(rows.map(({ key }) => key));
    await inLanes(
      lines.filter(({ key }) => named.has(key)),
      atOnce,
      async ({ key, byteSize, sha256 }) => {
        const kept = await put(key, byteSize, from, to, signal);
        if (kept.sha256 !== sha256 || kept.byteSize !== byteSize) {
          await to.delete(key);
          throw damagedBlob(key);
        }
        restored++;
      },
    );
  }
  return restored;
}

async function put(key: string, maxBytes: number, from: BlobStore, to: BlobStore, signal: AbortSignal) {
  try {
    const { stream } = await from.get(key, signal);
    return await to.put(key, stream, { maxBytes, signal });
  } catch (error) {
    const isDamaged = error instanceof TributaryError && ['NOT_FOUND', 'REJECTED_INPUT'].includes(error.code);
    throw isDamaged ? damagedBlob(key, error) : error;
  }
}
