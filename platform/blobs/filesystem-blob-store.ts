import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { notFound, rejected } from '../errors.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { createRoomGuard } from '../room-guard.ts';
import { isStorageFull, storageFull } from '../storage-full.ts';
import { checkBlobKey, checkBlobPrefix } from './blob-key.ts';
import { untilAborted } from './until-aborted.ts';

/** Ends the name of every file, and cannot stand in a key: so `a` and `a/b` can both be keys. */
const ending = '~';

/** What a killed process left half-written is removed when nothing was added to it for this long. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

/**
 * Opens a blob store in a folder, which is made when it is not there. A blob is written beside its place,
 * synced to the disk, and then renamed: readers see the old one or the new one, whole, also after a crash.
 */
export async function openFilesystemBlobStore(options: {
  readonly directory: string;
  /** Room that blobs leave on the disk, 96 MiB by default: more than the database needs to go on. */
  readonly reserveBytes?: number;
}): Promise<BlobStore> {
  const { directory, reserveBytes = 96 * 1024 * 1024 } = options;
  const store = new FilesystemBlobStore(resolve(directory), reserveBytes);
  await store.prepare();
  return store;
}

class FilesystemBlobStore implements BlobStore {
  readonly #blobs: string;
  readonly #incoming: string;
  readonly #checkRoom: () => Promise<void>;

  constructor(directory: string, reserveBytes: number) {
    this.#blobs = join(directory, 'blobs');
    this.#incoming = join(directory, 'incoming');
    this.#checkRoom = createRoomGuard({ directory: this.#incoming, reserveBytes });
  }

