import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { collect } from '../testing/collect.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { openLanceDbVectorStore } from './lancedb-vector-store.ts';
import { vectorRecord } from './testing/vector-records.ts';

const collection = { family: 'text', fingerprint: '0123456789abcdef' } as const;

/** Runs a process that writes, until it has had `acknowledged` chunks taken; then kills it. */
async function writeUntilKilled(directory: string, name: string, acknowledged: number): Promise<string[]> {
  const script = join(import.meta.dirname, 'testing/write-until-killed.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, directory, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const chunkIds: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    chunkIds.push(line);
    if (chunkIds.length === acknowledged) child.kill('SIGKILL');
  }
  await exited;
  return chunkIds;
}

async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('LanceDB on disk', () => {
  it('has lost and doubled nothing after two writers were killed', { timeout: 60_000 }, async () => {
    await using directory = await temporaryDirectory();
    const [a, b] = await Promise.all([
      writeUntilKilled(directory.path, 'a', 40),
      writeUntilKilled(directory.path, 'b', 70),
    ]);
    const acknowledged = [...a, ...b];
    expect(acknowledged.length).toBeGreaterThanOrEqual(110);
    await using store = await openLanceDbVectorStore({ directory: directory.path, logger: silentLogger });
    const stored = (await collect(store.listChunks(collection, 'acme'))).map(({ chunkId }) => chunkId);
    expect(new Set(stored).size).toBe(stored.length);
    expect(stored).toEqual(expect.arrayContaining(acknowledged));
    // What was killed before it was acknowledged may be there whole: at most one batch of each writer.
    expect(stored.length).toBeLessThanOrEqual(acknowledged.length + 2 * 3);
    // The store goes on where it was left, in words too.
    await store.upsert(collection, [vectorRecord('after', { searchText: 'zebra' })]);
    await store.optimize();
    const search = { collection, tenant: 'acme', filter: null, limit: 1_000 };
    expect(await store.searchSparse({ ...search, text: 'passage' })).toHaveLength(stored.length);
    expect(await store.searchSparse({ ...search, text: 'zebra' })).toHaveLength(1);
  });

  it('takes no more room when the same is written again and again', async () => {
    await using directory = await temporaryDirectory();
    // Nothing is tidied in the background, where files would vanish while their sizes are added up.
    const tuning = { keepVersionsMs: 0, optimizeAfterRows: 1_000_000, optimizeAfterMs: 3_600_000 };
    await using store = await openLanceDbVectorStore({
      directory: directory.path,
      logger: silentLogger,
      tuning,
    });
    const records = Array.from({ length: 500 }, (_, index) => vectorRecord(`c${index}`));
    await store.upsert(collection, records);
    await store.optimize();
    const once = await sizeOf(directory.path);
    for (let round = 0; round < 8; round++) await store.upsert(collection, records);
    expect(await sizeOf(directory.path)).toBeGreaterThan(once * 3);
    await store.optimize();
    expect(await sizeOf(directory.path)).toBeLessThan(once * 1.5);
  });
});
