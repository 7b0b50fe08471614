import sharp from 'sharp';

/**
 * Renders an SVG document.
 *
 * @returns sRGB, 3 bytes a pixel, row by row from the top left: `side * side * 3` bytes.
 */
export async function render(svg: string, side: number): Promise<Uint8Array> {
  const { data } = await sharp(Buffer.from(svg))
    .resize(side, side, { fit: 'fill', kernel: 'cubic' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}
