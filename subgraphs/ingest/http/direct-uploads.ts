import { createHash } from 'node:crypto';
import { rejected } from '../../../platform/errors.ts';
import type { BlobStore } from '../../../platform/ports/blob-store.ts';
import type { Clock } from '../../../platform/ports/clock.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { newBlobKey } from '../documents/blob-key.ts';
import { inBatches } from '../reconcile/batches.ts';

export interface DirectUploadDependencies {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
}

/** Bytes that came in time may be taken over so long after the address has expired. */
const takeOverMs = 60 * 60 * 1000;

/** So many keys are looked up in one statement. */
const batchSize = 1000;

/** All that clients put into the store by themselves is below this. */
export const directPrefix = 'uploads/';

/** A new key that a client may put the bytes of one upload to. */
export const newDirectKey = (tenant: string, uploadId: string): string =>
  `${directPrefix}${tenant}/${uploadId}`;

/**
 * Takes over the bytes that a client has put into the object store by itself, where it has: they are copied within
 * the store to a key that the client cannot write to, so that its address works once, whatever it sends there later.
 * Doing it twice is doing it once; what a crash leaves is swept.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `TOO_LARGE`, `EMPTY_FILE` or `UPLOAD_EXPIRED`; as the store does.
 */
export async function takeDirectUpload(
  tenant: string,
  uploadId: string,
  { database, blobs, clock }: DirectUploadDependencies,
  signal: AbortSignal,
): Promise<void> {
  const waiting = await database.forTenant(
    tenant,
    async (client) => {
      const { rows } = await client.query<{ direct_key: string; max_bytes: number; expires_at: Date }>(
        `select direct_key, max_bytes, expires_at from uploads
         where tenant = $1 and id = $2 and state = 'WAITING' and direct_key is not null`,
        [tenant, uploadId],
      );
      return rows[0];
    },
    { readOnly: true },
  );
  if (waiting === undefined) return;
  const { direct_key: directKey, max_bytes: maxBytes } = waiting;
  const size = await blobs.size(directKey, signal);
  if (size === null) {
    if (waiting.expires_at.getTime() > clock.now()) return;
    throw rejected('UPLOAD_EXPIRED', 'This address has expired. Ask for another with createUpload.', {
      field: 'uploadId',
    });
  }
  if (size === 0 || size > maxBytes) {
    await blobs.delete(directKey, signal);
    if (size === 0) throw rejected('EMPTY_FILE', 'No bytes came. Send the file as the body.');
    throw rejected('TOO_LARGE', `The file has ${size} bytes; at most ${maxBytes} are taken. Split it.`);
  }
  const blobKey = newBlobKey(tenant, clock);
  let taken = false;
  try {
    await blobs.copy(directKey, blobKey, signal);
    const { byteSize, sha256 } = await measure(blobs, blobKey, signal);
    taken = await database.forTenant(tenant, async (client) => {
      const { rowCount } = await client.query(
        `update uploads set state = 'RECEIVED', blob_key = $3, byte_size = $4, content_sha256 = $5
         where tenant = $1 and id = $2 and state = 'WAITING'`,
        [tenant, uploadId, blobKey, byteSize, sha256],
      );
      return rowCount === 1;
    });
  } finally {
    // Another request was quicker, or something failed: the copy is nobody's.
    if (!taken) await blobs.delete(blobKey);
  }
  await blobs.delete(directKey);
}

async function measure(blobs: BlobStore, key: string, signal: AbortSignal) {
  const hash = createHash('sha256');
  let byteSize = 0;
  const { stream } = await blobs.get(key, signal);
  for await (const piece of stream) {
    hash.update(piece);
    byteSize += piece.byteLength;
  }
  return { byteSize, sha256: hash.digest('hex') };
}

/**
 * Removes what clients have put into the store and nobody took in: where the upload has expired, or was taken in
 * already and the bytes came once more.
 *
 * @returns how many blobs.
 */
export async function sweepDirectUploads(
  { database, blobs, clock }: DirectUploadDependencies,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  for await (const keys of inBatches(blobs.list(directPrefix, signal), batchSize)) {
    const unwanted = await database.forWorker(async (client) => {
      const { rows } = await client.query<{ key: string }>(
        `select key from unnest($1::text[]) as listed (key)
         where not exists (select from uploads
                           where direct_key = key and state = 'WAITING' and expires_at > $2)`,
        [keys, new Date(clock.now() - takeOverMs)],
      );
      return rows.map(({ key }) => key);
    });
    for (const key of unwanted) removed += (await blobs.delete(key, signal)) ? 1 : 0;
  }
  return removed;
}
