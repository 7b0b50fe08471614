import { describe, expect, it } from 'vitest';
import type { JobChange } from './jobs/jobs.ts';
import { tellProgress } from './tell-progress.ts';

describe('tellProgress', () => {
  it('writes together what was told while a write was under way, the newest counting', async () => {
    const written: JobChange[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const progress = tellProgress(async (change) => {
      written.push(change);
      if (written.length === 1) await held;
    });
    progress.tell({ stage: 'EXTRACT' });
    progress.tell({ stage: 'CHUNK', chunksTotal: 3 });
    progress.tell({ stage: 'ENCODE' });
    release();
    await progress.settle();
    expect(written).toEqual([{ stage: 'EXTRACT' }, { stage: 'ENCODE', chunksTotal: 3 }]);
    progress.tell({ chunksStored: 3 });
    await progress.settle();
    expect(written[2]).toEqual({ chunksStored: 3 });
  });

  it('says at the next occasion that a write has failed, and writes no more', async () => {
    const written: JobChange[] = [];
    const progress = tellProgress(async (change) => {
      written.push(change);
      throw new Error('the job was lost');
    });
    progress.tell({ stage: 'EXTRACT' });
    await expect(progress.settle()).rejects.toThrow('lost');
    expect(() => progress.tell({ stage: 'CHUNK' })).toThrow('lost');
    await expect(progress.settle()).rejects.toThrow('lost');
    expect(written).toEqual([{ stage: 'EXTRACT' }]);
  });
});
