import { parentPort } from 'node:worker_threads';
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadata,
  parquetReadObjects,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ParquetReply, ParquetRequest } from './parquet-protocol.ts';

// The thread that reads Parquet. A row group is decoded as a whole, and given out some rows at a time.

/** No page and no row group may be larger, inflated. */
const maxPageBytes = 256 * 1024 * 1024;
const maxGroupBytes = 512 * 1024 * 1024;

let file: AsyncBuffer | null = null;
let metadata: FileMetaData | null = null;
let group: { readonly index: number; readonly rows: Record<string, unknown>[] } | null = null;

/** What inflates pages, and does not believe how large they say they are. */
const limited: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([name, inflate]) => [
    name,
    (input: Uint8Array, length: number) => {
      if (length > maxPageBytes) throw new Error(`a page has ${length} bytes`);
      return inflate?.(input, length) ?? input;
    },
  ]),
);

function open(bytes: Uint8Array): ParquetReply {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  file = { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) };
  metadata = parquetMetadata(buffer);
  const [, ...fields] = metadata.schema;
  const isFlat = fields.every(({ num_children }) => !num_children);
  return {
    kind: 'opened',
    groups: metadata.row_groups.length,
    columns: isFlat ? fields.map(({ name }) => name) : null,
  };
}

async function rows(index: number, from: number, count: number): Promise<ParquetReply> {
  if (file === null || metadata === null) throw new Error('no file is open');
  if (group?.index !== index) {
    group = null;
    const groups = metadata.row_groups;
    const before = groups.slice(0, index).reduce((sum, each) => sum + Number(each.num_rows), 0);
    const wanted = groups[index];
    if (wanted === undefined) throw new Error(`there is no row group ${index}`);
    const bytes = wanted.columns.reduce(
      (sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0),
      0,
    );
    if (bytes > maxGroupBytes) return { kind: 'too large' };
    const decoded = await parquetReadObjects({
      ...{ file, metadata, compressors: limited, utf8: false },
      ...{ rowStart: before, rowEnd: before + Number(wanted.num_rows) },
    });
    group = { index, rows: decoded };
  }
  const taken = group.rows.slice(from, from + count).map(plain);
  return { kind: 'rows', rows: taken, isLast: from + count >= group.rows.length };
}

/** A value that can be passed on. Bytes are text where they can be, and nothing else: nobody searches for those. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return textOf(value);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>, plain);
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

async function answer(request: ParquetRequest): Promise<ParquetReply> {
  return request.kind === 'open' ? open(request.bytes) : rows(request.group, request.from, request.count);
}

parentPort?.on('message', (request: ParquetRequest) => {
  answer(request)
    .catch(
      (error: unknown): ParquetReply => ({
        kind: 'broken',
        detail: error instanceof Error ? error.message : String(error),
      }),
    )
    .then((reply) => parentPort?.postMessage(reply))
    .catch(() => process.exit(1));
});
