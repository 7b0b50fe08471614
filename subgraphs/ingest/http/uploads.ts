import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { notFound, rejected } from '../../../platform/errors.ts';
import { isId, newId } from '../../../platform/ids.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { parseName } from '../documents/attributes.ts';
import { newBlobKey } from '../documents/blob-key.ts';
import { checkQueue } from '../documents/check-queue.ts';
import type { UploadTicketModel } from '../models.ts';
import type { ReceiveDependencies } from '../receive.ts';
import { newDirectKey } from './direct-uploads.ts';

export interface UploadDependencies extends ReceiveDependencies {
  readonly uploadLifetimeSeconds: number;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Makes a one-time address for the bytes of one document: one of the object store itself where that has such
 * addresses and the size is known, so that the bytes go past us.
 *
 * @throws TributaryError `REJECTED_INPUT` where the name is not allowed, or the size is over the limit; `BUSY` while too
 * much waits already.
 */
export async function createUpload(
  tenant: string,
  input: {
    readonly fileName: string;
    readonly mediaType?: string | null | undefined;
    readonly byteSize?: number | null | undefined;
  },
  dependencies: UploadDependencies,
): Promise<UploadTicketModel> {
  const { database, blobs, clock, maxUploadBytes, uploadLifetimeSeconds } = dependencies;
  const fileName = parseName(input.fileName, 'fileName');
  if (fileName === null) {
    throw rejected('INVALID_NAME', 'fileName is empty. Give the name of the file.', { field: 'fileName' });
  }
  if (typeof input.byteSize === 'number' && input.byteSize > maxUploadBytes) {
    throw rejected(
      'TOO_LARGE',
      `The file has ${input.byteSize} bytes; at most ${maxUploadBytes} are taken. Split it, or have the limit raised.`,
      { field: 'byteSize' },
    );
  }
  if (input.byteSize === 0) {
    throw rejected('EMPTY_FILE', 'The file is empty. Send one with content.', { field: 'byteSize' });
  }
  await checkQueue(dependencies);
  const id = newId('upl');
  const token = randomBytes(24).toString('base64url');
  const expiresAt = new Date(clock.now() + uploadLifetimeSeconds * 1000);
  const directKey = newDirectKey(tenant, id);
  const direct =
    typeof input.byteSize === 'number'
      ? await blobs.presignPut(directKey, { byteSize: input.byteSize, expiresSeconds: uploadLifetimeSeconds })
      : null;
  await database.forTenant(tenant, (client) =>
    client.query(
      `insert into uploads (tenant, id, file_name, media_type, token_sha256, expires_at, max_bytes, direct_key, state)
       values ($1, $2, $3, $4, $5, $6, $7, $8, 'WAITING')`,
      [
        ...[tenant, id, fileName, parseName(input.mediaType, 'mediaType')],
        ...[sha256(token), expiresAt, maxUploadBytes, direct === null ? null : directKey],
      ],
    ),
  );
  const putUrl = direct?.url ?? `/v1/uploads/${id}?token=${token}`;
  return { id, putUrl, expiresAt, maxBytes: maxUploadBytes };
}

interface UploadRow {
  readonly tenant: string;
  readonly state: 'WAITING' | 'RECEIVING' | 'RECEIVED' | 'USED';
  readonly token_sha256: string;
  readonly expires_at: Date;
  readonly max_bytes: number;
}

/**
 * Takes the bytes of an upload: once, in time, and by who knows the secret. Bytes that break off or are too
 * many leave the address as it was, to be tried again.
 *
 * @throws TributaryError `NOT_FOUND`; `REJECTED_INPUT` with reason `UPLOAD_USED`, `UPLOAD_EXPIRED`, `EMPTY_FILE`, or as
 * `BlobStore.put` does.
 */
export async function receiveUpload(
  id: string,
  token: string,
  bytes: AsyncIterable<Uint8Array>,
  { database, blobs, clock }: UploadDependencies,
  signal: AbortSignal,
): Promise<{ readonly byteSize: number }> {
  const { tenant, maxBytes, blobKey } = await claimUpload(id, token, { database, clock });
  try {
    const { byteSize, sha256: contentSha256 } = await blobs.put(blobKey, bytes, { maxBytes, signal });
    if (byteSize === 0) throw rejected('EMPTY_FILE', 'No bytes came. Send the file as the body.');
    await database.forTenant(tenant, (client) =>
      client.query(
        `update uploads set state = 'RECEIVED', byte_size = $3, content_sha256 = $4
         where tenant = $1 and id = $2 and state = 'RECEIVING'`,
        [tenant, id, byteSize, contentSha256],
      ),
    );
    return { byteSize };
  } catch (error) {
    await blobs.delete(blobKey);
    await database.forTenant(tenant, (client) =>
      client.query(
        `update uploads set state = 'WAITING', blob_key = null
         where tenant = $1 and id = $2 and state = 'RECEIVING' and blob_key = $3`,
        [tenant, id, blobKey],
      ),
    );
    throw error;
  }
}

/** Claims an upload for one sender; the tenant is not known before. */
function claimUpload(
  id: string,
  token: string,
  { database, clock }: Pick<UploadDependencies, 'database' | 'clock'>,
): Promise<{ tenant: string; maxBytes: number; blobKey: string }> {
  return database.forWorker(async (client) => {
    const { rows } = await client.query<UploadRow>(
      'select tenant, state, token_sha256, expires_at, max_bytes from uploads where id = $1 for update',
      [id],
    );
    const [row] = rows;
    const known =
      row !== undefined && timingSafeEqual(Buffer.from(sha256(token)), Buffer.from(row.token_sha256));
    if (!known) throw notFound('There is no such upload. Ask for one with createUpload.');
    if (row.state !== 'WAITING') {
      throw rejected('UPLOAD_USED', 'This address was used already. Ask for another with createUpload.');
    }
    if (row.expires_at.getTime() <= clock.now()) {
      throw rejected('UPLOAD_EXPIRED', 'This address has expired. Ask for another with createUpload.');
    }
    const blobKey = newBlobKey(row.tenant, clock);
    await client.query(
      `update uploads set state = 'RECEIVING', blob_key = $3 where tenant = $1 and id = $2`,
      [row.tenant, id, blobKey],
    );
    return { tenant: row.tenant, maxBytes: row.max_bytes, blobKey };
  });
}

/**
 * The bytes of an upload that have arrived.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `UPLOAD_NOT_FOUND`, `UPLOAD_INCOMPLETE` or `UPLOAD_USED`.
 */
export async function findUpload(database: Database, tenant: string, uploadId: string) {
  const row = await database.forTenant(tenant, async (client) => {
    const { rows } = await client.query<{
      readonly state: UploadRow['state'];
      readonly file_name: string;
      readonly media_type: string | null;
      readonly blob_key: string | null;
      readonly byte_size: number | null;
      readonly content_sha256: string | null;
    }>(
      `select state, file_name, media_type, blob_key, byte_size, content_sha256
       from uploads where tenant = $1 and id = $2`,
      [tenant, uploadId],
    );
    return rows[0];
  });
  const field = 'uploadId';
  if (!isId('upl', uploadId) || row === undefined) {
    throw rejected('UPLOAD_NOT_FOUND', 'There is no such upload. Ask for one with createUpload.', { field });
  }
  if (row.state === 'USED') {
    throw rejected('UPLOAD_USED', 'This upload was taken in already. Ask for another with createUpload.', {
      field,
    });
  }
  if (
    row.state !== 'RECEIVED' ||
    row.blob_key === null ||
    row.byte_size === null ||
    row.content_sha256 === null
  ) {
    throw rejected(
      'UPLOAD_INCOMPLETE',
      'The bytes have not arrived. Send them to putUrl by HTTP PUT first.',
      { field },
    );
  }
  return {
    blobKey: row.blob_key,
    byteSize: row.byte_size,
    sha256: row.content_sha256,
    fileName: row.file_name,
    mediaType: row.media_type,
  };
}
