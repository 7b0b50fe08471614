import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import type { BackupFile } from './manifest.ts';

/**
 * Writes a file of a backup, to the disk before this resolves, and says what was written.
 *
 * @param counted how many rows or lines there are, asked when everything has come.
 */
export async function writeBackupFile(
  directory: string,
  path: string,
  bytes: AsyncIterable<Buffer | string>,
  counted: () => number,
): Promise<BackupFile> {
  const whole = join(directory, path);
  await mkdir(dirname(whole), { recursive: true });
  const handle = await open(whole, 'wx', 0o600);
  const hash = createHash('sha256');
  let byteSize = 0;
  try {
    for await (const piece of bytes) {
      const buffer = typeof piece === 'string' ? Buffer.from(piece) : piece;
      hash.update(buffer);
      byteSize += buffer.length;
      await handle.appendFile(buffer);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { path, sha256: hash.digest('hex'), byteSize, count: counted() };
}

/** Writes one JSON text a line. */
export async function writeLines(
  directory: string,
  path: string,
  values: AsyncIterable<unknown>,
): Promise<BackupFile> {
  let count = 0;
  async function* lines() {
    for await (const value of values) {
      count++;
      yield `${JSON.stringify(value)}\n`;
    }
  }
  return writeBackupFile(directory, path, lines(), () => count);
}

/** Reads one JSON text a line. @throws z.ZodError or SyntaxError where a line is something else. */
export async function* readLines<T>(path: string, schema: z.ZodType<T>): AsyncGenerator<T> {
  const input = createReadStream(path, 'utf8');
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() !== '') yield schema.parse(JSON.parse(line));
    }
  } finally {
    input.destroy();
  }
}
