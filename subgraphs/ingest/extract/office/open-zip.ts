import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import { rejected, TributaryError } from '../../../../platform/errors.ts';

/** How much a container of compressed parts may hold. */
export interface ZipLimits {
  readonly maxEntries: number;
  /** Of all parts together, inflated. */
  readonly maxBytes: number;
  /** Of one part, inflated. */
  readonly maxEntryBytes: number;
  /** How much larger a part may be inflated, where that is more than a few megabytes. */
  readonly maxRatio: number;
}

export const officeLimits: ZipLimits = {
  maxEntries: 10_000,
  maxBytes: 1024 * 1024 * 1024,
  maxEntryBytes: 512 * 1024 * 1024,
  maxRatio: 250,
};

/** Repetitive tables shrink by much; below this size that harms nobody. */
const harmlessBytes = 8 * 1024 * 1024;

/** The parts of an Office document. */
export interface Zip extends AsyncDisposable {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** How large a part is, inflated; 0 where there is none. */
  sizeOf(name: string): number;
  /** A part's bytes, in pieces; nothing where there is none of this name. */
  stream(name: string): AsyncGenerator<Uint8Array>;
  /** A whole part; null where there is none. @throws TributaryError `TOO_LARGE` where it has more than `maxBytes`. */
  read(name: string, maxBytes: number): Promise<Uint8Array | null>;
}

/**
 * Opens a ZIP file and checks what its directory says before anything is inflated; what a part has beyond that is an
 * error when it is read.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `ZIP_BOMB`, `TOO_LARGE`, `ENCRYPTED_OFFICE` or `BROKEN_OFFICE`.
 */
export async function openZip(bytes: Uint8Array, limits: ZipLimits = officeLimits): Promise<Zip> {
  const file = await open(bytes);
  const entries = new Map<string, Entry>();
  try {
    await eachEntry(file, (entry) => {
      if (entries.size >= limits.maxEntries) throw zipBomb(`it has more than ${limits.maxEntries} parts`);
      if (!entry.fileName.endsWith('/')) entries.set(entry.fileName, entry);
    });
    check([...entries.values()], limits);
  } catch (error) {
    file.close();
    throw error;
  }

  async function* stream(name: string): AsyncGenerator<Uint8Array> {
    const entry = entries.get(name);
    if (entry === undefined) return;
    try {
      const source = await new Promise<AsyncIterable<Uint8Array> & { destroy(): void }>((resolve, reject) => {
        file.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
      });
      try {
        yield* source;
      } finally {
        source.destroy();
      }
    } catch (error) {
      throw error instanceof TributaryError ? error : brokenOffice(error);
    }
  }

  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    sizeOf: (name) => entries.get(name)?.uncompressedSize ?? 0,
    stream,
    async read(name, maxBytes) {
      const entry = entries.get(name);
      if (entry === undefined) return null;
      if (entry.uncompressedSize > maxBytes) {
        throw rejected(
          'TOO_LARGE',
          `The part ${name} of the document has ${entry.uncompressedSize} bytes; at most ${maxBytes} are read. Split the document.`,
        );
      }
      const parts: Uint8Array[] = [];
      for await (const part of stream(name)) parts.push(part);
      return Buffer.concat(parts);
    },
    async [Symbol.asyncDispose]() {
      file.close();
    },
  };
}

async function open(bytes: Uint8Array): Promise<ZipFile> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new Promise((resolve, reject) => {
    fromBuffer(buffer, { lazyEntries: true, autoClose: false, validateEntrySizes: true }, (error, file) =>
      error ? reject(brokenOffice(error)) : resolve(file),
    );
  });
}

function eachEntry(file: ZipFile, take: (entry: Entry) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    file.on('error', (error) => reject(brokenOffice(error)));
    file.on('end', () => resolve());
    file.on('entry', (entry: Entry) => {
      try {
        take(entry);
        file.readEntry();
      } catch (error) {
        reject(error);
      }
    });
    file.readEntry();
  });
}

function check(entries: readonly Entry[], limits: ZipLimits): void {
  let total = 0;
  for (const entry of entries) {
    const { uncompressedSize, compressedSize } = entry;
    total += uncompressedSize;
    if (entry.isEncrypted()) throw encryptedOffice();
    if (uncompressedSize > harmlessBytes && uncompressedSize > compressedSize * limits.maxRatio) {
      throw zipBomb(
        `a part of it grows from ${compressedSize} to ${uncompressedSize} bytes when it is unpacked`,
      );
    }
    if (uncompressedSize > limits.maxEntryBytes) {
      throw zipBomb(
        `a part of it has ${uncompressedSize} bytes; at most ${limits.maxEntryBytes} are unpacked`,
      );
    }
  }
  if (total > limits.maxBytes) {
    throw zipBomb(`unpacked it has ${total} bytes; at most ${limits.maxBytes} are unpacked`);
  }
}

const zipBomb = (why: string) =>
  rejected('ZIP_BOMB', `The document cannot be unpacked safely: ${why}. Save it anew, or send it in parts.`);

/** The refusal of an Office document that is not one. */
export const brokenOffice = (cause?: unknown, why = 'it cannot be unpacked') =>
  rejected('BROKEN_OFFICE', `The document is broken: ${why}. Save or export it anew, and send that.`, {
    cause,
  });

/** The refusal of an Office document with a password. */
export const encryptedOffice = () =>
  rejected(
    'ENCRYPTED_OFFICE',
    'The document is encrypted and cannot be read without its password. Send a copy without a password.',
  );
