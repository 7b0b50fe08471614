import type { Pixels } from '../../ports/pixels.ts';

/** A picture of slopes, hard edges and noise: the same as `make_golden.py` draws. */
export function drawnPicture(width: number, height: number, seed: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        let noise =
          Math.imul(x, 73856093) ^ Math.imul(y, 19349663) ^ Math.imul(c, 83492791) ^ Math.imul(seed, 40503);
        noise ^= noise >>> 13;
        noise = Math.imul(noise, 0x5bd1e995);
        noise ^= noise >>> 15;
        const slope = (x * (3 + 2 * c) + y * (5 - c)) & 127;
        const edge = (((x >> 4) ^ (y >> 3)) & 1) * 96;
        data[at++] = slope + edge + (noise & 31);
      }
    }
  }
  return { width, height, data };
}
