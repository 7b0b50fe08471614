import { mkdir, open, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { collect } from '../testing/collect.ts';
import { smallDisk } from '../testing/small-disk.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { describeBlobStore, disposedWith } from './blob-store.contract.ts';
import { openFilesystemBlobStore } from './filesystem-blob-store.ts';

describeBlobStore('a folder', async () => {
  const directory = await temporaryDirectory();
  const store = await openFilesystemBlobStore({ directory: directory.path });
  return disposedWith(store, async () => {
    // Whatever a test did, nothing half-written is left.
    expect(await readdir(join(directory.path, 'incoming'))).toEqual([]);
    await directory[Symbol.asyncDispose]();
  });
});

async function* zeros(count: number): AsyncIterable<Uint8Array> {
  for (let index = 0; index < count; index++) yield Buffer.alloc(64 * 1024);
}

it('removes the folders that a deleted blob leaves empty, and no others', async () => {
  await using directory = await temporaryDirectory();
  await using store = await openFilesystemBlobStore({ directory: directory.path });
  await store.put('a/b/c', zeros(1), { maxBytes: 1e9 });
  await store.put('a/d', zeros(1), { maxBytes: 1e9 });
  await store.delete('a/b/c');
  expect(await readdir(join(directory.path, 'blobs', 'a'))).toEqual(['d~']);
});

it('keeps a blob and others below its name', async () => {
  await using directory = await temporaryDirectory();
  await using store = await openFilesystemBlobStore({ directory: directory.path });
  for (const key of ['a', 'a/b', 'a/b/c']) await store.put(key, zeros(1), { maxBytes: 1e9 });
  expect((await collect(store.list('a'))).sort()).toEqual(['a', 'a/b', 'a/b/c']);
});

it('puts and deletes in the same folder at once without losing a blob', async () => {
  await using directory = await temporaryDirectory();
  await using store = await openFilesystemBlobStore({ directory: directory.path });
  const busy = Array.from({ length: 40 }, async (_, index) => {
    await store.put(`a/b/${index}`, zeros(1), { maxBytes: 1e9 });
    if (index % 2 === 0) expect(await store.delete(`a/b/${index}`)).toBe(true);
  });
  await Promise.all(busy);
  expect(await collect(store.list('a/b/'))).toHaveLength(20);
});

it('sweeps what was abandoned half-written long ago, and leaves what is being written', async () => {
  await using directory = await temporaryDirectory();
  const incoming = join(directory.path, 'incoming');
  await mkdir(incoming, { recursive: true });
  await writeFile(join(incoming, 'old'), 'x');
  await writeFile(join(incoming, 'new'), 'x');
  const longAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
  await utimes(join(incoming, 'old'), longAgo, longAgo);
  await using store = await openFilesystemBlobStore({ directory: directory.path });
  expect(await readdir(incoming)).toEqual(['new']);
  expect(await collect(store.list(''))).toEqual([]);
});

it.each(['write', 'sync'] as const)(
  'says STORAGE_FULL and leaves nothing when %s finds no room',
  async (method) => {
    await using directory = await temporaryDirectory();
    await using store = await openFilesystemBlobStore({ directory: directory.path });
    const probe = await open(directory.path);
    await probe.close();
    // Fails as the operating system does, at the outermost edge: everything above it is real.
    const edge = vi.spyOn(Object.getPrototypeOf(probe), method);
    edge.mockRejectedValue(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }));
    try {
      await expect(store.put('a/b', zeros(2), { maxBytes: 1e9 })).rejects.toMatchObject({
        code: 'BUSY',
        reason: 'STORAGE_FULL',
      });
    } finally {
      edge.mockRestore();
    }
    expect(await readdir(join(directory.path, 'incoming'))).toEqual([]);
    expect(await collect(store.list(''))).toEqual([]);
  },
);

it('goes on after a real disk was full, where one can be had', async () => {
  await using directory = await temporaryDirectory();
  await using disk = await smallDisk(directory.path, 512 * 1024);
  await using store = await openFilesystemBlobStore({ directory: disk.path, reserveBytes: 0 });
  await store.put('kept', zeros(1), { maxBytes: 1e9 });
  if (disk.isSmall) {
    await expect(store.put('large', zeros(100), { maxBytes: 1e9 })).rejects.toMatchObject({
      code: 'BUSY',
      reason: 'STORAGE_FULL',
    });
  }
  // Room that a failed blob took would be missing here.
  await store.put('second', zeros(5), { maxBytes: 1e9 });
  expect((await collect(store.list(''))).sort()).toEqual(['kept', 'second']);
  expect((await stat(join(disk.path, 'blobs', 'second~'))).size).toBe(5 * 64 * 1024);
});

it('stops before the disk is full, and leaves the reserve', async () => {
  await using directory = await temporaryDirectory();
  await using store = await openFilesystemBlobStore({ directory: directory.path, reserveBytes: 2 ** 53 });
  await expect(store.put('a', zeros(1), { maxBytes: 1e9 })).rejects.toMatchObject({ reason: 'STORAGE_FULL' });
  expect(await collect(store.list(''))).toEqual([]);
});
