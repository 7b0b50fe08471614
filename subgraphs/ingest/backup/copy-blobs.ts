import type pg from 'pg';
import { TributaryError } from '../../../platform/errors.ts';
import type { BlobStore } from '../../../platform/ports/blob-store.ts';
import { inLanes } from '../jobs/in-lanes.ts';
import { writeLines } from './backup-file.ts';
import type { BackupFile } from './manifest.ts';

const batchSize = 500;
const atOnce = 8;

/** Copies the blobs that a snapshot names, and says which of them were not there any more. */
export async function copyBlobs({
  snapshot,
  directory,
  from,
  to,
  checkHold,
  signal,
}: {
  readonly snapshot: pg.ClientBase;
  readonly directory: string;
  readonly from: BlobStore;
  readonly to: BlobStore;
  readonly checkHold: () => void;
  readonly signal: AbortSignal;
}): Promise<{ readonly file: BackupFile; readonly missing: string[] }> {
  const missing: string[] = [];
  async function* copied() {
    for (let after = ''; ; ) {
      const { rows } = await snapshot.query<{ key: string }>(
        `select blob_key as key from
           (select blob_key from document_versions union select blob_key from uploads where blob_key is not null
            union select preview_key from chunks where preview_key is not null) as named
         where blob_key > $1 order by blob_key limit ${batchSize}`,
        [after],
      );
      const lines: object[] = [];
      await inLanes(rows, atOnce, async ({ key }) => {
        const line = await copyBlob(key, from, to, signal);
        if (line === null) missing.push(key);
        else lines.push(line);
      });
      checkHold();
      yield* lines;
      const last = rows.at(-1);
      if (last === undefined || rows.length < batchSize) return;
      after = last.key;
    }
  }
  const file = await writeLines(directory, 'blobs.ndjson', copied());
  return { file, missing };
}

async function copyBlob(key: string, from: BlobStore, to: BlobStore, signal: AbortSignal) {
  try {
    const { stream, byteSize } = await from.get(key, signal);
    const kept = await to.put(key, stream, { maxBytes: byteSize, signal });
    return { key, ...kept };
  } catch (error) {
    if (error instanceof TributaryError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}
