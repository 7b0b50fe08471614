import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { draw } from './draw.ts';
import { render } from './render.ts';

/** The side of the pictures in pixels; train.py knows it too. */
const side = 128;

const [countText, seedText, folder] = process.argv.slice(2);
const count = Number(countText);
const seed = Number(seedText);
if (!Number.isInteger(count) || !Number.isInteger(seed) || count < 1 || folder === undefined) {
  console.error('Usage: tsx tools/drawings/main.ts <how many> <first seed> <folder to write to>');
  process.exit(2);
}

await mkdir(folder, { recursive: true });
const pictures = createWriteStream(join(folder, 'pictures.bin'));
const said: unknown[] = [];
for (let index = 0; index < count; index += 1) {
  const { svg, ...rest } = draw(seed + index);
  said.push(rest);
  if (!pictures.write(await render(svg, side))) await once(pictures, 'drain');
}
pictures.end();
await finished(pictures);
await writeFile(join(folder, 'drawings.json'), JSON.stringify({ side, seed, drawings: said }));
console.log(`${count} drawings of ${side} pixels, from seed ${seed}, are in ${folder}`);
