/** Keeps the original bytes. Keys are ours: letters, digits, `/`, `-`, `_` and `.`. */
export interface BlobStore extends AsyncDisposable {
  /**
   * Writes a stream whole or not at all.
   *
   * @throws TributaryError `REJECTED_INPUT` with reason `TOO_LARGE` past `maxBytes`; `BUSY` with reason
   * `STORAGE_FULL` when the disk is full. Nothing is left behind in either case.
   */
  put(
    key: string,
    bytes: AsyncIterable<Uint8Array>,
    options: { readonly maxBytes: number; readonly signal?: AbortSignal },
  ): Promise<{ readonly byteSize: number; readonly sha256: string }>;
  /**
   * Reads a blob, or a part of it.
   *
   * @param range the bytes from `start` up to and without `end`; both within the blob.
   * @returns the size of the whole blob in either case.
   * @throws TributaryError `NOT_FOUND`.
   */
  get(
    key: string,
    signal?: AbortSignal,
    range?: { readonly start: number; readonly end: number },
  ): Promise<{ readonly byteSize: number; readonly stream: AsyncIterable<Uint8Array> }>;
  /** Removes a blob. @returns whether it was there. */
  delete(key: string, signal?: AbortSignal): Promise<boolean>;
  /** How many bytes a blob has, without reading it; null where there is none. */
  size(key: string, signal?: AbortSignal): Promise<number | null>;
  /** Makes a blob that is the same as another one. @throws TributaryError `NOT_FOUND`. */
  copy(from: string, to: string, signal?: AbortSignal): Promise<void>;
  /**
   * An address that a client can put the blob of exactly so many bytes to by itself, for so long; null where the store has no
   * such addresses and the bytes come through us.
   */
  presignPut(
    key: string,
    options: { readonly byteSize: number; readonly expiresSeconds: number },
  ): Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> } | null>;
  /** Every key with this prefix. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<string>;
}
