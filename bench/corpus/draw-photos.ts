import sharp from 'sharp';
import { createRandom } from './random.ts';

/**
 * JPEG files with the detail of photographs: coarse patches of colour, finer ones over them, and grain. Of about
 * a megapixel and a few hundred kilobytes each.
 */
export async function drawPhotos(count: number, seed: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const random = createRandom(seed);
  const [width, height] = [1152, 864];
  const noise = (columns: number, rows: number, strength: number) =>
    sharp(
      Uint8Array.from({ length: columns * rows * 3 }, () => 128 + strength * (random() - 0.5)),
      { raw: { width: columns, height: rows, channels: 3 } },
    )
      .resize({ width, height, fit: 'fill', kernel: 'cubic' })
      .png({ compressionLevel: 0 })
      .toBuffer();
  const photos: Uint8Array<ArrayBuffer>[] = [];
  for (let index = 0; index < count; index++) {
    const coarse = await noise(8, 6, 250);
    const layers = await Promise.all([noise(72, 54, 120), noise(384, 288, 40)]);
    const jpeg = await sharp(coarse)
      .composite(layers.map((input) => ({ input, blend: 'overlay' as const })))
      .jpeg({ quality: 85 })
      .toBuffer();
    photos.push(new Uint8Array(jpeg));
  }
  return photos;
}
