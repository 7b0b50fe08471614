import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { TributaryError } from '../errors.ts';
import { decodePicture } from './decode-picture.ts';
import {
  type DecoderReply,
  type DecoderRequest,
  outOfMemoryExitCode,
  type PictureLimits,
} from './decoder-protocol.ts';
import { findEdges } from './find-edges.ts';
import { isTechnicalDrawing } from './is-technical-drawing.ts';

// The process that decodes pictures. What a hostile file does to it, it does to nothing else: it ends itself when it
// holds too much memory, and whoever asks it ends it when it takes too long.

const limits = JSON.parse(process.argv[2] ?? '{}') as PictureLimits;
/** The usual effort, 4, takes more than twice the time and saves less than a tenth of the bytes. */
const preview = { quality: 80, effort: 1 };

sharp.cache(false);
sharp.concurrency(1);
// Of all that libvips can open only what is asked for: each reader less is one that cannot be attacked.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadTiffBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadHeifBuffer',
    'VipsForeignLoadSvgBuffer',
  ],
});

// Where memory runs out all the same, Linux is to take this process and not the one that asks it.
writeFile('/proc/self/oom_score_adj', '1000').catch(() => undefined);

async function answer(request: DecoderRequest): Promise<DecoderReply> {
  if (request.kind === 'edges') {
    const { pixels, always } = request;
    return { kind: 'edges', edges: always || isTechnicalDrawing(pixels) ? findEdges(pixels) : null };
  }
  const { maxSide } = request;
  if (request.kind === 'decode') {
    const { maxPixels } = limits;
    return { kind: 'decoded', picture: await decodePicture(request.bytes, { maxSide, maxPixels }) };
  }
  const { width, height, data } = request.pixels;
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true })
    .webp(preview)
    .toBuffer();
  return { kind: 'preview', picture: { mediaType: 'image/webp', bytes } };
}

const watched = setInterval(() => {
  if (process.memoryUsage.rss() > limits.maxMemoryBytes) process.exit(outOfMemoryExitCode);
}, 20);
watched.unref();

process.on('message', (request: DecoderRequest) => {
  watched.ref();
  answer(request)
    .catch((error: unknown): DecoderReply => {
      if (!(error instanceof TributaryError)) throw error;
      return { kind: 'refused', reason: error.reason as 'BROKEN_PICTURE', message: error.publicMessage };
    })
    .then((reply) => process.send?.(reply))
    .catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    })
    .finally(() => watched.unref());
});
process.send?.({ kind: 'ready' } satisfies DecoderReply);
// Nobody can ask any more.
process.on('disconnect', () => process.exit(0));
