import { describe, expect, it } from 'vitest';
import { makeMedia, scenes, testMediaDecoder } from '../../../platform/media/testing/make-media.ts';
import type { Frame } from '../../../platform/ports/media-decoder.ts';
import { collect } from '../../../platform/testing/collect.ts';
import { cutShots, type Shot } from './cut-shots.ts';

const spans = (shots: readonly Shot[]) => shots.map(({ startMs, endMs }) => [startMs, endMs]);

/** The shots of a film that ffmpeg makes of the arguments. */
async function shotsOf(...args: string[]): Promise<Shot[]> {
  const decoder = await testMediaDecoder();
  const bytes = await makeMedia('a.mp4', [
    ...args,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
  ]);
  await using media = await decoder.open(bytes);
  return await collect(cutShots(media.frames({ perSecond: 1, maxSide: 320 }), 1000));
}

/** Frames of one brightness each, a second apart. */
async function* grey(levels: readonly number[]): AsyncGenerator<Frame> {
  for (const [index, level] of levels.entries()) {
    const data = new Uint8Array(32 * 18 * 3).fill(level);
    yield { atMs: index * 1000, pixels: { width: 32, height: 18, data } };
  }
}

describe('cutting a film into shots', () => {
  it('cuts where one scene follows on another', async () => {
    const shots = await shotsOf(
      ...scenes(
        [
          { colour: 'red', seconds: 3 },
          { colour: 'blue', seconds: 4 },
          { colour: 'navy', seconds: 2 },
        ],
        '160x90',
        5,
      ),
    );
    expect(spans(shots)).toEqual([
      [0, 3000],
      [3000, 7000],
      [7000, 9000],
    ]);
    expect(shots.map(({ frames }) => frames.length)).toEqual([3, 4, 2]);
  });

  it('does not cut where a camera moves, and does where the lively scene changes', async () => {
    // A window that wanders over a picture of many colours; then another picture.
    const pan =
      'mandelbrot=s=640x360:r=5:start_scale=0.5:end_scale=0.3:maxiter=400,trim=duration=8,setpts=PTS-STARTPTS';
    const shots = await shotsOf(
      ...['-f', 'lavfi', '-i', pan, '-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=5:d=8'],
      ...['-filter_complex', '[0:v][1:v]concat=n=2:v=1:a=0[v]', '-map', '[v]'],
    );
    expect(spans(shots)).toEqual([
      [0, 8000],
      [8000, 16_000],
    ]);
  });

  it('sees a new slide after a still one, and gives what goes on for long in parts', async () => {
    const slide = (words: string) =>
      `color=c=white:s=320x180:r=2:d=35,drawbox=x=20:y=20:w=${words}:h=40:color=black:t=fill`;
    const shots = await shotsOf(
      ...['-f', 'lavfi', '-i', slide('200'), '-f', 'lavfi', '-i', slide('60')],
      ...['-filter_complex', '[0:v][1:v]concat=n=2:v=1:a=0[v]', '-map', '[v]'],
    );
    expect(spans(shots)).toEqual([
      [0, 30_000],
      [30_000, 35_000],
      [35_000, 65_000],
      [65_000, 70_000],
    ]);
  });

  it('takes noise for no cut, and a film without a frame for none', async () => {
    const noisy = await collect(cutShots(grey([100, 101, 100, 102, 101, 180, 181]), 1000));
    expect(spans(noisy)).toEqual([
      [0, 5000],
      [5000, 7000],
    ]);
    expect(await collect(cutShots(grey([]), 1000))).toEqual([]);
  });

  it('shows the sharpest of the frames that are like the shot', async () => {
    const sharp = 'testsrc2=s=320x180:r=1:d=1';
    const args = [`${sharp},gblur=sigma=1`, sharp, sharp].flatMap((input) => ['-f', 'lavfi', '-i', input]);
    const [shot, ...others] = await shotsOf(
      ...[...args, '-filter_complex', '[0:v][1:v][2:v]concat=n=3:v=1:a=0[v]', '-map', '[v]'],
    );
    expect(others).toEqual([]);
    expect(shot?.frames.indexOf(shot.key)).toBeGreaterThan(0);
  });
});
