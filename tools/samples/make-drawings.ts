import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { sampleDrawings } from '../drawings/sample-drawings.ts';

// Makes the drawings of the samples: `tsx tools/samples/make-drawings.ts`. Letters are those of this machine's fonts.

const samples = new URL('../../samples/', import.meta.url);
for (const { name, caption, svg } of sampleDrawings()) {
  const png = await sharp(Buffer.from(svg))
    .flatten({ background: 'white' })
    .png({ palette: true, colours: 16, compressionLevel: 9 })
    // What it shows, as programs that write pictures put it down.
    .withExif({ IFD0: { ImageDescription: caption } })
    .toBuffer();
  await writeFile(fileURLToPath(new URL(`${name}.png`, samples)), png);
}
