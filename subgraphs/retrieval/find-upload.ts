import { createHash } from 'node:crypto';
import { rejected, upstream } from '../../platform/errors.ts';
import type { UploadId } from '../../platform/ids.ts';
import type { BlobStore } from '../../platform/ports/blob-store.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { QueryUpload } from './types.ts';

export interface FindUploadPorts {
  readonly database: Database;
  readonly clock: Clock;
  /** Where uploads are; null where this process has none. */
  readonly blobs: (() => Promise<BlobStore>) | null;
}

/** A picture or a sound that is searched with has at most so many bytes. */
export const maxQueryBytes = 20_000_000;

interface UploadRow {
  readonly state: 'WAITING' | 'RECEIVING' | 'RECEIVED' | 'USED';
  readonly expires_at: Date;
  readonly blob_key: string | null;
  readonly byte_size: number | null;
  readonly content_sha256: string | null;
  readonly direct_key: string | null;
}

/**
 * An upload to be searched with: the tenant's own, whose bytes have arrived. It is not used up by that.
 *
 * @param field the contract's name of what it was given as.
 * @throws TributaryError `REJECTED_INPUT` with reason `UPLOAD_NOT_FOUND`, `UPLOAD_INCOMPLETE`, `UPLOAD_USED`,
 * `UPLOAD_EXPIRED` or `TOO_LARGE`; `UPSTREAM` where this process cannot reach uploads.
 */
export async function findUpload(
  uploadId: UploadId,
  field: string,
  tenant: string,
  { database, clock, blobs: open }: FindUploadPorts,
  signal: AbortSignal,
): Promise<QueryUpload> {
  const { rows } = await database.forTenant(
    tenant,
    (client) =>
      client.query<UploadRow>(
        `select state, expires_at, blob_key, byte_size, content_sha256, direct_key
         from uploads where tenant = $1 and id = $2`,
        [tenant, uploadId],
      ),
    { readOnly: true, signal },
  );
  const [row] = rows;
  const refuse = (reason: string, message: string) => rejected(reason, message, { field });
  if (row === undefined) {
    throw refuse('UPLOAD_NOT_FOUND', 'There is no such upload. Ask for one with createUpload.');
  }
  if (row.state === 'USED') {
    throw refuse(
      'UPLOAD_USED',
      'This upload has become a document. Search with `similarToChunkId`, or ask for another with createUpload.',
    );
  }
  if (row.expires_at.getTime() <= clock.now()) {
    throw refuse('UPLOAD_EXPIRED', 'This upload has expired. Ask for another with createUpload.');
  }
  if (open === null) throw upstream('blobs', 'Uploads cannot be read here.');
  const blobs = await open();
  if (row.state === 'RECEIVED' && row.blob_key !== null && row.content_sha256 !== null) {
    const { blob_key: key, content_sha256: sha256 } = row;
    checkSize(row.byte_size ?? 0, field);
    return { sha256, read: (stop) => readAll(blobs, key, field, stop) };
  }
  // What a client has put into the store by itself stays where it is, to be ingested later or to expire.
  const size =
    row.state === 'WAITING' && row.direct_key !== null ? await blobs.size(row.direct_key, signal) : null;
  if (row.direct_key === null || size === null) {
    throw refuse('UPLOAD_INCOMPLETE', 'The bytes have not arrived. Send them to putUrl by HTTP PUT first.');
  }
  checkSize(size, field);
  const bytes = await readAll(blobs, row.direct_key, field, signal);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), read: async () => bytes };
}

function checkSize(byteSize: number, field: string): void {
  if (byteSize <= maxQueryBytes) return;
  throw rejected(
    'TOO_LARGE',
    `The upload has ${byteSize} bytes; at most ${maxQueryBytes} can be searched with. Send a smaller picture, or a shorter sound.`,
    { field },
  );
}

async function readAll(
  blobs: BlobStore,
  key: string,
  field: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { stream } = await blobs.get(key, signal);
  const pieces: Uint8Array[] = [];
  let byteSize = 0;
  for await (const piece of stream) {
    byteSize += piece.byteLength;
    checkSize(byteSize, field);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
