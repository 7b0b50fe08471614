import type { Pixels } from '../ports/pixels.ts';

/** The share of pixels whose gradient is below that which becomes black. */
const darkest = 0.99;
/** Gradients below this, of 255, are grain and compression. */
const grain = 12;

/** The weights of red, green and blue in how light a pixel seems (ITU-R BT.601), in 256ths. */
export const lightness = ({ data, width, height }: Pixels): Uint8Array => {
  const light = new Uint8Array(width * height);
  for (let index = 0, at = 0; index < light.length; index++, at += 3) {
    light[index] = (77 * (data[at] ?? 0) + 150 * (data[at + 1] ?? 0) + 29 * (data[at + 2] ?? 0)) >> 8;
  }
  return light;
};

/**
 * The size of the gradient at every pixel by the operator of Sobel, in 0 to 255: a step from black to white has 255. The
 * border repeats the pixels beside it.
 *
 * @see I. Sobel, “An Isotropic 3×3 Image Gradient Operator”, 1968; R. O. Duda and P. E. Hart, “Pattern Classification and
 * Scene Analysis”, 1973, p. 271
 */
export function gradients(light: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(width * height);
  const at = (x: number, y: number) => light[y * width + x] ?? 0;
  for (let y = 0; y < height; y++) {
    const up = Math.max(0, y - 1);
    const down = Math.min(height - 1, y + 1);
    for (let x = 0; x < width; x++) {
      const left = Math.max(0, x - 1);
      const right = Math.min(width - 1, x + 1);
      const across =
        at(right, up) + 2 * at(right, y) + at(right, down) - at(left, up) - 2 * at(left, y) - at(left, down);
      const along =
        at(left, down) + 2 * at(x, down) + at(right, down) - at(left, up) - 2 * at(x, up) - at(right, up);
      out[y * width + x] = Math.min(255, Math.sqrt(across * across + along * along) / 4);
    }
  }
  return out;
}

/**
 * The edges of a picture, dark on white as in a drawing, the strongest of them black: what colours and fills hide of the
 * lines of a technical drawing.
 */
export function findEdges(pixels: Pixels): Pixels {
  const { width, height } = pixels;
  const sizes = gradients(lightness(pixels), width, height);
  const full = Math.max(grain + 1, quantile(sizes, darkest));
  const data = new Uint8Array(width * height * 3);
  for (let index = 0; index < sizes.length; index++) {
    const size = Math.max(0, (sizes[index] ?? 0) - grain) / (full - grain);
    data.fill(255 - Math.round(255 * Math.min(1, size)), index * 3, index * 3 + 3);
  }
  return { width, height, data };
}

/** The value that so large a share of all that are not 0 stay below; 0 where all are 0. */
function quantile(values: Uint8Array, share: number): number {
  const counts = new Uint32Array(256);
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  const all = values.length - (counts[0] ?? 0);
  let seen = 0;
  for (let value = 1; value < 256; value++) {
    seen += counts[value] ?? 0;
    if (seen >= all * share) return all === 0 ? 0 : value;
  }
  return 0;
}
