import { join } from 'node:path';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';
import { benchmark, type Findings } from './harness/benchmark.ts';
import { measureFilms } from './modalities/films.ts';
import { measurePictures } from './modalities/pictures.ts';
import { measureRecordings } from './modalities/recordings.ts';
import { measureTables } from './modalities/tables.ts';
import { clipB32, writeVisionTransformer } from './models/write-vision-transformer.ts';
import { countPictures } from './system/count-pictures.ts';
import { startSystem } from './system/start-system.ts';

/** What becomes searchable a second of pictures, films, recordings and tables, beside their bare encoders. */
await benchmark('modalities', async (stack) => {
  const folder = stack.use(await temporaryDirectory('tributary-bench-model-')).path;
  const weights = await writeVisionTransformer(folder);
  const counted = countPictures();
  const { TRIBUTARY_TRANSCRIBER, TRIBUTARY_FFMPEG } = process.env;
  const system = await startSystem(stack, {
    settings: {
      TRIBUTARY_VISUAL_ENCODER: join(folder),
      TRIBUTARY_TEXT_READER: 'none',
      ...(TRIBUTARY_TRANSCRIBER && { TRIBUTARY_TRANSCRIBER }),
      ...(TRIBUTARY_FFMPEG && { TRIBUTARY_FFMPEG }),
    },
    metrics: counted.metrics,
  });
  const all: Findings[] = [
    await measurePictures(system, { weights, counted }, stack),
    await measureFilms(system, { weights, counted }, stack),
    await measureRecordings(system),
    await measureTables(system, stack),
  ];
  const { layers, width, side, patch } = clipB32;
  return {
    title: 'Ingest of pictures, films, recordings and tables',
    setup: [
      `Pictures and frames are encoded by the image tower of CLIP ViT-B/32 (${layers} layers of ${width}, ${side} pixels in patches of ${patch}) in single precision, with random weights: its arithmetic, not its knowledge. Text in pictures is not read (TRIBUTARY_TEXT_READER=none).`,
      ...all.flatMap(({ setup }) => setup),
    ],
    figures: all.flatMap(({ figures }) => figures),
    comparisons: all.flatMap(({ comparisons }) => comparisons),
  };
});
