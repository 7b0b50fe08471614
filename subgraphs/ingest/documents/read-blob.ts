import type { BlobStore } from '../../../platform/ports/blob-store.ts';

/** Reads a blob whole. @throws TributaryError `NOT_FOUND`. */
export async function readBlob(blobs: BlobStore, key: string, signal: AbortSignal): Promise<Uint8Array> {
  const { byteSize, stream } = await blobs.get(key, signal);
  const bytes = new Uint8Array(byteSize);
  let offset = 0;
  for await (const piece of stream) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  if (offset !== byteSize) throw new Error(`The blob ${key} has ${offset} bytes instead of ${byteSize}.`);
  return bytes;
}
