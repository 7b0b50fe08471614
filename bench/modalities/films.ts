import type { DisposableStack } from '../../platform/disposable-stack.ts';
import { makeMedia } from '../../platform/media/testing/make-media.ts';
import type { Findings } from '../harness/benchmark.ts';
import { openBareVisualEncoder } from '../models/open-bare-visual-encoder.ts';
import { addFiles } from '../system/add-files.ts';
import type { System } from '../system/start-system.ts';
import { measureStages } from './measure-stages.ts';
import type { VisualBench } from './pictures.ts';

const seconds = 120;

/** A film in which something always moves, without sound. The seed makes each another one. */
const film = (seed: number) =>
  makeMedia('film.mp4', [
    ...['-f', 'lavfi', '-i', `life=s=320x180:mold=10:r=25:ratio=0.1:seed=${seed}:death_color=#2050a0`],
    ...['-vf', 'scale=640:360', '-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-pix_fmt', 'yuv420p', '-an'],
  ]);

/** Seconds of film a second: one frame of each is encoded. */
export async function measureFilms(
  system: System,
  { weights, counted }: VisualBench,
  stack: DisposableStack,
): Promise<Findings> {
  const encode = await openBareVisualEncoder(weights, system, stack);
  const media = await system.adapters.mediaDecoder();
  if (media === null) throw new Error('There is no ffmpeg here: run npm run models.');
  const batchSize = Math.min(8, system.config.encoderBatchSize);
  const ready = [await film(1), await film(2), await film(3), await film(4)];
  let newest = ready[0] ?? new Uint8Array();
  let frames = 0;
  return measureStages({
    what: 'Films',
    noun: 'seconds of film',
    setup: `one MP4 of ${seconds} seconds a round, 640 × 360 pixels, 25 frames a second, of which one is encoded; the session alone has these frames decoded and prepared, in batches of ${batchSize}.`,
    peer: 'onnxruntime by itself, frames prepared',
    async ingest() {
      newest = ready.shift() ?? (await film(counted.pictures));
      const before = counted.pictures;
      await addFiles(system, [{ name: 'film.mp4', bytes: new Uint8Array(newest) }]);
      frames = counted.pictures - before;
      if (frames < seconds / 2) throw new Error(`Of ${seconds} seconds ${frames} frames were encoded.`);
      return seconds;
    },
    async decode() {
      await using opened = await media.open(newest);
      let count = 0;
      for await (const _frame of opened.frames({ perSecond: 1, maxSide: 640 })) count++;
      if (count < frames) throw new Error('Fewer frames were decoded than encoded.');
      return seconds;
    },
    async encode() {
      await encode(frames, batchSize);
      return seconds;
    },
  });
}
