import type { Extracted, Inspected, Part, Piece } from '../types.ts';
import { readCoreProperties } from './office/core-properties.ts';
import { openZip } from './office/open-zip.ts';
import { estimateTokens } from './tables/estimate-tokens.ts';
import { groupRows } from './tables/group-rows.ts';
import { readCsv } from './tables/read-csv.ts';
import { readJson } from './tables/read-json.ts';
import { readJsonLines } from './tables/read-json-lines.ts';
import { readParquet } from './tables/read-parquet.ts';
import { readXlsx } from './tables/read-xlsx.ts';
import { TableSummary } from './tables/summarize.ts';
import type { Sheet, TablePart } from './tables/types.ts';

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/**
 * Reads tables: CSV, TSV, XLSX, JSON, lines of JSON, and Parquet. Rows come in groups, each a piece whose cells can be
 * filtered by; behind the rows of each table come pieces that sum its columns up.
 *
 * @throws TributaryError `REJECTED_INPUT` where the content is broken, too wide, or not safe to unpack; also while the
 * parts are gone through.
 */
export async function extractTable(inspected: Inspected, signal: AbortSignal): Promise<Extracted> {
  if (inspected.mediaType !== xlsx) {
    return {
      ...{ title: null, author: null, parts: partsOf(read(inspected, signal)) },
      [Symbol.asyncDispose]: async () => {},
    };
  }
  const zip = await openZip(inspected.bytes);
  try {
    return {
      ...(await readCoreProperties(zip)),
      parts: partsOf(readXlsx(zip, signal)),
      [Symbol.asyncDispose]: () => zip[Symbol.asyncDispose](),
    };
  } catch (error) {
    await zip[Symbol.asyncDispose]();
    throw error;
  }
}

function read({ mediaType, bytes, text }: Inspected, signal: AbortSignal): AsyncIterable<TablePart> {
  switch (mediaType) {
    case 'application/json':
      return readJson(text ?? '', signal);
    case 'application/x-ndjson':
      return readJsonLines(text ?? '', signal);
    case 'application/vnd.apache.parquet':
      return readParquet(bytes, signal);
    default:
      return readCsv(text ?? '', mediaType === 'text/tab-separated-values' ? '\t' : null, signal);
  }
}

async function* partsOf(tables: AsyncIterable<TablePart>): AsyncGenerator<Part> {
  for await (const part of tables) {
    if (!('kind' in part)) {
      yield part;
      continue;
    }
    const { sheet } = part;
    const summary = new TableSummary(sheet);
    if (sheet.preamble !== null) yield* preamblePieces(sheet, sheet.preamble);
    yield* groupRows(sheet, (row) => summary.add(row));
    yield* summary.pieces();
  }
}

/** What stands above a table, in pieces that can be encoded whole. */
function* preamblePieces(
  { name, columns }: Sheet,
  { text, firstRow, lastRow }: NonNullable<Sheet['preamble']>,
): Generator<Piece> {
  let lines: string[] = [];
  const piece = (): Piece => ({
    modality: 'TABLE',
    locator: {
      ...{ kind: 'CellRange', sheet: name, firstRow, lastRow },
      ...{ firstColumn: 1, lastColumn: Math.max(1, columns.length) },
    },
    text: lines.join('\n'),
    digest: null,
  });
  for (const line of [...(name === null ? [] : [name]), ...text.split('\n')]) {
    if (lines.length > 0 && estimateTokens([...lines, line].join('\n')) > 200) {
      yield piece();
      lines = [];
    }
    lines.push(line.slice(0, 2_000));
  }
  if (lines.length > 0) yield piece();
}