  async prepare(): Promise<void> {
    try {
      await mkdir(this.#blobs, { recursive: true });
      await mkdir(this.#incoming, { recursive: true });
      for (const name of await readdir(this.#incoming)) {
        const file = join(this.#incoming, name);
        const found = await stat(file).catch(() => null);
        if (found !== null && found.mtimeMs < Date.now() - abandonedAfterMs) await rm(file, { force: true });
      }
    } catch (error) {
      throw translate(error);
    }
  }

  async put(
    key: string,
    bytes: AsyncIterable<Uint8Array>,
    options: { readonly maxBytes: number; readonly signal?: AbortSignal },
  ): Promise<{ readonly byteSize: number; readonly sha256: string }> {
    const { maxBytes, signal } = options;
    const target = this.#path(key);
    signal?.throwIfAborted();
    const unfinished = join(this.#incoming, randomBytes(16).toString('hex'));
    try {
      const file = await open(unfinished, 'wx', 0o600).catch(failed);
      let written: { byteSize: number; sha256: string };
      try {
        written = await writeAll(file, this.#checked(bytes), maxBytes, signal);
        await file.sync().catch(failed);
      } finally {
        await file.close();
      }
      signal?.throwIfAborted();
      await this.#moveTo(target, unfinished).catch(failed);
      return written;
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  async get(
    key: string,
    signal?: AbortSignal,
    range?: { readonly start: number; readonly end: number },
  ): Promise<{ readonly byteSize: number; readonly stream: AsyncIterable<Uint8Array> }> {
    const path = this.#path(key);
    signal?.throwIfAborted();
    const missing = (error: unknown): never => {
      throw codeOf(error) === 'ENOENT' ? notFound('There is no such blob.') : error;
    };
    const { size } = await stat(path).catch(missing);
    return { byteSize: size, stream: read(path, missing, signal, range) };
  }

  async size(key: string, signal?: AbortSignal): Promise<number | null> {
    const path = this.#path(key);
    signal?.throwIfAborted();
    try {
      return (await stat(path)).size;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw translate(error);
    }
  }

  async copy(from: string, to: string, signal?: AbortSignal): Promise<void> {
    const { byteSize, stream } = await this.get(from, signal);
    await this.put(to, stream, { maxBytes: byteSize, ...(signal && { signal }) });
  }

  /** The bytes of a folder of ours come through us. */
  async presignPut(): Promise<null> {
    return null;
  }

  async delete(key: string, signal?: AbortSignal): Promise<boolean> {
    const path = this.#path(key);
    signal?.throwIfAborted();
    try {
      await unlink(path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
    await this.#prune(dirname(path));
    return true;
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<string> {
    checkBlobPrefix(prefix);
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    for await (const key of this.#walk(folder, signal)) if (key.startsWith(prefix)) yield key;
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #path(key: string): string {
    checkBlobKey(key);
    return join(this.#blobs, key + ending);
  }

  /** The same bytes, as long as there is room for them. */
  async *#checked(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    await this.#checkRoom();
    for await (const chunk of bytes) {
      await this.#checkRoom();
      yield chunk;
    }
  }

  async #moveTo(target: string, unfinished: string): Promise<void> {
    const folder = dirname(target);
    for (;;) {
      const made = await mkdir(folder, { recursive: true });
      try {
        await rename(unfinished, target);
      } catch (error) {
        // The folder was empty, and a delete removed it between these two lines.
        if (codeOf(error) === 'ENOENT' && (await stat(folder).catch(() => null)) === null) continue;
        throw error;
      }
      // The names must reach the disk too: that of the file, and those of folders that are new.
      const top = made === undefined ? folder : dirname(made);
      for (let path = folder; ; path = dirname(path)) {
        await syncFolder(path);
        if (path === top) return;
      }
    }
  }

  /** Removes a folder that is empty by now, and those above it. */
  async #prune(folder: string): Promise<void> {
    for (let path = folder; path !== this.#blobs; path = dirname(path)) {
      try {
        await rmdir(path);
      } catch {
        return;
      }
    }
  }

  /** Keys of all blobs in a folder (its name ends with `/`, or is empty for the whole store), and below. */
  async *#walk(folder: string, signal: AbortSignal | undefined): AsyncIterable<string> {
    signal?.throwIfAborted();
    const entries = await readdir(join(this.#blobs, folder), { withFileTypes: true }).catch(
      (error: unknown) => {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      },
    );
    for (const entry of entries) {
      if (entry.isDirectory()) yield* this.#walk(`${folder}${entry.name}/`, signal);
      else if (entry.name.endsWith(ending)) yield folder + entry.name.slice(0, -ending.length);
    }
  }
}

async function writeAll(
  file: FileHandle,
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<{ byteSize: number; sha256: string }> {
  const hash = createHash('sha256');
  let byteSize = 0;
  for await (const chunk of untilAborted(bytes, signal)) {
    byteSize += chunk.byteLength;
    if (byteSize > maxBytes) {
      throw rejected('TOO_LARGE', `This is larger than ${maxBytes} bytes, the most that is accepted.`);
    }
    hash.update(chunk);
    for (let offset = 0; offset < chunk.byteLength; ) {
      const { bytesWritten } = await file.write(chunk, offset).catch(failed);
      offset += bytesWritten;
    }
  }
  return { byteSize, sha256: hash.digest('hex') };
}

async function* read(
  path: string,
  missing: (error: unknown) => never,
  signal: AbortSignal | undefined,
  { start, end }: { readonly start: number; readonly end: number } = {
    start: 0,
    end: Number.POSITIVE_INFINITY,
  },
): AsyncIterable<Uint8Array> {
  // Opened when it is read, so that a stream that nobody reads holds nothing open.
  const file = await open(path).catch(missing);
  try {
    for (let at = start; at < end; ) {
      signal?.throwIfAborted();
      const buffer = Buffer.allocUnsafe(Math.min(64 * 1024, end - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows keeps folders in its journal, and has no way to sync one.
  if (process.platform === 'win32') return;
  const folder = await open(path).catch((error: unknown) => {
    // Gone again: the blob was deleted meanwhile, and its folder with it.
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });
  try {
    await folder?.sync();
  } finally {
    await folder?.close();
  }
}

const translate = (error: unknown) => (isStorageFull(error) ? storageFull(error) : error);

function failed(error: unknown): never {
  throw translate(error);
}
