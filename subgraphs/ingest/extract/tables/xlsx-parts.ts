import { brokenOffice, type Zip } from '../office/open-zip.ts';
import { readRelations, scanWhole } from '../office/scan-part.ts';
import { attribute } from '../office/xml-scanner.ts';

/** All shared strings are in memory. */
const maxStringsBytes = 128 * 1024 * 1024;

/** How a number is shown, as far as it says what the number is. */
export type NumberKind = 'number' | 'percent' | 'currency' | 'date' | 'date and time' | 'time';

export interface WorkbookSheet {
  readonly name: string;
  readonly part: string;
  readonly hidden: boolean;
}

/** What the sheets of a workbook share. */
export interface Workbook {
  readonly sheets: readonly WorkbookSheet[];
  readonly strings: readonly string[];
  /** By the number of a cell's style. */
  readonly kinds: readonly NumberKind[];
  /** Whether days are counted from 1904, as old Macintosh programs do. */
  readonly from1904: boolean;
}

/** Reads what the sheets of a workbook share. */
export async function readWorkbook(zip: Zip): Promise<Workbook> {
  const main = 'xl/workbook.xml';
  const relations = await readRelations(zip, main);
  const sheets: WorkbookSheet[] = [];
  let from1904 = false;
  const there = await scanWhole(zip, main, {
    open(name, attributes) {
      if (name === 'workbookPr') from1904 = /^(?:1|true)$/.test(attribute(attributes, 'date1904') ?? '');
      if (name !== 'sheet') return;
      const relation = relations.get(attribute(attributes, 'id') ?? '');
      if (relation === undefined || relation.type !== 'worksheet') return;
      sheets.push({
        name: attribute(attributes, 'name') ?? `Sheet ${sheets.length + 1}`,
        part: relation.target,
        hidden: /hidden/i.test(attribute(attributes, 'state') ?? ''),
      });
    },
  });
  if (!there) throw brokenOffice(null, 'it has no workbook');
  const partOf = (type: string, fallback: string) =>
    [...relations.values()].find((relation) => relation.type === type)?.target ?? fallback;
  return {
    sheets,
    strings: await readStrings(zip, partOf('sharedStrings', 'xl/sharedStrings.xml')),
    kinds: await readStyles(zip, partOf('styles', 'xl/styles.xml')),
    from1904,
  };
}

async function readStrings(zip: Zip, part: string): Promise<string[]> {
  if (zip.sizeOf(part) > maxStringsBytes) {
    throw brokenOffice(
      null,
      `its texts have more than ${maxStringsBytes} bytes, which is more than is read at once`,
    );
  }
  const strings: string[] = [];
  let text = '';
  let inText = false;
  // How East Asian texts are pronounced is no part of them.
  let inReading = false;
  await scanWhole(zip, part, {
    open(name) {
      if (name === 'si') text = '';
      if (name === 'rPh') inReading = true;
      inText = name === 't' && !inReading;
    },
    close(name) {
      if (name === 'si') strings.push(text);
      if (name === 'rPh') inReading = false;
      if (name === 't') inText = false;
    },
    text(more) {
      if (inText) text += more;
    },
  });
  return strings;
}

async function readStyles(zip: Zip, part: string): Promise<NumberKind[]> {
  const formats = new Map<number, string>();
  const kinds: NumberKind[] = [];
  let inCells = false;
  await scanWhole(zip, part, {
    open(name, attributes) {
      if (name === 'numFmt') {
        formats.set(Number(attribute(attributes, 'numFmtId')), attribute(attributes, 'formatCode') ?? '');
      }
      if (name === 'cellXfs') inCells = true;
      if (name !== 'xf' || !inCells) return;
      const id = Number(attribute(attributes, 'numFmtId') ?? 0);
      kinds.push(kindOfFormat(formats.get(id) ?? builtIn(id)));
    },
    close(name) {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return kinds;
}

/** The formats that have a number and are not written out (ECMA-376 part 1, 18.8.30). */
function builtIn(id: number): string {
  if (id === 9 || id === 10) return '0%';
  if ((id >= 5 && id <= 8) || id === 42 || id === 44) return '$0';
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 58))
    return 'yyyy-mm-dd';
  if (id === 22) return 'yyyy-mm-dd hh:mm';
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47)) return 'hh:mm:ss';
  return 'General';
}

/** What a number with this format is: by the letters of days and hours in it, the percent sign, and signs of currencies. */
export function kindOfFormat(code: string): NumberKind {
  const isCurrency = /\[\$[^\]-]+|[$€£¥₹]/.test(code);
  const bare = code
    .replace(/"[^"]*"|\\.|_.|\*./g, '')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
    .split(';', 1)[0];
  if (bare === undefined || /^general$/i.test(bare)) return 'number';
  const hasDay = /[yd]/i.test(bare) || /m{3,}/i.test(bare);
  const hasTime = /[hs]/i.test(bare);
  if (hasDay) return hasTime ? 'date and time' : 'date';
  if (hasTime) return 'time';
  if (bare.includes('%')) return 'percent';
  return isCurrency ? 'currency' : 'number';
}
