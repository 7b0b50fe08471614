import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise } from 'yauzl';

/**
 * Unpacks one file of a zip archive, such as a wheel.
 *
 * @param maxBytes no more than this is written.
 * @throws Error when there is no such file, it is larger, or the archive is broken.
 */
export async function extractMember(
  archive: string,
  member: string,
  target: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<void> {
  const zip = await openPromise(archive, { lazyEntries: true, autoClose: false });
  try {
    const entry = await new Promise<Entry | null>((resolve, reject) => {
      zip.on('entry', (found: Entry) => {
        if (found.fileName === member) resolve(found);
        else zip.readEntry();
      });
      zip.on('end', () => resolve(null));
      zip.on('error', reject);
      zip.readEntry();
    });
    if (entry === null) throw new Error(`there is no ${member} in it`);
    if (entry.uncompressedSize > maxBytes) {
      throw new Error(`its ${member} has ${entry.uncompressedSize} bytes instead of ${maxBytes}`);
    }
    const bytes = await zip.openReadStreamPromise(entry);
    await pipeline(bytes, createWriteStream(target), ...(signal ? [{ signal }] : []));
  } finally {
    zip.close();
  }
}
