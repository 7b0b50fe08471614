import { constants, crc32, deflateRawSync } from 'node:zlib';

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(typed.length + 8);
  whole.writeUInt32BE(data.length, 0);
  typed.copy(whole, 4);
  whole.writeUInt32BE(crc32(typed), typed.length + 4);
  return whole;
}

/** So many rows are compressed at once, and that again and again. */
const rowsPerBlock = 1000;

/**
 * A whole and valid PNG of one black bit a pixel: 120 bytes of file for every million pixels. The compressed block of some
 * rows is repeated, so that making it takes little time and memory.
 *
 * @param side of the square, in pixels; a multiple of 1000.
 */
export function hugePng(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const rowBytes = 1 + Math.ceil(side / 8);
  const block = deflateRawSync(Buffer.alloc(rowsPerBlock * rowBytes), {
    level: 9,
    finishFlush: constants.Z_FULL_FLUSH,
  });
  const data = Buffer.alloc(2 + (side / rowsPerBlock) * block.length + 6);
  data.writeUInt16BE(0x78da, 0);
  for (let at = 2; at < data.length - 6; at += block.length) block.copy(data, at);
  // An empty last block, and the Adler-32 sum of nothing but zeros.
  data.writeUInt16BE(0x0300, data.length - 6);
  data.writeUInt32BE((((side * rowBytes) % 65521) * 0x10000 + 1) >>> 0, data.length - 4);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
