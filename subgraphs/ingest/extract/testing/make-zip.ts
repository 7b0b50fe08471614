import { crc32, deflateRawSync } from 'node:zlib';

/** What a part of a ZIP file has; its size can be said to be another one than it is. */
export interface ZipPart {
  readonly content: string | Uint8Array;
  readonly claimedBytes?: number;
}

/** A ZIP file with these parts, compressed, as Office programs write them. */
export function makeZip(parts: Readonly<Record<string, string | Uint8Array | ZipPart>>): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [fileName, given] of Object.entries(parts)) {
    const part: ZipPart =
      typeof given === 'string' || given instanceof Uint8Array ? { content: given } : given;
    const bytes = Buffer.from(part.content as Uint8Array);
    const deflated = deflateRawSync(bytes);
    const name = Buffer.from(fileName);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(deflated.length, 14);
    common.writeUInt32LE(part.claimedBytes ?? bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, name, deflated]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    const madeBy = Buffer.from([20, 0]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), madeBy, common, tail, name]));
    locals.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, entries, end]);
}
