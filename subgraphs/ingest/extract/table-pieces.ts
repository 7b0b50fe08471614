import type { Box } from '../../../platform/types.ts';
import type { Piece } from '../types.ts';
import { captionOfTable } from './find-caption.ts';
import { findPageTables, type PageTable } from './find-page-tables.ts';
import type { PdfPage } from './pdf-protocol.ts';
import { findHeader, nameColumns } from './tables/find-header.ts';
import { groupRows } from './tables/group-rows.ts';
import { ColumnType, cellOf } from './tables/type-columns.ts';
import type { Row, Sheet } from './tables/types.ts';

/**
 * The tables of a page as groups of rows, as those of files of tables are; each stands where its rows are on the page.
 * Their text is a part of the page's text as well.
 */
export async function* tablePieces(page: PdfPage, number: number): AsyncGenerator<Piece> {
  for (const table of findPageTables(page.runs)) {
    const boxes = table.places.map(({ left, top, right, bottom }) => ({
      left: left / page.width,
      top: top / page.height,
      width: (right - left) / page.width,
      height: (bottom - top) / page.height,
    }));
    const name = captionOfTable(page.text, page.lines, around(boxes));
    for await (const piece of groupRows(sheetOf(table, name), () => undefined)) {
      const { locator } = piece;
      if (locator.kind !== 'CellRange') continue;
      const box = around(boxes.slice(locator.firstRow - 1, locator.lastRow));
      yield { ...piece, locator: { kind: 'PageRegion', page: number, box } };
    }
  }
}

function sheetOf({ rows }: PageTable, name: string | null): Sheet {
  const header = findHeader(rows);
  const width = rows[0]?.length ?? 0;
  const body = rows.map((texts, index) => ({ texts, number: index + 1 })).slice((header ?? -1) + 1);
  const formats = Array.from({ length: width }, (_, column) => {
    const type = new ColumnType(false);
    for (const { texts } of body) {
      const text = texts[column] ?? '';
      if (text !== '') type.add(text);
    }
    return type.format();
  });
  async function* read(): AsyncGenerator<Row> {
    for (const { texts, number } of body) {
      yield { number, cells: texts.map((text, column) => cellOf(text, formats[column] ?? null)) };
    }
  }
  return {
    ...{ name, columnsKnown: true, preamble: null },
    columns: nameColumns(header === null ? [] : (rows[header] ?? []), width),
    rows: read(),
  };
}

/** The rectangle around all of them. */
function around(boxes: readonly Box[]): Box {
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  return {
    ...{ left, top },
    width: Math.max(...boxes.map((box) => box.left + box.width)) - left,
    height: Math.max(...boxes.map((box) => box.top + box.height)) - top,
  };
}
