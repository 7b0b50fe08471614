import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { ensureVisualEncoder, findVisualEncoder } from './ensure-visual-encoder.ts';
import type { LockedModel } from './model-lock.ts';

const content = 'weights';
const file = (path: string) => ({
  path,
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  sources: [{ hub: { repository: 'some/clip', revision: 'main', path } }],
});
const models: readonly LockedModel[] = [
  { name: 'words', kind: 'text-encoder', licence: 'MIT', files: [file('model.onnx')] },
  { name: 'clip', kind: 'visual-encoder', licence: 'MIT', files: [file('vision.onnx'), file('text.onnx')] },
];

/** A models' folder and a folder of what comes with the program, with the given files in them. */
async function folders(present: readonly string[]) {
  const root = await temporaryDirectory();
  for (const path of present) {
    await mkdir(join(root.path, path, '..'), { recursive: true });
    await writeFile(join(root.path, path), content);
  }
  const options = {
    ...{ directory: join(root.path, 'models'), packaged: join(root.path, 'packaged') },
    ...{ hub: null, offline: false, models, retryDelayMs: 1 },
  };
  return { options, path: root.path, [Symbol.asyncDispose]: () => root[Symbol.asyncDispose]() };
}

const clip = ['models/clip/vision.onnx', 'models/clip/text.onnx'];
const packaged = ['packaged/drawings-clip/config.json'];

describe('auto', () => {
  it('takes the model of the lock file where it is whole', async () => {
    await using at = await folders([...clip, ...packaged]);
    const folder = join(at.options.directory, 'clip');
    expect(await findVisualEncoder('auto', at.options)).toEqual({ model: 'clip', folder });
    expect(await ensureVisualEncoder('auto', at.options)).toEqual({ model: 'clip', folder });
  });

  it('takes the one that comes along where the other is not there and cannot be had, and says why', async () => {
    await using at = await folders([...clip.slice(1), ...packaged]);
    const skipped: string[] = [];
    const folder = join(at.path, 'packaged/drawings-clip');
    expect(await findVisualEncoder('auto', at.options)).toEqual({ model: 'drawings-clip', folder });
    const found = await ensureVisualEncoder('auto', at.options, (model, error) =>
      skipped.push(`${model}: ${(error as Error).message}`),
    );
    expect(found).toEqual({ model: 'drawings-clip', folder });
    expect(skipped.join()).toContain('clip: A model file cannot be had (the model hub: no model hub');
  });

  it('is null where there is none at all', async () => {
    await using at = await folders([]);
    expect(await findVisualEncoder('auto', at.options)).toBeNull();
    expect(await ensureVisualEncoder('auto', at.options)).toBeNull();
  });
});

describe('a setting of one’s own', () => {
  it('may be a name or a folder', async () => {
    await using at = await folders([...clip, ...packaged, 'mine/config.json']);
    const mine = join(at.path, 'mine');
    expect(await findVisualEncoder('clip', at.options)).toMatchObject({ model: 'clip' });
    expect(await findVisualEncoder('drawings-clip', at.options)).toMatchObject({ model: 'drawings-clip' });
    expect(await findVisualEncoder(mine, at.options)).toEqual({ model: basename(mine), folder: mine });
  });

  it('is refused where it names nothing, with what is allowed', async () => {
    await using at = await folders(packaged);
    await expect(findVisualEncoder('no-such', at.options)).rejects.toMatchObject({
      code: 'REJECTED_INPUT',
      publicMessage: expect.stringContaining('auto, none, clip, drawings-clip, or the path of a folder'),
    });
  });

  it('is refused where it names another kind of model', async () => {
    await using at = await folders([]);
    await expect(ensureVisualEncoder('words', at.options)).rejects.toMatchObject({
      reason: 'WRONG_MODEL',
      publicMessage: expect.stringContaining('TRIBUTARY_VISUAL_ENCODER'),
    });
  });
});
