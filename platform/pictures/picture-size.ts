/** How many pixels a picture says that it has. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The size of a JPEG, PNG, GIF or WebP as its header says it, read without decoding anything; null where it says nothing, or
 * the file is of another kind.
 *
 * @see https://www.w3.org/TR/png/#11IHDR
 * @see https://www.w3.org/Graphics/JPEG/itu-t81.pdf (B.2.2)
 * @see https://www.w3.org/Graphics/GIF/spec-gif89a.txt
 * @see https://developers.google.com/speed/webp/docs/riff_container
 */
export function pictureSize(bytes: Uint8Array): PictureSize | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (file.length < 30) return null;
  const head = file.toString('latin1', 0, 16);
  if (head.startsWith('\x89PNG\r\n\x1a\n') && head.endsWith('IHDR')) {
    return { width: file.readUInt32BE(16), height: file.readUInt32BE(20) };
  }
  if (/^GIF8[79]a/.test(head)) return { width: file.readUInt16LE(6), height: file.readUInt16LE(8) };
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) return webpSize(file);
  return head.startsWith('\xff\xd8') ? jpegSize(file) : null;
}

function webpSize(file: Buffer): PictureSize | null {
  switch (file.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: 1 + file.readUIntLE(24, 3), height: 1 + file.readUIntLE(27, 3) };
    case 'VP8L': {
      const bits = file.readUInt32LE(21);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
    }
    case 'VP8 ':
      return { width: file.readUInt16LE(26) & 0x3fff, height: file.readUInt16LE(28) & 0x3fff };
    default:
      return null;
  }
}

function jpegSize(file: Buffer): PictureSize | null {
  for (let at = 2; at + 9 < file.length; ) {
    if (file[at] !== 0xff) return null;
    const marker = file[at + 1] ?? 0;
    if (marker === 0xff) {
      at++;
      continue;
    }
    // A start of frame; C4, C8 and CC in the same range are something else.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { width: file.readUInt16BE(at + 7), height: file.readUInt16BE(at + 5) };
    }
    if (marker === 0xda || marker === 0xd9) return null;
    const hasLength = marker !== 0x01 && !(marker >= 0xd0 && marker <= 0xd8);
    at += 2 + (hasLength ? file.readUInt16BE(at + 2) : 0);
  }
  return null;
}
