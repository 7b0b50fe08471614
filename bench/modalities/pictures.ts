import type { DisposableStack } from '../../platform/disposable-stack.ts';
import { drawPhotos } from '../corpus/draw-photos.ts';
import type { Findings } from '../harness/benchmark.ts';
import { openBareVisualEncoder } from '../models/open-bare-visual-encoder.ts';
import { addFiles } from '../system/add-files.ts';
import type { PictureCount } from '../system/count-pictures.ts';
import type { System } from '../system/start-system.ts';
import { measureStages } from './measure-stages.ts';

const perRound = 32;

export interface VisualBench {
  /** The path of the image tower. */
  readonly weights: string;
  readonly counted: PictureCount;
}

/** JPEG files of a megapixel, each a document of its own. */
export async function measurePictures(
  system: System,
  { weights, counted }: VisualBench,
  stack: DisposableStack,
): Promise<Findings> {
  const encode = await openBareVisualEncoder(weights, system, stack);
  const decoder = await system.adapters.pictureDecoder();
  if (decoder === null) throw new Error('There is nothing here that decodes pictures.');
  const batchSize = Math.min(8, system.config.encoderBatchSize);
  // Files that were put in already would be known: each round has others.
  const ready = await Promise.all(Array.from({ length: 4 }, (_, round) => drawPhotos(perRound, round + 1)));
  let newest = ready[0] ?? [];
  return measureStages({
    what: 'Pictures',
    noun: 'pictures',
    setup: `${perRound} JPEG files of 1,152 × 864 pixels a round, each a document; the session alone has them decoded and prepared, in batches of ${batchSize}.`,
    peer: 'onnxruntime by itself, pictures prepared',
    async ingest() {
      newest = ready.shift() ?? (await drawPhotos(perRound, counted.pictures + 1));
      const before = counted.pictures;
      await addFiles(
        system,
        newest.map((bytes, index) => ({ name: `photo-${index}.jpg`, bytes })),
      );
      if (counted.pictures - before !== perRound) throw new Error('Not every picture was encoded once.');
      return perRound;
    },
    async decode() {
      await Promise.all(newest.map((bytes) => decoder.decode(bytes, { maxSide: 768 })));
      return perRound;
    },
    async encode() {
      await encode(perRound, batchSize);
      return perRound;
    },
  });
}
