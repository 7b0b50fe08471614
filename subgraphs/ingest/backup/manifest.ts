import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { rejected } from '../../../platform/errors.ts';

/** The name of the file that says what a backup holds. It is written last: a folder without it is none. */
export const manifestName = 'manifest.json';

const file = z.object({
  /** Where it is, in the backup's folder. */
  path: z.string().regex(/^[\w./-]+$/),
  sha256: z.string(),
  byteSize: z.number(),
  /** How many rows, lines or blobs it names. */
  count: z.number(),
});

const manifest = z.object({
  format: z.literal(1),
  /** The moment that the backup shows. */
  takenAt: z.string(),
  /** The migrations of the database that it was taken of. */
  migrations: z.array(z.string()),
  tables: z.array(file.extend({ name: z.string(), columns: z.array(z.string()) })),
  vectors: file,
  /** The encoders that there are vectors of, each with how many. */
  collections: z.array(
    z.object({ family: z.enum(['text', 'image', 'audio']), fingerprint: z.string(), count: z.number() }),
  ),
  /** Lists the blobs, which lie in the folder `blobs`. */
  blobs: file,
  /** The deletion receipts up to the end of the backup: those later than its moment are done again by a restore. */
  receipts: file,
  /** Blobs that were not there: of documents that were deleted while the backup ran, of old versions, or lost. */
  missingBlobs: z.array(z.string()),
  /** Documents whose vectors have to be made anew: they changed while the backup ran, or had none. */
  remake: z.array(z.object({ tenant: z.string(), documentId: z.string() })),
});

/** A file of a backup. */
export type BackupFile = z.infer<typeof file>;
/** What a backup holds. */
export type Manifest = z.infer<typeof manifest>;
/** One blob of a backup, a line of its list. */
export const blobLine = z.object({ key: z.string(), byteSize: z.number(), sha256: z.string() });
/**
 * One vector of a backup, a line of its file: `collection` is a place in the manifest's `collections`, and `vector`
 * base64 of little-endian 32-bit floats.
 */
export const vectorLine = z.object({
  collection: z.number(),
  tenant: z.string(),
  chunkId: z.string(),
  vector: z.string(),
});

const damaged = (what: string, cause?: unknown) =>
  rejected(
    'BACKUP_DAMAGED',
    `The backup is damaged or not whole: ${what}. Nothing was restored; use another backup.`,
    { cause },
  );

/**
 * Reads what a backup holds, and compares every file that it names with what is there.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `BACKUP_DAMAGED`.
 */
export async function readManifest(directory: string, signal: AbortSignal): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(join(directory, manifestName), 'utf8');
  } catch (error) {
    throw damaged(`there is no ${manifestName} in ${directory}`, error);
  }
  const parsed = manifest.safeParse(parseJson(text));
  if (!parsed.success) {
    throw damaged(`${manifestName} cannot be read by this version of Tributary`, parsed.error);
  }
  const { tables, vectors, blobs, receipts } = parsed.data;
  for (const expected of [...tables, vectors, blobs, receipts]) {
    signal.throwIfAborted();
    const found = await digest(join(directory, expected.path)).catch((error: unknown) => {
      throw damaged(`${expected.path} cannot be read`, error);
    });
    if (found.sha256 !== expected.sha256 || found.byteSize !== expected.byteSize) {
      throw damaged(`${expected.path} is not what was written`);
    }
  }
  return parsed.data;
}

/** The error of a blob that is not what the list of blobs says. */
export const damagedBlob = (key: string, cause?: unknown) =>
  damaged(`the blob ${key} is not what was written`, cause);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The SHA-256 and the size of a file. */
async function digest(path: string): Promise<{ readonly sha256: string; readonly byteSize: number }> {
  const hash = createHash('sha256');
  let byteSize = 0;
  await pipeline(createReadStream(path), async (bytes: AsyncIterable<Buffer>) => {
    for await (const chunk of bytes) {
      byteSize += chunk.length;
      hash.update(chunk);
    }
  });
  return { sha256: hash.digest('hex'), byteSize };
}
