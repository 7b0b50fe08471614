import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { LockedModel, ModelFile } from './model-lock.ts';

/** A file that is missing, or is not the one of the lock file. */
export interface Missing {
  readonly file: ModelFile;
  /** What is wrong with the file that is there; null where there is none. */
  readonly problem: string | null;
}

const stampFile = '.verified.json';
const stampSchema = z.record(
  z.string(),
  z.object({ sha256: z.string(), bytes: z.number(), changedMs: z.number() }),
);
type Stamps = z.infer<typeof stampSchema>;

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20, signal })) hash.update(piece);
  return hash.digest('hex');
}

async function readStamps(folder: string): Promise<Stamps> {
  try {
    return stampSchema.parse(JSON.parse(await readFile(join(folder, stampFile), 'utf8')));
  } catch {
    return {};
  }
}

/**
 * Finds what a model's folder lacks. A file's hash is worked out once and remembered beside it, with its size
 * and the time of its last change, so that a gigabyte is not read at every start.
 */
export async function checkFiles(
  folder: string,
  model: LockedModel,
  signal?: AbortSignal,
): Promise<Missing[]> {
  const stamps = await readStamps(folder);
  const missing: Missing[] = [];
  let learned = false;
  for (const file of model.files) {
    const path = join(folder, file.path);
    const found = await stat(path).catch(() => null);
    if (found === null) {
      missing.push({ file, problem: null });
      continue;
    }
    if (found.size !== file.bytes) {
      missing.push({ file, problem: `it has ${found.size} bytes instead of ${file.bytes}` });
      continue;
    }
    const stamp = stamps[file.path];
    const isKnown = stamp?.bytes === found.size && stamp.changedMs === found.mtimeMs;
    const sha256 = isKnown ? stamp.sha256 : await sha256OfFile(path, signal);
    if (!isKnown) {
      stamps[file.path] = { sha256, bytes: found.size, changedMs: found.mtimeMs };
      learned = true;
    }
    if (sha256 !== file.sha256) missing.push({ file, problem: `its SHA-256 is ${sha256}` });
  }
  // A folder that cannot be written to is checked anew each time, and serves all the same.
  if (learned) await writeFile(join(folder, stampFile), JSON.stringify(stamps)).catch(() => undefined);
  return missing;
}

/**
 * The SHA-256 of a file of a model's folder: as it was worked out when the folder was last checked, where the file is
 * still the same, and anew otherwise.
 */
export async function sha256OfKnownFile(folder: string, file: string): Promise<string> {
  const path = join(folder, file);
  const stamp = (await readStamps(folder))[file];
  if (stamp !== undefined) {
    const { size, mtimeMs } = await stat(path);
    if (stamp.bytes === size && stamp.changedMs === mtimeMs) return stamp.sha256;
  }
  return sha256OfFile(path);
}
