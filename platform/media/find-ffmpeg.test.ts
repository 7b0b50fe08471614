import { createHash } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LockedModel, readModelLock } from '../models/model-lock.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { ensureFfmpeg } from './ensure-ffmpeg.ts';
import { findFfmpeg } from './find-ffmpeg.ts';
import { testFfmpeg } from './testing/make-media.ts';

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
const path = process.env.PATH;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(async () => {
  process.env.PATH = path;
  await folder[Symbol.asyncDispose]();
});

/** A program that says of itself what it is told to. */
async function program(name: string, says: string): Promise<string> {
  const file = join(folder.path, name);
  await writeFile(file, `#!/bin/sh\necho "${says}"\n`);
  await chmod(file, 0o755);
  return file;
}

const directory = () => join(folder.path, 'models');

describe('finding ffmpeg', () => {
  it('takes the one that is named, where it can be used', async () => {
    const { path: known, version } = await testFfmpeg();
    expect(await findFfmpeg(known, { directory: directory() })).toEqual({ path: known, version });
    expect(version).toMatch(/^\d+\.\d+/);
    const built = await program('built', 'ffmpeg version N-109542-g1234567 Copyright');
    expect(await findFfmpeg(built, { directory: directory() })).toEqual({ path: built, version: 'N' });
  });

  it('refuses one that is named and cannot be used, with the reason', async () => {
    for (const [setting, reason] of [
      [join(folder.path, 'nowhere'), 'there is no such program'],
      [await program('old', 'ffmpeg version 4.3.6-0+deb11u1 Copyright'), 'its version is 4.3.6'],
      [await program('other', 'avconv 12'), 'it is not ffmpeg'],
    ] as const) {
      await expect(findFfmpeg(setting, { directory: directory() })).rejects.toMatchObject({
        reason: 'WRONG_FFMPEG',
        publicMessage: expect.stringMatching(new RegExp(`^TRIBUTARY_FFMPEG is .*${reason}.*4\\.4`)),
      });
    }
  });

  it('finds none where none is wanted, and none where there is none', async () => {
    expect(await findFfmpeg('none', { directory: directory() })).toBeNull();
    process.env.PATH = folder.path;
    expect(await findFfmpeg('auto', { directory: directory() })).toBeNull();
  });

  it('takes the packaged one where that of the PATH is too old', async () => {
    await program('ffmpeg', 'ffmpeg version 3.4 Copyright');
    process.env.PATH = `${folder.path}:/bin:/usr/bin`;
    const bytes = Buffer.from('#!/bin/sh\necho "ffmpeg version 7.0.2-static Copyright"\n');
    const models: LockedModel[] = [
      {
        ...{
          name: 'packaged',
          kind: 'program',
          platform: `${process.platform}-${process.arch}`,
          licence: 'MIT',
        },
        files: [
          {
            ...{ path: 'ffmpeg', bytes: bytes.length, sources: [{ text: bytes.toString() }] },
            sha256: createHash('sha256').update(bytes).digest('hex'),
          },
        ],
      },
    ];
    await mkdir(directory(), { recursive: true });
    const options = { directory: directory(), hub: null, offline: true, models };
    await ensureFfmpeg('auto', options);
    expect(await findFfmpeg('auto', options)).toEqual({
      path: join(directory(), 'packaged', 'ffmpeg'),
      version: '7.0.2',
    });
  });

  it('has a packaged one for each platform that packages are made for', () => {
    const programs = readModelLock().flatMap((model) => (model.kind === 'program' ? [model.platform] : []));
    expect(programs).toEqual(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64']);
  });
});
