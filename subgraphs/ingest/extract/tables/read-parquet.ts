import { rejected } from '../../../../platform/errors.ts';
import { ReaderThread, ReaderThreadError } from '../reader-thread.ts';
import { flatten, GrowingColumns } from './flatten.ts';
import type { ParquetReply, ParquetRequest } from './parquet-protocol.ts';
import type { Row, TablePart } from './types.ts';

const maxMemoryMb = 1024;
const timeoutMs = 60_000;
const rowsAtOnce = 1_000;

const brokenParquet = (cause?: unknown) =>
  rejected(
    'BROKEN_PARQUET',
    'The Parquet file is broken, or written in a way that is not known here. Write it anew, and send that.',
    { cause },
  );

const tooLarge = (cause?: unknown) =>
  rejected(
    'TOO_LARGE',
    'A row group of the Parquet file is too large to be read at once. Write it anew with smaller row groups.',
    { cause },
  );

/**
 * Reads a Parquet file, a row group at a time, in a thread of its own.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `BROKEN_PARQUET`, `TOO_LARGE` or `TOO_MANY_COLUMNS`.
 */
export async function* readParquet(bytes: Uint8Array, signal: AbortSignal): AsyncGenerator<TablePart> {
  await using thread = new ReaderThread<ParquetRequest, ParquetReply>(
    import.meta.url,
    './parquet-worker',
    maxMemoryMb,
  );
  const ask = async (request: ParquetRequest): Promise<ParquetReply> => {
    try {
      const reply = await thread.ask(request, timeoutMs, signal);
      if (reply.kind === 'broken') throw brokenParquet(new Error(reply.detail));
      if (reply.kind === 'too large') throw tooLarge();
      return reply;
    } catch (error) {
      throw error instanceof ReaderThreadError ? tooLarge(error) : error;
    }
  };
  const opened = await ask({ kind: 'open', bytes });
  if (opened.kind !== 'opened') throw brokenParquet();
  const { groups, columns: named } = opened;
  const columns = new GrowingColumns();
  for (const name of named ?? []) columns.indexOf(name);

  async function* rows(): AsyncGenerator<Row> {
    let number = 0;
    for (let group = 0; group < groups; group++) {
      for (let from = 0; ; from += rowsAtOnce) {
        const reply = await ask({ kind: 'rows', group, from, count: rowsAtOnce });
        if (reply.kind !== 'rows') throw brokenParquet();
        for (const row of reply.rows) {
          const cells = flatten(row, columns);
          number++;
          if (cells.some((cell) => cell !== null)) yield { number, cells };
        }
        if (reply.isLast) break;
      }
    }
  }

  yield {
    kind: 'sheet',
    sheet: { name: null, columns: columns.names, columnsKnown: named !== null, preamble: null, rows: rows() },
  };
}
