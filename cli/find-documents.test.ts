import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';
import { exitCodes } from './failure.ts';
import { findDocuments } from './find-documents.ts';

it('searches folders through, without what is hidden or of another kind', async () => {
  await using folder = await temporaryDirectory();
  for (const path of ['library/deep/er', 'library/.git', 'library/node_modules', 'elsewhere']) {
    await mkdir(join(folder.path, path), { recursive: true });
  }
  for (const path of [
    'library/b.MD',
    'library/a.txt',
    'library/deep/er/c.pdf',
    'library/picture.xyz',
    'library/.hidden.txt',
    'library/.git/d.txt',
    'library/node_modules/e.txt',
    'elsewhere/f.xyz',
  ]) {
    await writeFile(join(folder.path, path), 'some text');
  }
  const cwd = folder.path;
  const { documents, skipped } = await findDocuments(
    ['library', 'elsewhere/f.xyz', 'library/a.txt', 'https://example.org/g.html'],
    cwd,
  );
  expect(documents).toEqual([
    { kind: 'file', path: join(cwd, 'library/a.txt'), byteSize: 9, source: 'library/a.txt' },
    { kind: 'file', path: join(cwd, 'library/b.MD'), byteSize: 9, source: 'library/b.MD' },
    { kind: 'file', path: join(cwd, 'library/deep/er/c.pdf'), byteSize: 9, source: 'library/deep/er/c.pdf' },
    { kind: 'file', path: join(cwd, 'elsewhere/f.xyz'), byteSize: 9, source: 'elsewhere/f.xyz' },
    { kind: 'url', url: 'https://example.org/g.html' },
  ]);
  expect(skipped).toEqual([join(cwd, 'library/picture.xyz')]);
});

it('says where a path leads nowhere', async () => {
  await using folder = await temporaryDirectory();
  await expect(findDocuments(['nothing.txt'], folder.path)).rejects.toMatchObject({
    exitCode: exitCodes.notFound,
    message: expect.stringContaining('There is no file or folder "nothing.txt"'),
  });
});
